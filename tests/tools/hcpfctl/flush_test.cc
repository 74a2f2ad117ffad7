#include "tools/hcpfctl/flush.h"

#include "tests/tools/hcpfctl/fixture.h"
#include "tools/hcpfctl/act.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcpfctl;

TEST_GROUP(Flush) {
  FakeKernel fake;

  void setup() override {
    auto transaction = fake.engine.begin();
    auto kept = *fastpath::make_table("kept", {{at("198.51.100.1")}});
    kept.persist = true;
    transaction.set_table("mine", *fastpath::make_table("mail", {{at("10.0.0.3")}}));
    transaction.set_table("mine", std::move(kept));
    transaction.set_rules("mine", {{.to = at("192.0.2.25"), .port = 25, .table = "mail"}});
    CHECK(fake.engine.commit(transaction).has_value());
  }
  void says(const char* err, std::initializer_list<const char*> words) {
    const auto options = parse(words);
    if (!options) FAIL(options.error().text.c_str());
    const auto answer = options->zero     ? zero_rules(*options, *fake.maps)
                        : options->acts() ? act(*options, *fake.maps, fake.clock)
                                          : flush(*options, fake.kernel());
    if (!answer) FAIL(answer.error().text.c_str());
    STRCMP_EQUAL(err, answer->err.c_str());
  }
  void refuses(const char* error, std::initializer_list<const char*> words) {
    const auto options = parse(words);
    if (!options) FAIL(options.error().text.c_str());
    const auto before = fake.engine.ruleset();
    const auto answer = flush(*options, fake.kernel());
    CHECK(!answer.has_value());
    STRCMP_EQUAL(error, answer.error().text.c_str());
    CHECK(before == fake.engine.ruleset());
  }
};

TEST(Flush, rules_go_with_their_tables_but_not_with_those_that_persist) {
  says("rules cleared\n", {"-a", "mine", "-F", "rules"});
  const auto& mine = fake.engine.ruleset().at("mine");
  CHECK(mine.rules.empty());
  CHECK(mine.tables.contains("kept"));
  CHECK(!mine.tables.contains("mail"));
  CHECK(fake.engine.ruleset().contains("hcd/www"));
}

TEST(Flush, an_anchor_without_anything_is_no_anchor) {
  says("nat cleared\n", {"-a", "hcd/*", "-F", "nat"});
  CHECK(!fake.engine.ruleset().contains("hcd/www"));
  CHECK(fake.engine.ruleset().contains("mine"));
}

TEST(Flush, tables_that_rules_name_stay) {
  refuses("Table mail is used by rules of anchor 'mine': flush them first.", {"-a", "mine", "-F", "Tables"});
  says("rules cleared\n", {"-a", "mine", "-F", "rules"});
  says("1 tables deleted.\n", {"-a", "mine", "-F", "Tables"});
  CHECK(!fake.engine.ruleset().contains("mine"));
}

TEST(Flush, all_takes_everything_there_is) {
  fake.memory.reasons[abi::HCD_NO_ROUTE] = 3;
  says(
      "rules cleared\nnat cleared\n3 tables deleted.\n0 states cleared\nsource tracking entries cleared\npf: "
      "statistics cleared\n",
      {"-F", "all"});
  CHECK(fake.engine.ruleset().empty());
  LONGS_EQUAL(0, fake.memory.reasons[abi::HCD_NO_ROUTE]);
}

TEST(Flush, all_of_an_anchor_leaves_the_others_and_what_is_of_all) {
  fake.memory.reasons[abi::HCD_NO_ROUTE] = 3;
  says("rules cleared\nnat cleared\n2 tables deleted.\n", {"-a", "mine", "-F", "all"});
  CHECK(!fake.engine.ruleset().contains("mine"));
  CHECK(fake.engine.ruleset().contains("hcd/www"));
  LONGS_EQUAL(3, fake.memory.reasons[abi::HCD_NO_ROUTE]);
}

TEST(Flush, info_begins_to_count_anew) {
  fake.memory.reasons[abi::HCD_NO_ROUTE] = 3;
  says("pf: statistics cleared\n", {"-F", "info"});
  LONGS_EQUAL(0, fake.memory.reasons[abi::HCD_NO_ROUTE]);
  LONGS_EQUAL(2'000'000, fake.memory.globals.since);
}

TEST(Flush, an_anchor_that_does_not_exist) {
  refuses("Anchor 'x' does not exist.", {"-a", "x", "-F", "rules"});
}

TEST(Flush, z_clears_the_counters_of_rules) {
  for (auto& stats : fake.memory.rule_stats) stats.evaluations = 5;
  says("pf: rule counters cleared\n", {"-a", "mine", "-z"});
  std::size_t cleared = 0;
  for (const auto& stats : fake.memory.rule_stats) cleared += stats.evaluations == 0;
  LONGS_EQUAL(1, cleared);
  says("pf: rule counters cleared\n", {"-z"});
  cleared = 0;
  for (const auto& stats : fake.memory.rule_stats) cleared += stats.evaluations == 0;
  LONGS_EQUAL(2, cleared);
}
