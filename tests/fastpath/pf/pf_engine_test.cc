#include "fastpath/pf/pf_engine.h"

#include "tests/fake/fake_loop.h"
#include "tests/fake/recorded_pfctl.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;
using namespace hcd::fastpath::pf;

namespace {

Address at(const char* text) {
  return *Address::parse(text);
}

}  // namespace

TEST_GROUP(PfEngine) {
  test::RecordedPfctl pfctl;
  test::FakeLoop clock;
  PfEngine engine{pfctl, Dialect::New, clock};
  Rule www{.interface = "em0",
           .to = at("192.0.2.80"),
           .port = 80,
           .label = "hcd:www",
           .tag = "HCD",
           .established = Seconds(600),
           .table = "www",
           .target_port = 8080,
           .sticky = true};

  void teardown() override {
    LONGS_EQUAL(0, pfctl.steps.size());
  }
  void expect(const char* arguments, const char* input = "", PfctlOutput output = {}) {
    pfctl.expect(arguments, input, std::move(output));
  }
  static Table table(std::vector<TableEntry> entries) {
    return *make_table("www", std::move(entries));
  }
  Status load(PfEngine & into, std::vector<TableEntry> entries) {
    auto transaction = into.begin();
    transaction.set_table("hcd/www", table(std::move(entries)));
    transaction.set_rules("hcd/www", {www});
    return into.commit(transaction);
  }
  void must(const Status& status) {
    if (!status) FAIL(status.error().text.c_str());
  }
  void expect_load() {
    expect("-q -a hcd/www -t www -T replace -f -", "10.0.0.1\n10.0.0.2\n");
    expect(
        "-q -a hcd/www -f -",
        "table <www> persist\n"
        "pass in quick on em0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state (tcp.established "
        "600) label \"hcd:www\" tag HCD rdr-to <www> port 8080 round-robin sticky-address\n");
  }
  void loaded() {
    expect_load();
    must(load(engine, {{at("10.0.0.2")}, {at("10.0.0.1")}}));
  }
};

TEST(PfEngine, cuts_a_hosts_sessions_by_its_address_and_an_anchors_by_its_labels_even_when_it_is_gone) {
  loaded();
  expect("-k 0.0.0.0/0 -k 10.0.0.1", "", {.err = "killed 2 states from 1 sources and 1 destinations\n"});
  LONGS_EQUAL(2, *engine.cut({{"hcd/www", at("10.0.0.1")}}));
  expect("-k ::/0 -k 2001:db8::1", "", {.err = "killed 0 states from 1 sources and 1 destinations\n"});
  LONGS_EQUAL(0, *engine.cut({{"hcd/www", at("2001:db8::1")}}));
  auto transaction = engine.begin();
  transaction.remove_anchor("hcd/www");
  expect("-q -a hcd/www -F rules");
  expect("-q -a hcd/www -F Tables");
  must(engine.commit(transaction));
  expect("-k label -k hcd:www", "", {.err = "killed 3 states\n"});
  LONGS_EQUAL(3, *engine.cut({{"hcd/www", {}}}));
  expect("-k label -k hcd:www", "", {.err = "killed some states\n"});
  STRCMP_EQUAL("pfctl printed what is not understood: killed some states",
               engine.cut({{"hcd/www", {}}}).error().text.c_str());
  expect("-k label -k hcd:www", "", {.status = 1, .err = "pfctl: /dev/pf: Permission denied\n"});
  STRCMP_EQUAL("pfctl -k label -k hcd:www: pfctl: /dev/pf: Permission denied",
               engine.cut({{"hcd/www", {}}}).error().text.c_str());
}

TEST(PfEngine, before_openbsd_4_7_no_label_says_which_sessions_are_an_anchors) {
  PfEngine old(pfctl, Dialect::Old, clock);
  STRCMP_EQUAL("pf before OpenBSD 4.7 has no labels on redirections", old.cut({{"hcd/www", {}}}).error().text.c_str());
}

