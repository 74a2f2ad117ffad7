#include "fastpath/base/text.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;

TEST_GROUP(Text){};

TEST(Text, parse_number_refuses_sign_blank_suffix_and_range) {
  CHECK(parse_number<unsigned>("80", 1, 65535) == 80U);
  for (const char* bad : {"", " 80", "80 ", "+80", "-1", "80x", "0", "65536", "99999999999999999999"})
    CHECK(!parse_number<unsigned>(bad, 1, 65535));
}

TEST(Text, split_keeps_empty_parts) {
  const auto parts = split("a,,b,", ',');
  CHECK_EQUAL(4U, parts.size());
  CHECK(parts[1].empty() && parts[3].empty());
}

TEST(Text, printable_escapes_what_disturbs_a_terminal) {
  STRCMP_EQUAL("a\\x1b[31m\\xff", printable("a\x1b[31m\xff").c_str());
  STRCMP_EQUAL("abc", printable("abcdef", 3).c_str());
}

TEST(Text, hex_round_trips_and_refuses_odd_or_foreign_digits) {
  STRCMP_EQUAL("00ff7a", to_hex(*from_hex("00FF7a")).c_str());
  CHECK(!from_hex("abc"));
  CHECK(!from_hex("zz"));
}

TEST(Text, prefix_is_unique_ambiguous_or_exact) {
  std::size_t index = 9;
  CHECK(match_prefix("su", {"summary", "services", "show"}, index) == PrefixMatch::Unique);
  CHECK_EQUAL(0U, index);
  CHECK(match_prefix("s", {"summary", "services"}, index) == PrefixMatch::Ambiguous);
  CHECK(match_prefix("show", {"showall", "show"}, index) == PrefixMatch::Unique);
  CHECK_EQUAL(1U, index);
  CHECK(match_prefix("", {"a"}, index) == PrefixMatch::None);
}
