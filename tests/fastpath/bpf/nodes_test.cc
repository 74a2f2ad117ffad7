// Source nodes and overloaded addresses, which packets make, beside the rules and tables that userland makes.
#include "fastpath/bpf/overloaded.h"
#include "fastpath/bpf/sources.h"
#include "fastpath/bpf/states.h"
#include "kmod/source.h"
#include "tests/fastpath/bpf/engine_fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

namespace {

struct NodesFixture : EngineFixture {
  // As packets make it: a client's node that leads to the host.
  void lead(const char* client, const char* host, std::uint32_t states) {
    __u64 words[2] = {};
    std::memcpy(words, Address::parse(client)->bytes.data(), 4);
    const std::uint32_t index = rule_index(rule);
    const auto hash = abi::hcd_source_hash({{1, 2}}, index, words, 0);
    memory.sources[hash & 63] = {.key = abi::hcd_source_key(hash, index, 0),
                                 .addr = {words[0], words[1]},
                                 .lead = abi::hcd_lead(host_index(host), memory.rules[index].version),
                                 .states = states,
                                 .track = 1000};
    memory.pulse.sources++;
    memory.cursors[index].sources++;
  }
  [[nodiscard]] std::string nodes() const {
    std::string out;
    for (const auto& node : memory.sources) {
      if (node.key == 0) continue;
      const auto host = abi::hcd_lead_host(node.lead);
      out += (out.empty() ? "" : " ") + (host == 0 ? "none" : Endpoint::of(memory.hosts[host].at).address.text()) +
             ":" + std::to_string(node.states);
    }
    return out;
  }
  void overload(const char* address, std::uint32_t tick) {
    memory.overloaded[{memory.rules[rule_index(rule)].overload, {*Address::parse(address), 32}}] = tick;
    memory.pulse.overloads++;
  }
  Status load_limited(const std::vector<std::string>& bad) {
    rule.limits = {.source_track = SourceTrack::Rule, .max_src_conn = 10, .overload = "bad"};
    Transaction transaction = engine->begin();
    transaction.set_table("hcd/www", table_of("www", {"10.0.0.1"}));
    transaction.set_table("hcd/www", table_of("bad", bad));
    transaction.set_rules("hcd/www", {rule});
    return engine->commit(transaction);
  }
};

}  // namespace

TEST_GROUP_BASE(Nodes, NodesFixture){};

TEST(Nodes, go_with_the_host_that_they_lead_to) {
  rule.sticky = true;
  must(load("hcd/www", rule, {"10.0.0.1", "10.0.0.2"}));
  lead("203.0.113.7", "10.0.0.1", 0);
  lead("203.0.113.8", "10.0.0.2", 0);
  must(load("hcd/www", rule, {"10.0.0.2", "10.0.0.3"}));
  STRCMP_EQUAL("10.0.0.2:0", nodes().c_str());
  LONGS_EQUAL(1, memory.pulse.sources);
  LONGS_EQUAL(1, memory.cursors[rule_index(rule)].sources);
}

TEST(Nodes, with_states_go_on_to_count_them_and_lead_nowhere) {
  rule.sticky = true;
  must(load("hcd/www", rule, {"10.0.0.1", "10.0.0.2"}));
  lead("203.0.113.7", "10.0.0.1", 2);
  must(load("hcd/www", rule, {"10.0.0.2"}));
  STRCMP_EQUAL("none:2", nodes().c_str());
  LONGS_EQUAL(1, memory.pulse.sources);
}

TEST(Nodes, a_table_that_has_changed_is_of_another_version) {
  rule.sticky = true;
  must(load("hcd/www", rule, {"10.0.0.1"}));
  const auto before = memory.rules[rule_index(rule)].version;
  must(load("hcd/www", rule, {"10.0.0.1"}));
  LONGS_EQUAL(before, memory.rules[rule_index(rule)].version);
  must(load("hcd/www", rule, {"10.0.0.1", "10.0.0.2"}));
  LONGS_EQUAL(before + 2, memory.rules[rule_index(rule)].version);
}

TEST(Nodes, a_state_that_userland_ends_is_counted_there_no_more) {
  rule.limits = {.source_track = SourceTrack::Rule, .max_src_conn = 10};
  must(load("hcd/www", rule, {"10.0.0.1"}));
  lead("203.0.113.7", "10.0.0.1", 2);
  abi::hcd_source* node = nullptr;
  for (auto& one : memory.sources) {
    if (one.key != 0) node = &one;
  }
  node->conns = 1;
  const auto flags = static_cast<std::uint16_t>(abi::HCD_MORE_SOURCE | abi::HCD_MORE_CONN);
  const auto client = *Address::parse("203.0.113.7");
  leave_sources(engine->maps().views(), clock.now(), client, rule_index(rule), flags);
  LONGS_EQUAL(1, node->states);
  LONGS_EQUAL(0, node->conns);
  node->track = 0;
  leave_sources(engine->maps().views(), clock.now(), client, rule_index(rule), abi::HCD_MORE_SOURCE);
  STRCMP_EQUAL("", nodes().c_str());
  LONGS_EQUAL(0, memory.pulse.sources);
  leave_sources(engine->maps().views(), clock.now(), client, rule_index(rule), abi::HCD_MORE_GLOBAL);  // has none
}

TEST(Nodes, overloaded_addresses_outlive_commits_and_restarts_and_are_no_part_of_the_ruleset) {
  must(load_limited({"192.0.2.9"}));
  overload("203.0.113.7", 100);
  must(load_limited({"192.0.2.9", "192.0.2.10"}));
  start();
  CHECK(engine->faults().empty());
  LONGS_EQUAL(1, memory.overloaded.size());
  LONGS_EQUAL(2, engine->ruleset().at("hcd/www").tables.at("bad").entries.size());
  const auto found = overloaded(engine->maps(), clock.now());
  CHECK(found.has_value());
  STRCMP_EQUAL("203.0.113.7", found->at(0).network.text().c_str());
  LONGS_EQUAL(seconds_of(memory.globals, tick_at(memory.globals, clock.now()) - 100).count(), found->at(0).age.count());
}

TEST(Nodes, overloaded_addresses_go_with_the_last_rule_that_names_the_table) {
  must(load_limited({}));
  overload("203.0.113.7", 100);
  rule.limits = {};
  Transaction transaction = engine->begin();
  transaction.set_rules("hcd/www", {rule});
  must(engine->commit(transaction));
  LONGS_EQUAL(0, memory.overloaded.size());
}

TEST(Nodes, overloaded_addresses_of_no_table_are_mended_away) {
  must(load_limited({}));
  memory.overloaded[{13, {*Address::parse("203.0.113.7"), 32}}] = 1;
  start();
  LONGS_EQUAL(0, memory.overloaded.size());
}
