#include "fastpath/pfconf/print.h"

#include "tests/fastpath/pfconf/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;
using namespace hcd::fastpath::pfconf;

TEST_GROUP(PfConfPrint) {
  // FASTPATH.md's example
  Rule www{.interface = "em0",
           .ifindex = 2,
           .to = *Address::parse("192.0.2.80"),
           .port = 80,
           .label = "hcd:www",
           .tag = "HCD",
           .established = Seconds(600),
           .table = "www",
           .target_port = 8080,
           .sticky = true};

  static void prints(const char* expected, const Rule& rule, Dialect dialect) {
    const auto text = print(rule, dialect);
    STRCMP_EQUAL(expected, text ? text->c_str() : text.error().text.c_str());
    if (!text) return;
    Fixture file;
    const auto again = file.load("table <" + rule.table + "> { 10.0.0.1 }\n" + *text);
    STRCMP_EQUAL("", again ? "" : again.error().text.c_str());
    CHECK(again->anchors.at("a").rules == std::vector{rule});
  }
  // In the newer dialect of pf's own
  static void refused(const char* why, const Rule& rule) {
    const std::string expected = std::string("rule for 192.0.2.80:80: ") + why;
    prints(expected.c_str(), rule, Dialect::New);
    CHECK(print(rule, Dialect::Ours).has_value());
  }
  static void refused_before(const char* why, const Rule& rule) {
    const std::string expected = std::string("rule for 192.0.2.80:80: ") + why;
    prints(expected.c_str(), rule, Dialect::Old);
  }
  Rule plain() {
    Rule rule = www;
    rule.label.clear();
    rule.established = Seconds(0);
    return rule;
  }
};

TEST(PfConfPrint, the_canonical_form_of_both_dialects) {
  prints(
      "pass in quick on em0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state (tcp.established "
      "600) "
      "label \"hcd:www\" tag HCD rdr-to <www> port 8080 round-robin sticky-address",
      www, Dialect::New);
  prints(
      "rdr on em0 inet proto tcp from any to 192.0.2.80 port = 80 tag HCD -> <www> port 8080 round-robin "
      "sticky-address",
      plain(), Dialect::Old);
  STRCMP_EQUAL(
      "rdr on em0 inet proto tcp from any to 192.0.2.80 port = 80 tag HCD -> <www> port 8080 round-robin "
      "sticky-address",
      translation(www).c_str());
}

TEST(PfConfPrint, the_older_dialect_says_why_it_has_no_word) {
  Rule rule = plain();
  rule.method = Method::Random;
  refused_before("tables are only supported in round-robin redirection pools", rule);
  rule.method = Method::SourceHash;
  refused_before("tables are only supported in round-robin redirection pools", rule);
  rule.method = Method::LeastStates;
  refused_before("pf before OpenBSD 4.7 has no least-states", rule);
  refused_before("a rdr rule has no label", www);
  rule = plain();
  rule.established = Seconds(600);
  refused_before("a rdr rule has no state options", rule);
}

TEST(PfConfPrint, what_pf_has_no_word_for_is_ours_alone) {
  Rule rule = www;
  rule.method = Method::Hash;
  refused("pf cannot choose by a hash of the whole flow", rule);
  rule = www;
  rule.keep_ttl = true;
  refused("pf has no word for keep-ttl", rule);
  rule = www;
  rule.limits = {.source_track = SourceTrack::Global, .max_src_conn = 3};
  refused("'max-src-conn' is incompatible with 'source-track global'", rule);
}

TEST(PfConfPrint, tables_with_weights_are_the_newer_dialects) {
  auto table = *make_table("web", {{*Address::parse("10.0.0.1"), 3}, {*Address::parse("10.1.0.0"), 1, 16, true}});
  table.persist = true;
  STRCMP_EQUAL("table <web> persist { 10.0.0.1 weight 3 !10.1.0.0/16 }", print(table, Dialect::New)->c_str());
  STRCMP_EQUAL("table web: pf before OpenBSD 4.7 has no weights", print(table, Dialect::Old).error().text.c_str());
}
