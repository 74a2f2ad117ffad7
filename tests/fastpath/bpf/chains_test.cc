// Several rules for one destination: who meets a packet first, and what becomes of the others when one comes or goes.
#include <algorithm>
#include <random>
#include <set>

#include "tests/fastpath/bpf/engine_fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

namespace {

struct ChainsFixture : EngineFixture {
  // For clients of a network of its own, by which it is told apart; its label is its number.
  [[nodiscard]] Rule of(int number) const {
    Rule out = rule;
    out.from.networks = {{Address::v4(htonl(0x0a000000U + (static_cast<std::uint32_t>(number) << 8))), 24}};
    out.label = std::to_string(number);
    return out;
  }
  Status put_rules(const char* anchor, const std::vector<Rule>& rules) {
    Transaction transaction = engine->begin();
    transaction.set_table(anchor, table_of("www", {"10.0.0.1", "10.0.0.2"}));
    transaction.set_rules(anchor, rules);
    return engine->commit(transaction);
  }
  Status put(const char* anchor, const std::vector<int>& numbers) {
    std::vector<Rule> rules;
    for (const int number : numbers) rules.push_back(of(number));
    return put_rules(anchor, rules);
  }
  [[nodiscard]] std::vector<std::uint32_t> indexes() const {
    std::vector<std::uint32_t> out;
    for (std::uint32_t at = rule_index(rule); at != 0 && out.size() < 100; at = memory.rules[at].next)
      out.push_back(at);
    return out;
  }
  // The labels of the rules that a packet meets, those out of force in brackets.
  [[nodiscard]] std::string chain() const {
    std::string out;
    for (const std::uint32_t at : indexes()) {
      const std::string label = memory.rule_infos[at].label;
      out += (out.empty() ? "" : " ") + (memory.rules[at].ring != 0 ? label : "(" + label + ")");
    }
    return out;
  }
};

}  // namespace

TEST_GROUP_BASE(Chains, ChainsFixture){};

TEST(Chains, rules_for_one_destination_stand_in_the_order_of_evaluation) {
  must(put("hcd/b", {1, 2, 3}));
  STRCMP_EQUAL("1 2 3", chain().c_str());
  must(put("hcd/c", {4}));
  must(put("hcd/a", {5, 6}));
  STRCMP_EQUAL("5 6 1 2 3 4", chain().c_str());
}

TEST(Chains, a_rule_that_comes_takes_its_place_and_moves_no_other) {
  must(put("hcd/www", {1, 3}));
  const auto before = indexes();
  must(put("hcd/www", {0, 1, 2, 3, 4}));
  STRCMP_EQUAL("0 1 2 3 4", chain().c_str());
  CHECK_EQUAL(before[0], indexes()[1]);
  CHECK_EQUAL(before[1], indexes()[3]);
}

TEST(Chains, a_rule_that_goes_stays_for_its_states_and_then_leaves_the_chain) {
  must(put("hcd/www", {1, 2, 3}));
  state(indexes()[1], host_index("10.0.0.1"));
  must(put("hcd/www", {3}));
  STRCMP_EQUAL("(1) (2) 3", chain().c_str());
  for (int i = 0; i < 70; i++) must(put("hcd/www", {3, 4 + i}));  // until room is made
  CHECK(!chain().contains("(1)"));
  STRCMP_CONTAINS("(2) 3 73", chain().c_str());
}

TEST(Chains, a_rule_that_comes_back_has_its_index_again) {
  must(put("hcd/www", {1, 2, 3}));
  const auto before = indexes();
  must(put("hcd/www", {1, 3}));
  STRCMP_EQUAL("1 (2) 3", chain().c_str());
  must(put("hcd/www", {1, 2, 3}));
  STRCMP_EQUAL("1 2 3", chain().c_str());
  CHECK(before == indexes());
}

TEST(Chains, a_rule_that_is_moved_is_made_anew_and_its_old_self_retires) {
  must(put("hcd/www", {1, 2, 3}));
  const auto before = indexes();
  must(put("hcd/www", {2, 3, 1}));
  STRCMP_EQUAL("(1) 2 3 1", chain().c_str());
  CHECK_EQUAL(before[1], indexes()[1]);
  start();
  CHECK(engine->faults().empty());
  CHECK_EQUAL(3U, engine->ruleset().at("hcd/www").rules.size());
}

TEST(Chains, the_last_rule_that_goes_takes_the_destination_with_it) {
  must(put("hcd/www", {1, 2}));
  must(remove("hcd/www"));
  STRCMP_EQUAL("(1) (2)", chain().c_str());
  for (int i = 0; i < 70; i++) {  // until room is made
    Rule other = of(7);
    other.port = static_cast<std::uint16_t>(1000 + i);
    must(put_rules("hcd/other", {other}));
  }
  CHECK_EQUAL(0U, indexes().size());
}