TEST(PfEngine, loads_a_table_then_the_rules_that_name_it_in_pfs_canonical_form) {
  loaded();
  LONGS_EQUAL(1, engine.ruleset().size());
}

TEST(PfEngine, the_older_dialect_translates_and_says_the_rest_in_a_filter_rule) {
  PfEngine older(pfctl, Dialect::Old, clock);
  expect("-q -a hcd/www -t www -T replace -f -", "10.0.0.1\n");
  expect(
      "-q -a hcd/www -f -",
      "table <www> persist\n"
      "rdr on em0 inet proto tcp from any to 192.0.2.80 port = 80 tag HCD -> <www> port 8080 round-robin "
      "sticky-address\n"
      "pass in quick on em0 inet proto tcp from any to <www> port = 8080 flags S/SA keep state (tcp.established 600) "
      "label \"hcd:www\" tagged HCD\n");
  must(load(older, {{at("10.0.0.1")}}));
}

TEST(PfEngine, a_host_that_goes_is_one_command) {
  loaded();
  expect("-q -a hcd/www -t www -T replace -f -", "10.0.0.2\n");
  auto transaction = engine.begin();
  transaction.set_table("hcd/www", table({{at("10.0.0.2")}}));
  must(engine.commit(transaction));
}

TEST(PfEngine, weights_are_said_where_the_rules_are_loaded_and_a_host_whose_weight_changes_is_taken_out_first) {
  loaded();
  const auto rules = [](const char* table) {
    return std::string(table) +
           "pass in quick on em0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state "
           "(tcp.established 600) label \"hcd:www\" tag HCD rdr-to <www> port 8080 round-robin sticky-address\n";
  };
  const auto becomes = [this](std::vector<TableEntry> entries) {
    auto transaction = engine.begin();
    transaction.set_table("hcd/www", table(std::move(entries)));
    must(engine.commit(transaction));
  };
  const std::string first = rules("table <www> persist { 10.0.0.1 weight 3 10.0.0.2 }\n");
  expect("-q -a hcd/www -t www -T replace -f -", "10.0.0.2\n");
  expect("-q -a hcd/www -f -", first.c_str());
  becomes({{at("10.0.0.1"), 3}, {at("10.0.0.2")}});
  const std::string second = rules("table <www> persist { 10.0.0.1 weight 3 10.0.0.2 10.0.0.3 weight 2 }\n");
  expect("-q -a hcd/www -f -", second.c_str());  // one that comes takes nobody out
  becomes({{at("10.0.0.1"), 3}, {at("10.0.0.2")}, {at("10.0.0.3"), 2}});
  const std::string third = rules("table <www> persist { 10.0.0.1 10.0.0.2 }\n");
  expect("-q -a hcd/www -t www -T replace -f -", "10.0.0.2\n");
  expect("-q -a hcd/www -f -", third.c_str());
  becomes({{at("10.0.0.1")}, {at("10.0.0.2")}});
  const std::string fourth = rules("table <www> persist { 10.0.0.1 weight 2 10.0.0.2 weight 5 }\n");
  expect("-q -a hcd/www -t www -T replace -f -", "10.0.0.1\n");  // all change: the table is never empty
  expect("-q -a hcd/www -f -", fourth.c_str());
  expect("-q -a hcd/www -t www -T replace -f -", "10.0.0.2\n");
  expect("-q -a hcd/www -f -", fourth.c_str());
  becomes({{at("10.0.0.1"), 2}, {at("10.0.0.2"), 5}});
}

TEST(PfEngine, an_anchor_goes_with_its_rules_and_tables) {
  loaded();
  expect("-q -a hcd/www -F rules");
  expect("-q -a hcd/www -F Tables");
  auto transaction = engine.begin();
  transaction.remove_anchor("hcd/www");
  must(engine.commit(transaction));
  CHECK(engine.ruleset().empty());
}

