// What else a rule says: that the packet path is told, and that the next daemon reads it back.
#include "fastpath/bpf/record.h"
#include "tests/fastpath/bpf/engine_fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

namespace {

struct OptionsFixture : EngineFixture {
  [[nodiscard]] const abi::hcd_rule& record() const { return memory.rules[rule_index(rule)]; }
  // Committed, and after a restart still what it was.
  void keep() {
    Transaction transaction = engine->begin();
    transaction.set_table("hcd/www", table_of("www", {"10.0.0.1", "10.0.0.2"}));
    transaction.set_table("hcd/www", table_of("bad", {}));
    transaction.set_rules("hcd/www", {rule});
    must(engine->commit(transaction));
    start();
    CHECK(engine->faults().empty());
    STRCMP_EQUAL(canonical(rule).c_str(), canonical(engine->ruleset().at("hcd/www").rules.at(0)).c_str());
    CHECK(engine->ruleset().at("hcd/www").rules.at(0) == rule);
  }
};

}  // namespace

TEST_GROUP_BASE(RuleOptions, OptionsFixture){};

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

TEST(RuleOptions, ports_are_kept_moved_or_all_led_to_one) {
  rule.port = 1000;
  rule.last_port = 1999;
  rule.target_port = 0;
  keep();
  LONGS_EQUAL(abi::HCD_RULE_PORTS, record().flags);
  LONGS_EQUAL(0, record().target);
  CHECK(host_index("10.0.0.1", 0) != 0);
  rule.target_port = 8000;
  rule.target_range = true;
  keep();
  const abi::hcd_rule& moved = record();
  LONGS_EQUAL(abi::HCD_RULE_PORTS | abi::HCD_RULE_SHIFT, moved.flags);
  LONGS_EQUAL(1000, moved.first);
  LONGS_EQUAL(1999, moved.last);
  LONGS_EQUAL(8000, moved.target);
  rule.target_range = false;
  keep();
  CHECK(host_index("10.0.0.1", 8000) != 0);
  rule = {.to = rule.to, .table = "www"};  // any port
  keep();
}

TEST(RuleOptions, every_method_is_told_and_has_its_kind_of_ring) {
  rule.method = Method::Random;
  keep();
  LONGS_EQUAL(abi::HCD_RANDOM, record().method);
  STRCMP_EQUAL("10.0.0.1:8080 10.0.0.2:8080", ring(rule).c_str());
  const auto index = rule_index(rule);
  rule.method = Method::Hash;
  rule.key.emplace().fill(7);
  keep();
  LONGS_EQUAL(index, rule_index(rule));
  LONGS_EQUAL(abi::HCD_HASH, record().method);
  LONGS_EQUAL(0x0707070707070707, record().hash_key[1]);
  STRCMP_EQUAL("1024 slots", ring(rule).c_str());
}

// Another kind of ring is another rule to packets: what one of them holds is no host to the other.
TEST(RuleOptions, least_states_has_hosts_and_weights_and_a_rule_of_its_own) {
  keep();
  const auto index = rule_index(rule);
  rule.method = Method::LeastStates;
  keep();
  LONGS_EQUAL(0, memory.rules[index].ring);
  const abi::hcd_rule& least = record();
  LONGS_EQUAL(index, least.next);
  LONGS_EQUAL(abi::HCD_LEAST_STATES, least.method);
  LONGS_EQUAL(4, least.ring & 0xffffffff);
  const auto* host = memory.rings[least.ring >> 32].host;
  LONGS_EQUAL(host_index("10.0.0.1"), host[0]);
  LONGS_EQUAL(1, host[1]);
  LONGS_EQUAL(host_index("10.0.0.2"), host[2]);
}

