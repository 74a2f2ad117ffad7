// What else a rule says: that the packet path is told, and that the next daemon reads it back.
#include "tests/fastpath/bpf/engine_fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

TEST_GROUP_BASE(RuleOptions, EngineFixture){[[nodiscard]] const abi::hcd_rule &
                                            record() const {return memory.rules[rule_index(rule)];
}
// Committed, and after a restart still what it was.
void keep() {
  must(load("hcd/www", rule, {"10.0.0.1", "10.0.0.2"}));
  start();
  CHECK(engine->faults().empty());
  STRCMP_EQUAL(canonical(rule).c_str(), canonical(engine->ruleset().at("hcd/www").rules.at(0)).c_str());
  CHECK(engine->ruleset().at("hcd/www").rules.at(0) == rule);
}
}
;

TEST(RuleOptions, keep_ttl_is_a_flag_that_comes_and_goes_with_the_rule_in_force) {
  rule.keep_ttl = true;
  keep();
  const auto index = rule_index(rule);
  LONGS_EQUAL(abi::HCD_RULE_KEEP_TTL, record().flags);
  rule.keep_ttl = false;
  keep();
  LONGS_EQUAL(0, record().flags);
  LONGS_EQUAL(index, rule_index(rule));
}

TEST(RuleOptions, sloppy_is_a_flag_beside_the_other) {
  rule.sloppy = rule.keep_ttl = true;
  keep();
  LONGS_EQUAL(abi::HCD_RULE_KEEP_TTL | abi::HCD_RULE_SLOPPY, record().flags);
}