TEST(PfEngine, what_the_dialect_has_no_word_for_runs_nothing) {
  PfEngine older(pfctl, Dialect::Old, clock);
  www.method = Method::LeastStates;
  const auto done = load(older, {{at("10.0.0.1")}});
  CHECK(!done.has_value());
  STRCMP_EQUAL("rule for 192.0.2.80:80: pf before OpenBSD 4.7 has no least-states", done.error().text.c_str());
  CHECK(older.ruleset().empty());
}

TEST(PfEngine, what_ran_before_a_failure_is_undone) {
  loaded();
  www.target_port = 8081;
  expect("-q -a hcd/www -t www -T replace -f -", "10.0.0.3\n");
  expect("-q -a hcd/www -f -",
         "table <www> persist\n"
         "pass in quick on em0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state (tcp.established "
         "600) label \"hcd:www\" tag HCD rdr-to <www> port 8081 round-robin sticky-address\n",
         {.status = 1, .err = "pfctl: DIOCXCOMMIT: Device busy\n"});
  expect_load();
  const auto before = engine.ruleset();
  const auto done = load(engine, {{at("10.0.0.3")}});
  STRCMP_EQUAL("pfctl -q -a hcd/www -f -: pfctl: DIOCXCOMMIT: Device busy", done.error().text.c_str());
  CHECK(before == engine.ruleset());
}

TEST(PfEngine, counters_are_read_back) {
  loaded();
  expect("-a hcd/www -s labels", "", {.out = "hcd:www 1234 100 20235 56 7890 44 12345 17\n"});
  const auto rules = engine.rule_counters("hcd/www");
  LONGS_EQUAL(56, rules->packets[0]);
  LONGS_EQUAL(12345, rules->bytes[1]);
  LONGS_EQUAL(17, rules->states);
  expect("-a hcd/www -t www -vv -T show", "",
         {.out = "   10.0.0.1\n"
                 "\tCleared:     Sun Nov 23 01:06:40 2025\n"
                 "\tIn/Block:    [ Packets: 0                  Bytes: 0                  ]\n"
                 "\tIn/Pass:     [ Packets: 5                  Bytes: 50                 ]\n"
                 "\tOut/Block:   [ Packets: 0                  Bytes: 0                  ]\n"
                 "\tOut/Pass:    [ Packets: 4                  Bytes: 40                 ]\n"
                 "   10.0.0.2\n"
                 "\tCleared:     Sun Nov 23 01:06:40 2025\n"});
  const auto hosts = engine.table_counters("hcd/www", "www");
  LONGS_EQUAL(2, hosts->size());
  CHECK((*hosts)[0].address == at("10.0.0.1"));
  LONGS_EQUAL(5, (*hosts)[0].counters.packets[0]);
  LONGS_EQUAL(40, (*hosts)[0].counters.bytes[1]);
  CHECK(!engine.rule_counters("x").has_value());
  CHECK(!engine.table_counters("hcd/www", "x").has_value());
}

TEST(PfEngine, who_asks_often_for_counters_gets_those_of_a_little_before) {
  loaded();
  const auto packets = [this] { return engine.rule_counters("hcd/www")->packets[0]; };
  expect("-a hcd/www -s labels", "", {.out = "hcd:www 1 1 10 1 10 0 0 1\n"});
  LONGS_EQUAL(1, packets());
  LONGS_EQUAL(1, packets());
  clock.advance(Seconds(1));
  expect("-a hcd/www -s labels", "", {.out = "hcd:www 1 2 20 2 20 0 0 1\n"});
  LONGS_EQUAL(2, packets());
}

