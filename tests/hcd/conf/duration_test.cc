#include "hcd/conf/duration.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

TEST_GROUP(Duration){};

TEST(Duration, a_number_is_seconds_unless_it_has_a_unit) {
  CHECK(parse_duration("30") == Seconds(30));
  CHECK(parse_duration("500ms") == Milliseconds(500));
  CHECK(parse_duration("10m") == Seconds(600));
  CHECK(parse_duration("2h") == Seconds(7200));
  CHECK(parse_duration("4294967295d").has_value());
}

TEST(Duration, anything_else_is_none) {
  for (const auto* text : {"", "s", "1.5", "-1", "+1", "1 s", "1sec", "4294967296", "0x10", "1s1"})
    CHECK_TEXT(!parse_duration(text), text);
}

TEST(Duration, it_is_written_back_as_it_is_read) {
  STRCMP_EQUAL("500ms", duration_text(Milliseconds(500)).c_str());
  STRCMP_EQUAL("1500ms", duration_text(Milliseconds(1500)).c_str());
  STRCMP_EQUAL("600", duration_text(Seconds(600)).c_str());
  STRCMP_EQUAL("10m", brief_text(Seconds(600)).c_str());
  STRCMP_EQUAL("90s", brief_text(Seconds(90)).c_str());
  STRCMP_EQUAL("0ms", brief_text(Seconds(0)).c_str());
}