TEST(RuleOptions, limits_and_tracking_are_told_and_read_back) {
  rule.sticky = true;
  rule.timeouts[Timeout::SrcTrack] = Seconds(300);
  rule.limits = {.max = 100,
                 .source_track = SourceTrack::Rule,
                 .max_src_nodes = 10,
                 .max_src_states = 20,
                 .max_src_conn = 30,
                 .max_src_conn_rate = 40,
                 .rate_seconds = Seconds(64),
                 .overload = "bad",
                 .flush = Flush::Global};
  CHECK(validate(rule).has_value());
  const abi::hcd_rule record = record_of(rule, {.overload = 7, .timeouts = 2}, memory.globals);
  LONGS_EQUAL(abi::HCD_RULE_STICKY | abi::HCD_RULE_SOURCE_TRACK, record.flags);
  LONGS_EQUAL(100, record.max_states);
  LONGS_EQUAL(10, record.max_src_nodes);
  LONGS_EQUAL(20, record.max_src_states);
  LONGS_EQUAL(30, record.max_src_conn);
  LONGS_EQUAL(40, record.max_src_rate);
  LONGS_EQUAL(1000, record.rate_ticks);
  LONGS_EQUAL(7, record.overload);
  LONGS_EQUAL(2, record.flush);
  LONGS_EQUAL(2, record.timeouts);
  abi::hcd_rule_info info{};
  describe(rule, info);
  Rule back = rule_of(record, info);
  back.table = rule.table;
  back.limits.overload = rule.limits.overload;
  STRCMP_EQUAL(canonical(rule).c_str(), canonical(back).c_str());
  CHECK(back == rule);
}

TEST(RuleOptions, a_limit_of_states_changes_in_force) {
  rule.limits.max = 100;
  keep();
  const auto index = rule_index(rule);
  LONGS_EQUAL(100, record().max_states);
  rule.limits.max = 200;
  keep();
  LONGS_EQUAL(200, record().max_states);
  LONGS_EQUAL(index, rule_index(rule));
}

TEST(RuleOptions, rules_that_agree_on_their_timeouts_share_a_set) {
  memory.timeout_sets[0].ticks[abi::HCD_TM_TCP_CLOSED] = 99;
  rule.timeouts = {{Timeout::TcpFirst, Seconds(64)}};
  keep();
  Rule other = rule, third = rule;
  other.port = 81;
  third.port = 82;
  third.timeouts = {{Timeout::TcpFirst, Seconds(128)}};
  Transaction transaction = engine->begin();
  transaction.set_rules("hcd/www", {rule, other, third});
  must(engine->commit(transaction));
  LONGS_EQUAL(record().timeouts, memory.rules[rule_index(other)].timeouts);
  LONGS_EQUAL(1000, memory.timeout_sets[record().timeouts].ticks[abi::HCD_TM_TCP_FIRST]);
  LONGS_EQUAL(99, memory.timeout_sets[record().timeouts].ticks[abi::HCD_TM_TCP_CLOSED]);
  LONGS_EQUAL(2000, memory.timeout_sets[memory.rules[rule_index(third)].timeouts].ticks[abi::HCD_TM_TCP_FIRST]);
  const auto set = record().timeouts;
  rule.timeouts.clear();
  keep();
  LONGS_EQUAL(0, record().timeouts);
  CHECK(set != 0);
}

TEST(RuleOptions, more_sets_of_timeouts_than_there_are_is_refused) {
  std::vector<Rule> rules;
  for (std::uint16_t i = 0; i < 8; i++) {
    rules.push_back(rule);
    rules.back().port = static_cast<std::uint16_t>(80 + i);
    rules.back().timeouts = {{Timeout::TcpFirst, Seconds(10 + i)}};
  }
  Transaction transaction = engine->begin();
  transaction.set_table("hcd/www", table_of("www", {"10.0.0.1"}));
  transaction.set_rules("hcd/www", rules);
  const auto refused = engine->commit(transaction);
  CHECK(!refused);
  STRCMP_CONTAINS("there are 7 sets of timeouts already", refused.error().text.c_str());
  CHECK(engine->ruleset().empty());
}

TEST(RuleOptions, a_host_names_the_only_rule_that_leads_to_it) {
  keep();
  const auto host = host_index("10.0.0.1");
  LONGS_EQUAL(rule_index(rule), memory.hosts[host].rule);
  Rule other = rule;
  other.port = 81;
  must(load("hcd/other", other, {"10.0.0.1"}));
  LONGS_EQUAL(0, memory.hosts[host].rule);
  must(remove("hcd/www"));
  LONGS_EQUAL(rule_index(other), memory.hosts[host].rule);
}
