#include "tests/fastpath/pfconf/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;
using namespace hcd::fastpath::pfconf;

TEST_GROUP(PfConfLoad) {
  Fixture file;

  void fails(const char* expected, const std::string& text, const std::string& anchor = "a") {
    const std::string errors = file.errors(text, anchor);
    STRCMP_EQUAL(expected, errors.substr(0, errors.find('\n')).c_str());
  }
  Anchor anchor(const std::string& text) {
    const auto conf = file.load(text);
    STRCMP_EQUAL("", conf ? "" : conf.error().text.c_str());
    CHECK(conf->anchors.contains("a"));
    return conf->anchors.at("a");
  }
  std::string rules(const std::string& text) {
    std::string out;
    for (const Rule& rule : anchor(text).rules) out += canonical(rule) + "\n";
    return out;
  }
};

TEST(PfConfLoad, the_talks_rule_needs_no_protocol) {
  STRCMP_EQUAL(
      "pass in quick inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA rdr-to <webservers> round-robin\n",
      rules("public_ip = 192.0.2.80\ntable <webservers> { 10.0.0.1 }\n"
            "rdr from any to $public_ip port http -> <webservers>\n")
          .c_str());
}

TEST(PfConfLoad, an_empty_file_is_an_empty_anchor) {
  CHECK(anchor("") == Anchor{});
}

TEST(PfConfLoad, the_main_ruleset_has_no_rules_or_tables_of_its_own) {
  fails("pf.conf:1:1: a rule stands in an anchor: name it with -a, or write anchor \"name\" { }",
        "pass in quick to 192.0.2.1 rdr-to 10.0.0.1", "");
  fails("pf.conf:1:1: a table stands in an anchor: name it with -a, or write anchor \"name\" { }", "table <t> { }", "");
  CHECK(file.load("anchor \"hcd/*\"\nset limit states 5", "")->anchors.empty());
}

TEST(PfConfLoad, anchors_are_below_the_one_that_the_file_is_for) {
  const auto conf = file.load("anchor \"b\" { anchor \"c/*\" { table <t> persist\n } }");
  CHECK(conf.has_value());
  LONGS_EQUAL(2, conf->anchors.size());
  CHECK(conf->anchors.contains("a"));
  CHECK(conf->anchors.at("a/b/c").tables.at("t").persist);
}

TEST(PfConfLoad, who_holds_anchors_alone_is_emptied_if_it_held_rules) {
  file.in_force["a/b"].rules = {{.to = *Address::parse("192.0.2.1"), .port = 80, .table = "t"}};
  const auto conf = file.load("anchor \"b\" { anchor \"c\" { } }");
  CHECK(conf->anchors.at("a/b").rules.empty());
}

TEST(PfConfLoad, a_rule_may_name_a_table_that_the_anchor_has) {
  fails("pf.conf:1:1: rule for 192.0.2.1: table kept does not exist", "pass in quick to 192.0.2.1 rdr-to <kept>");
  file.in_force["a"].tables["kept"] = *make_table("kept", {{*Address::parse("10.0.0.1")}});
  LONGS_EQUAL(1, anchor("pass in quick to 192.0.2.1 rdr-to <kept>").rules.size());
  file.in_force["b"] = file.in_force["a"];
  file.in_force.erase("a");
  fails("pf.conf:1:1: rule for 192.0.2.1: table kept does not exist", "pass in quick to 192.0.2.1 rdr-to <kept>");
}

TEST(PfConfLoad, an_address_that_another_anchor_redirects_is_refused) {
  file.in_force["other"].rules = {{.to = *Address::parse("192.0.2.1"), .port = 80, .table = "t"}};
  fails("pf.conf:2:1: anchor \"other\": 192.0.2.1:80/tcp is already redirected by anchor \"a\"",
        "\npass in quick to 192.0.2.1 port 80 rdr-to 10.0.0.1");
  file.in_force["a"] = file.in_force["other"];  // which this file replaces
  file.in_force.erase("other");
  LONGS_EQUAL(1, anchor("pass in quick to 192.0.2.1 port 80 rdr-to 10.0.0.1").rules.size());
}