TEST(Chains, an_interface_goes_before_any_interface) {
  Rule any = rule, bound = rule;
  any.label = "any";
  bound.label = "bound";
  bound.interface = "eth0";
  bound.ifindex = 7;
  must(put_rules("hcd/www", {bound, any}));
  STRCMP_EQUAL("bound any", chain().c_str());
  CHECK(!put_rules("hcd/www", {any, bound}));
}

TEST(Chains, rules_for_many_ports_have_a_chain_of_their_own) {
  Rule range = rule, rest = rule;
  range.port = 1000;
  range.last_port = 1999;
  rest.port = 0;
  range.target_port = rest.target_port = 0;
  must(put_rules("hcd/www", {rule, range, rest}));
  const std::uint32_t first = find(memory.vips, {rule.to, 0});
  CHECK_EQUAL(abi::HCD_RULE_PORTS, memory.rules[first].flags);
  CHECK_EQUAL(1000, memory.rules[first].first);
  CHECK_EQUAL(1999, memory.rules[first].last);
  const abi::hcd_rule& second = memory.rules[memory.rules[first].next];
  CHECK_EQUAL(0U, second.flags);
  CHECK_EQUAL(0U, second.next);
  CHECK_EQUAL(1U, indexes().size());
  CHECK_EQUAL(abi::HCD_ANY_PORT_RULES | abi::HCD_ANY_PORT_HOSTS, memory.settings.flags);
  CHECK(host_index("10.0.0.1", 0) != 0);
}

TEST(Chains, a_commit_that_fails_leaves_the_chain_alone) {
  must(put("hcd/www", {1, 2}));
  memory.refuse_networks = true;
  CHECK(!put("hcd/www", {3, 1, 2}));
  STRCMP_EQUAL("1 2", chain().c_str());
  memory.refuse_networks = false;
  must(put("hcd/www", {3, 1, 2}));
  STRCMP_EQUAL("3 1 2", chain().c_str());
}

TEST(Chains, no_more_rules_than_packets_look_at) {
  memory = FakeMemory(256);
  memory.tables.resize(256);
  start();
  std::vector<int> numbers;
  for (int i = 0; i < 30; i++) numbers.push_back(i);
  must(put("hcd/www", numbers));
  for (int round = 0; round < 3; round++) {
    for (int& number : numbers) number += 30;
    must(put("hcd/www", numbers));  // those of before the last go, for they have no states
    CHECK(indexes().size() <= abi::HCD_CHAIN);
  }
}

TEST(Chains, a_broken_chain_is_mended_and_said) {
  must(put("hcd/www", {1, 2, 3}));
  const auto before = indexes();
  memory.rules[before[0]].next = before[2];
  memory.rules[before[2]].next = before[2];
  start();
  CHECK_EQUAL(1U, engine->faults().size());
  STRCMP_EQUAL("the rules for 192.0.2.80:80 were not in their order", engine->faults()[0].c_str());
  STRCMP_EQUAL("1 2 3", chain().c_str());
}

TEST(Chains, a_walk_of_random_commits_always_ends_in_the_order_of_evaluation) {
  std::mt19937 random(7);
  std::vector<int> all = {0, 1, 2, 3, 4, 5, 6, 7};
  for (int step = 0; step < 200; step++) {
    std::ranges::shuffle(all, random);
    const std::size_t split = random() % all.size(), end = split + random() % (all.size() - split);
    const auto cut = [&](std::size_t from, std::size_t to) {
      return std::vector<int>(all.begin() + static_cast<std::ptrdiff_t>(from),
                              all.begin() + static_cast<std::ptrdiff_t>(to));
    };
    const std::vector<int> a = cut(0, split), b = cut(split, end);
    Transaction transaction = engine->begin();
    for (const auto& [name, numbers] : {std::pair("hcd/a", a), std::pair("hcd/b", b)}) {
      std::vector<Rule> rules;
      for (const int number : numbers) rules.push_back(of(number));
      transaction.set_table(name, table_of("www", {"10.0.0.1"}));
      transaction.set_rules(name, std::move(rules));
    }
    must(engine->commit(transaction));
    std::string wanted, got;
    for (const auto& numbers : {a, b}) {
      for (const int number : numbers) wanted += std::to_string(number) + " ";
    }
    for (const std::uint32_t at : indexes()) {
      if (memory.rules[at].ring != 0) got += std::string(memory.rule_infos[at].label) + " ";
    }
    STRCMP_EQUAL(wanted.c_str(), got.c_str());
    if (step % 20 == 0) start();
    CHECK(engine->faults().empty());
  }
}
