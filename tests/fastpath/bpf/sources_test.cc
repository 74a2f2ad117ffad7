// Whom a rule is for: the networks that packets are looked up in, those of tables and those that rules name themselves.
#include "tests/fastpath/bpf/engine_fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

namespace {

struct SourcesFixture : EngineFixture {
  static TableEntry entry(const char* text) {
    TableEntry out;
    std::string_view rest = text;
    if (rest.starts_with('!')) {
      out.negated = true;
      rest.remove_prefix(1);
    }
    const auto slash = rest.find('/');
    out.address = *Address::parse(rest.substr(0, slash));
    if (slash != std::string_view::npos)
      out.length = static_cast<std::uint8_t>(std::stoi(std::string(rest.substr(slash + 1))));
    return out;
  }
  Status put(const Rule& what, const std::vector<const char*>& friends) {
    std::vector<TableEntry> entries;
    for (const char* text : friends) entries.push_back(entry(text));
    Transaction transaction = engine->begin();
    transaction.set_table("hcd/www", table_of("www", {"10.0.0.1"}));
    transaction.set_table("hcd/www", *make_table("friends", std::move(entries)));
    transaction.set_rules("hcd/www", {what});
    return engine->commit(transaction);
  }
  // All that packets find: "1:10.0.0.0/8 2:!10.1.0.0/16", by table.
  [[nodiscard]] std::string networks() const {
    std::string out;
    for (const auto& [at, negated] : memory.networks) {
      out += (out.empty() ? "" : " ") + std::to_string(at.first) + (negated ? ":!" : ":") + at.second.text();
    }
    return out;
  }
  [[nodiscard]] const abi::hcd_rule& record() const { return memory.rules[rule_index(rule)]; }
};

}  // namespace

TEST_GROUP_BASE(Sources, SourcesFixture){};

TEST(Sources, networks_that_a_rule_names_itself_come_and_go_with_it) {
  rule.from.networks = {{*Address::parse("10.0.0.0"), 8}, {*Address::parse("192.0.2.9"), 32}};
  must(put(rule, {}));
  CHECK_EQUAL(abi::HCD_RULE_FROM, record().flags);
  const std::string own = std::to_string(record().from);
  STRCMP_EQUAL((own + ":10.0.0.0/8 " + own + ":192.0.2.9").c_str(), networks().c_str());
  start();
  CHECK(engine->faults().empty());
  CHECK(engine->ruleset().at("hcd/www").rules.at(0) == rule);
  CHECK_EQUAL(2U, engine->ruleset().at("hcd/www").tables.size());
  must(remove("hcd/www"));
  STRCMP_EQUAL("", networks().c_str());
}

TEST(Sources, a_table_is_looked_up_in_as_long_as_a_rule_names_it_as_its_source) {
  must(put(rule, {"10.0.0.0/8", "!10.1.0.0/16"}));
  STRCMP_EQUAL("", networks().c_str());
  rule.from.table = "friends";
  rule.from.negated = true;
  must(put(rule, {"10.0.0.0/8", "!10.1.0.0/16"}));
  CHECK_EQUAL(abi::HCD_RULE_FROM_NOT, record().flags);
  const std::string table = std::to_string(record().from);
  STRCMP_EQUAL((table + ":10.0.0.0/8 " + table + ":!10.1.0.0/16").c_str(), networks().c_str());
  start();
  CHECK(engine->faults().empty());
  CHECK(engine->ruleset().at("hcd/www").rules.at(0) == rule);
  rule.from = {};
  must(put(rule, {"10.0.0.0/8", "!10.1.0.0/16"}));
  STRCMP_EQUAL("", networks().c_str());
}

TEST(Sources, a_table_changes_by_what_differs) {
  rule.from.table = "friends";
  must(put(rule, {"10.0.0.0/8", "!10.1.0.0/16", "10.2.0.0/16"}));
  const auto index = rule_index(rule);
  const std::string table = std::to_string(record().from);
  must(put(rule, {"10.0.0.0/8", "10.1.0.0/16", "10.3.0.0/16", "10.0.0.0/24"}));
  CHECK_EQUAL(index, rule_index(rule));
  STRCMP_EQUAL(
      (table + ":10.0.0.0/8 " + table + ":10.0.0.0/24 " + table + ":10.1.0.0/16 " + table + ":10.3.0.0/16").c_str(),
      networks().c_str());
}

TEST(Sources, what_the_kernel_has_no_room_for_leaves_all_as_it_was) {
  rule.from.table = "friends";
  must(put(rule, {"10.0.0.0/8", "!10.1.0.0/16"}));
  const std::string before = networks();
  memory.refuse_networks = true;
  CHECK(!put(rule, {"10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"}));
  STRCMP_EQUAL(before.c_str(), networks().c_str());
  CHECK(engine->ruleset().at("hcd/www").tables.at("friends").entries.size() == 2);
}

TEST(Sources, what_somebody_left_half_done_is_mended) {
  rule.from.table = "friends";
  must(put(rule, {"10.0.0.0/8", "10.1.0.0/16"}));
  const std::string before = networks();
  const std::uint32_t table = record().from;
  memory.networks.erase({table, {*Address::parse("10.0.0.0"), 8}});
  memory.networks[{table, {*Address::parse("10.1.0.0"), 16}}] = true;
  memory.networks[{table + 5, {*Address::parse("10.9.0.0"), 16}}] = false;
  start();
  STRCMP_EQUAL(before.c_str(), networks().c_str());
}

TEST(Sources, other_networks_are_another_rule_to_packets) {
  rule.from.networks = {{*Address::parse("10.0.0.0"), 8}};
  must(put(rule, {}));
  const auto index = rule_index(rule);
  rule.from.networks = {{*Address::parse("10.0.0.0"), 9}};
  must(put(rule, {}));
  CHECK(index != rule_index(rule));
  const std::string own = std::to_string(record().from);
  STRCMP_EQUAL((own + ":10.0.0.0/9").c_str(), networks().c_str());
  CHECK_EQUAL(0U, memory.rules[index].ring);
}
