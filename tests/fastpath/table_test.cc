#include "fastpath/table.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

namespace {

TableEntry entry(const char* address, int weight = 1) {
  return {*Address::parse(address), static_cast<std::uint16_t>(weight)};
}

void refuses(const char* sentence, const Result<Table>& table) {
  CHECK(!table.has_value());
  STRCMP_EQUAL(sentence, table.error().text.c_str());
}

}  // namespace

TEST_GROUP(Table){};

TEST(Table, is_kept_in_ascending_address_order) {
  const auto table = make_table("www", {entry("10.0.0.10"), entry("2001:db8::1"), entry("10.0.0.9")});
  CHECK(table.has_value());
  STRCMP_EQUAL("10.0.0.9", table->entries[0].address.text().c_str());
  STRCMP_EQUAL("10.0.0.10", table->entries[1].address.text().c_str());
  STRCMP_EQUAL("2001:db8::1", table->entries[2].address.text().c_str());
}

TEST(Table, may_be_empty) {
  CHECK(make_table("www", {})->entries.empty());
}

TEST(Table, refuses_an_address_given_twice_even_with_another_weight) {
  refuses("table www: 10.0.0.1 given twice", make_table("www", {entry("10.0.0.1", 1), entry("10.0.0.1", 2)}));
}

TEST(Table, refuses_a_weight_out_of_range) {
  refuses("table www: 10.0.0.1: weight 0 is not within 1 and 1000", make_table("www", {entry("10.0.0.1", 0)}));
  refuses("table www: 10.0.0.1: weight 1001 is not within 1 and 1000", make_table("www", {entry("10.0.0.1", 1001)}));
}

TEST(Table, holds_networks_and_exceptions_from_them) {
  const auto table = make_table("t", {{*Address::parse("10.0.0.1"), 1, 32},
                                      {*Address::parse("10.1.0.0"), 1, 16, true},
                                      {*Address::parse("10.0.0.0"), 1, 8}});
  CHECK(table.has_value());
  STRCMP_EQUAL("10.0.0.0/8", table->entries[0].text().c_str());
  STRCMP_EQUAL("10.0.0.1", table->entries[1].text().c_str());
  CHECK(table->entries[1].is_address());
  STRCMP_EQUAL("!10.1.0.0/16", table->entries[2].text().c_str());
  refuses("table t: 10.0.0.1/8 has bits set behind its length", make_table("t", {{*Address::parse("10.0.0.1"), 1, 8}}));
  refuses("table t: 10.0.0.0/33 is longer than an address", make_table("t", {{*Address::parse("10.0.0.0"), 1, 33}}));
  refuses("table t: 10.0.0.0/8 given twice",
          make_table("t", {{*Address::parse("10.0.0.0"), 1, 8}, {*Address::parse("10.0.0.0"), 1, 8, true}}));
}

TEST(Table, refuses_a_bad_name) {
  refuses("a table needs a name", make_table("", {}));
  refuses("table a b: the name holds a blank, a bracket or a control character", make_table("a b", {}));
  refuses("table a\\x0a: the name holds a blank, a bracket or a control character", make_table("a\n", {}));
  CHECK(make_table(std::string(31, 'x'), {}).has_value());
  LONGS_EQUAL(Code::Limit, make_table(std::string(32, 'x'), {}).error().code);
}