TEST(PfConfLoad, bits_behind_the_length_of_a_network_are_cleared) {
  const Anchor out =
      anchor("table <t> { 10.1.2.3/8, 172.16/12 }\npass in quick from 10.1.2.3/24 to 192.0.2.1 rdr-to 10.0.0.1");
  STRCMP_EQUAL("10.0.0.0/8", out.tables.at("t").entries[0].text().c_str());
  STRCMP_EQUAL("172.16.0.0/12", out.tables.at("t").entries[1].text().c_str());
  STRCMP_EQUAL("10.1.2.0/24", out.rules[0].from.networks[0].text().c_str());
}

TEST(PfConfLoad, a_limit_of_sources_tracks_them_as_pf_does) {
  const auto track = [&](const std::string& options) {
    return anchor("pass in quick to 192.0.2.1 keep state (" + options + ") rdr-to 10.0.0.1")
        .rules[0]
        .limits.source_track;
  };
  CHECK(track("max 5") == SourceTrack::None);
  CHECK(track("max-src-states 5") == SourceTrack::Global);
  CHECK(track("max-src-states 5, max-src-conn 5") == SourceTrack::Rule);
  CHECK(track("max-src-nodes 5") == SourceTrack::Rule);
  CHECK(track("source-track rule max-src-states 5") == SourceTrack::Rule);
  CHECK(track("source-track, max-src-states 5") == SourceTrack::Global);
}

TEST(PfConfLoad, addresses_to_redirect_to_are_a_table_and_the_same_ones_the_same_table) {
  const Anchor out = anchor(
      "table <__pool_0> { 10.0.0.9 }\n"
      "pass in quick to 192.0.2.1 rdr-to { 10.0.0.2 weight 2, 10.0.0.1 }\n"
      "pass in quick to 192.0.2.2 rdr-to { 10.0.0.1 10.0.0.2 weight 2 }\n");
  LONGS_EQUAL(2, out.tables.size());
  STRCMP_EQUAL("__pool_1", out.rules[0].table.c_str());
  STRCMP_EQUAL("__pool_1", out.rules[1].table.c_str());
  LONGS_EQUAL(2, out.tables.at("__pool_1").entries[1].weight);
}

TEST(PfConfLoad, lists_may_not_multiply_without_end) {
  std::string ports = "port {";
  for (int port = 1; port <= 1000; port++) ports += " " + std::to_string(port);
  std::string hosts = "to {";
  for (int host = 1; host <= 100; host++) hosts += " 192.0.2." + std::to_string(host);
  fails("pf.conf:1:1: more than 65535 rules", "pass in quick " + hosts + " } " + ports + " } rdr-to 10.0.0.1");
}

TEST(PfConfLoad, anchors_may_not_be_nested_without_end) {
  std::string text;
  for (int i = 0; i < 100000; i++) text += "anchor \"b\" { ";
  CHECK(!file.load(text).has_value());
}

TEST(PfConfLoad, what_is_included_and_what_is_defined_from_outside) {
  file.files.files["more.conf"] = "table <web> { $host }\n";
  file.macros["host"] = "10.0.0.7";
  const Anchor out = anchor("host = 10.0.0.1\ninclude \"more.conf\"\npass in quick to 192.0.2.1 rdr-to <web>\n");
  STRCMP_EQUAL("10.0.0.7", out.tables.at("web").entries[0].text().c_str());
}

TEST(PfConfLoad, a_bad_anchor_is_refused_before_the_file_is_read) {
  STRCMP_EQUAL("anchor \"a//b\": a part of the name is empty", file.errors("", "a//b").c_str());
  const auto gone = pfconf::load({"nosuch.conf", "a", {}, file.files, file.surroundings, {}});
  STRCMP_EQUAL("nosuch.conf: cannot open: No such file or directory", gone.error().text.c_str());
}
