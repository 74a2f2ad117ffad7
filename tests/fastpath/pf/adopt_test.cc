#include "fastpath/pf/adopt.h"

#include "fastpath/pf/pf_engine.h"
#include "tests/fake/fake_loop.h"
#include "tests/fake/recorded_pfctl.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;
using namespace hcd::fastpath::pf;

TEST_GROUP(PfAdopt) {
  test::RecordedPfctl pfctl;
  test::FakeLoop clock;
  static constexpr const char* kRule =
      "pass in quick on em0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state (tcp.established "
      "600) "
      "label \"hcd:www\" tag HCD rdr-to <www> port 8080 round-robin sticky-address\n";
  static constexpr const char* kTable =
      "   10.0.0.1\n\tCleared:     Tue Dec  1 01:06:40 2026\n\tActive States:      1\n\tWeight:             3\n"
      "   10.0.0.2\n\tCleared:     Tue Dec  1 01:06:40 2026\n";

  void teardown() override {
    LONGS_EQUAL(0, pfctl.steps.size());
  }
  void expect(const char* arguments, const char* out) {
    pfctl.expect(arguments, "", {.out = out});
  }
  Rule www() const {
    return {.interface = "em0",
            .ifindex = 7,
            .to = *Address::parse("192.0.2.80"),
            .port = 80,
            .label = "hcd:www",
            .tag = "HCD",
            .established = Seconds(600),
            .table = "www",
            .target_port = 8080,
            .sticky = true};
  }
  void expect_www() {
    expect("-a hcd -s Anchors", "  hcd/www\n");
    expect("-a hcd/www -s Tables", "www\n");
    expect("-a hcd/www -t www -vv -T show", kTable);
    expect("-a hcd/www -s rules", kRule);
  }
};

TEST(PfAdopt, rules_and_tables_with_their_weights_are_read_back) {
  expect_www();
  const auto adopted = adopt(pfctl, Dialect::New, "hcd");
  LONGS_EQUAL(0, adopted->faults.size());
  LONGS_EQUAL(1, adopted->anchors.size());
  const Anchor& anchor = adopted->anchors.at("hcd/www");
  LONGS_EQUAL(1, anchor.rules.size());
  STRCMP_EQUAL("em0", anchor.rules[0].interface.c_str());
  STRCMP_EQUAL("hcd:www", anchor.rules[0].label.c_str());
  const auto& entries = anchor.tables.at("www").entries;
  LONGS_EQUAL(2, entries.size());
  LONGS_EQUAL(3, entries[0].weight);
  LONGS_EQUAL(1, entries[1].weight);
}

TEST(PfAdopt, an_engine_that_finds_what_it_wants_runs_nothing) {
  expect_www();
  PfEngine engine(pfctl, Dialect::New, clock);
  LONGS_EQUAL(0, engine.adopt("hcd")->size());
  auto transaction = engine.begin();
  Table table = *make_table("www", {{*Address::parse("10.0.0.1"), 3}, {*Address::parse("10.0.0.2")}});
  table.persist = true;
  transaction.set_table("hcd/www", table);
  transaction.set_rules("hcd/www", {www()});
  CHECK(engine.commit(transaction).has_value());
  LONGS_EQUAL(7, engine.ruleset().at("hcd/www").rules[0].ifindex);
}

TEST(PfAdopt, what_no_service_has_any_more_can_be_taken_away) {
  expect_www();
  PfEngine engine(pfctl, Dialect::New, clock);
  CHECK(engine.adopt("hcd").has_value());
  auto transaction = engine.begin();
  transaction.remove_anchor("hcd/www");
  pfctl.expect("-q -a hcd/www -F rules");
  pfctl.expect("-q -a hcd/www -F Tables");
  CHECK(engine.commit(transaction).has_value());
  CHECK(engine.ruleset().empty());
}

TEST(PfAdopt, before_openbsd_4_7_translations_are_read_and_their_labels_are_not) {
  expect("-a hcd -s Anchors", "  hcd/old\n  hcd/www\n  hcd/x\n");
  expect("-a hcd/old -s Tables", "");
  expect("-a hcd/old -s nat", "");
  expect("-a hcd/old -s rules", "pass in quick all flags S/SA keep state\n");
  expect("-a hcd/www -s Tables", "www\n");
  expect("-a hcd/www -t www -vv -T show", kTable);
  expect("-a hcd/www -s nat",
         "rdr on em0 inet proto tcp from any to 192.0.2.80 port = 80 tag HCD -> <www> port 8080 round-robin "
         "sticky-address\n");
  expect("-a hcd/x -s Tables", "");
  expect("-a hcd/x -s nat", "");
  expect("-a hcd/x -s rules", "");
  const auto adopted = adopt(pfctl, Dialect::Old, "hcd");
  LONGS_EQUAL(0, adopted->faults.size());
  LONGS_EQUAL(2, adopted->anchors.size());  // hcd/x is empty
  CHECK(adopted->anchors.at("hcd/old").rules.empty());
  LONGS_EQUAL(8080, adopted->anchors.at("hcd/www").rules.at(0).target_port);
  STRCMP_EQUAL("", adopted->anchors.at("hcd/www").rules[0].label.c_str());
}

TEST(PfAdopt, what_is_not_understood_is_told_and_counts_as_being_without_rules) {
  expect("-a hcd -s Anchors", "  hcd/a\n  hcd/b\n  other/www\nnot an anchor\n  hcd/\"\n");
  expect("-a hcd/a -s Tables", "www\n");
  expect("-a hcd/a -t www -vv -T show", "   10.0.0.1\n\tWeight:             many\n");
  expect("-a hcd/b -s Tables", "");
  expect("-a hcd/b -s rules", "block drop all\n");
  const auto adopted = adopt(pfctl, Dialect::New, "hcd");
  LONGS_EQUAL(2, adopted->faults.size());
  STRCMP_EQUAL(
      "anchor hcd/a is not understood, and will be replaced: pfctl printed what is not understood: \\x09Weight:        "
      "  "
      "   many",
      adopted->faults[0].c_str());
  STRCMP_CONTAINS("anchor hcd/b is not understood", adopted->faults[1].c_str());
  LONGS_EQUAL(2, adopted->anchors.size());
  CHECK(adopted->anchors.at("hcd/b") == Anchor());
}

TEST(PfAdopt, a_pfctl_that_cannot_list_anchors_is_an_error) {
  pfctl.expect("-a hcd -s Anchors", "", {.status = 1, .err = "pfctl: /dev/pf: No such file or directory\n"});
  STRCMP_EQUAL("pfctl -a hcd -s Anchors: pfctl: /dev/pf: No such file or directory",
               adopt(pfctl, Dialect::New, "hcd").error().text.c_str());
}