TEST(PfEngine, of_many_anchors_some_are_asked_each_second_and_all_have_their_turn) {
  constexpr unsigned kAnchors = PfEngine::kAsksEachSecond * 2 + 5;
  PfEngine many(pfctl, Dialect::New, clock);
  std::string list;
  const auto name = [](unsigned i) { return "hcd/s" + std::to_string(100 + i); };
  for (unsigned i = 0; i < kAnchors; i++) list += "  " + name(i) + "\n";
  expect("-a hcd -s Anchors", "", {.out = list});
  for (unsigned i = 0; i < kAnchors; i++) {
    expect(("-a " + name(i) + " -s Tables").c_str());
    expect(("-a " + name(i) + " -s rules").c_str(), "", {.out = "nonsense\n"});
  }
  LONGS_EQUAL(kAnchors, many.adopt("hcd")->size());
  unsigned counted = 0;
  for (int second = 0; second < 3; second++) {
    const unsigned now = std::min(PfEngine::kAsksEachSecond, kAnchors - counted);
    for (unsigned i = 0; i < now; i++) expect(("-a " + name(counted + i) + " -s labels").c_str());
    counted += now;
    unsigned known = 0;
    for (unsigned i = 0; i < kAnchors; i++) known += many.rule_counters(name(i)).has_value() ? 1 : 0;
    LONGS_EQUAL(counted, known);
    LONGS_EQUAL(0, pfctl.steps.size());
    clock.advance(Seconds(1));
  }
}

TEST(PfEngine, states_are_read_back_and_what_is_not_ours_is_left_out) {
  expect("-s states", "",
         {.out = "all tcp 10.0.0.1:8080 (192.0.2.80:80) <- 203.0.113.7:51514       ESTABLISHED:ESTABLISHED\n"
                 "all icmp 10.0.0.1:8 <- 203.0.113.7:1       0:0\n"
                 "all tcp 203.0.113.7:51514 -> 10.0.0.1:8080       ESTABLISHED:ESTABLISHED\n"
                 "all udp 2001:db8::1[53] (2001:db8::53[53]) <- 2001:db8:f::7[5353]       SINGLE:MULTIPLE\n"});
  const auto states = engine.states();
  LONGS_EQUAL(2, states->size());
  CHECK((*states)[0] == (PfState{.host = at("10.0.0.1"),
                                 .to = at("192.0.2.80"),
                                 .client = at("203.0.113.7"),
                                 .host_port = 8080,
                                 .to_port = 80,
                                 .client_port = 51514,
                                 .host_side = "ESTABLISHED",
                                 .client_side = "ESTABLISHED"}));
  CHECK((*states)[1].proto == Proto::Udp);
  LONGS_EQUAL(5353, (*states)[1].client_port);
}

TEST(PfEngine, output_that_is_not_understood_is_an_error_that_quotes_it) {
  STRCMP_EQUAL("pfctl printed what is not understood: hcd:www 1 2", read_labels("hcd:www 1 2\n").error().text.c_str());
  STRCMP_EQUAL("pfctl printed what is not understood: \\x09In/Pass: [ Packets: x Bytes: 1 ]",
               read_table("   10.0.0.1\n\tIn/Pass: [ Packets: x Bytes: 1 ]\n").error().text.c_str());
  CHECK(!read_table("\tCleared: now\n\tIn/Pass:\n").has_value());
  CHECK(!read_table("  www\n").has_value());
}

TEST(PfEngine, the_dialect_is_probed_without_loading_anything) {
  const char* const newer = "pass in quick inet proto tcp from any to 192.0.2.1 port = 80 rdr-to 192.0.2.2\n";
  const char* const older = "rdr inet proto tcp from any to 192.0.2.1 port = 80 -> 192.0.2.2\n";
  const PfctlOutput refused{.status = 1, .err = "stdin:1: syntax error\n"};
  expect("-n -f -", newer);
  CHECK(*probe_dialect(pfctl) == Dialect::New);
  expect("-n -f -", newer, refused);
  expect("-n -f -", older);
  CHECK(*probe_dialect(pfctl) == Dialect::Old);
  expect("-n -f -", newer, refused);
  expect("-n -f -", older, refused);
  STRCMP_EQUAL("pfctl reads neither dialect of redirection: pfctl -n -f -: stdin:1: syntax error",
               probe_dialect(pfctl).error().text.c_str());
}
