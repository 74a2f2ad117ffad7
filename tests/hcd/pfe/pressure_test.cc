#include "hcd/pfe/pressure.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::pfe;
using hcd::fastpath::Pressure;

TEST_GROUP(PressureWatch) {
  PressureWatch watch;

  std::string told(const Pressure& now) {
    std::string out;
    for (const auto& news : watch.look(now)) out += (news.begins ? "+ " : "- ") + news.text + "\n";
    return out;
  }
};

TEST(PressureWatch, a_flood_is_told_of_when_it_begins_and_when_it_is_over) {
  STRCMP_EQUAL("", told({}).c_str());
  STRCMP_EQUAL("+ a flood of SYNs: those beyond the syn guard go on without a state\n",
               told({.flood = true, .unstored = 100, .resumed = 10}).c_str());
  STRCMP_EQUAL("", told({.flood = true, .unstored = 900, .resumed = 15}).c_str());
  STRCMP_EQUAL("- the flood of SYNs is over: 800 went on without a state, 5 of them became connections\n",
               told({}).c_str());
  STRCMP_EQUAL("", told({}).c_str());
}

TEST(PressureWatch, a_full_table_says_what_becomes_of_new_flows) {
  STRCMP_EQUAL("+ the state table is full: new flows are dropped\n", told({.full = true, .dropped = 1}).c_str());
  told({.full = true, .dropped = 8});
  STRCMP_EQUAL("- the state table has room again: 7 packets were dropped, 0 went on without a state\n",
               told({}).c_str());
  STRCMP_EQUAL("+ the state table is full: new flows go on by hash, without a state\n",
               told({.full = true, .by_hash = true}).c_str());
}

TEST(PressureWatch, counters_that_were_cleared_meanwhile_count_from_there) {
  told({.flood = true, .unstored = 1000, .resumed = 100});
  told({.flood = true, .unstored = 20, .resumed = 2});
  STRCMP_EQUAL("- the flood of SYNs is over: 20 went on without a state, 2 of them became connections\n",
               told({}).c_str());
}
