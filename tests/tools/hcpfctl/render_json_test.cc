#include "tools/hcpfctl/render_json.h"

#include <nlohmann/json.hpp>

#include "tests/tools/hcpfctl/fixture.h"
#include "tools/hcpfctl/show.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcpfctl;
using nlohmann::json;

TEST_GROUP(RenderJson) {
  Snapshot snapshot;

  void setup() override {
    snapshot.anchors = {"hcd/www"};
    fastpath::Rule rule{.to = at("192.0.2.80"), .port = 80, .label = "hcd:www", .table = "www", .target_port = 8080};
    snapshot.rules = {{.anchor = "hcd/www",
                       .rule = rule,
                       .entries = 1,
                       .stats = {.packets = {5, 4}, .bytes = {50, 40}, .states = 2, .evaluations = 3},
                       .states = 1}};
    snapshot.tables = {{.anchor = "hcd/www",
                        .name = "www",
                        .referenced = true,
                        .persist = true,
                        .addresses = {{.entry = {at("10.0.0.1"), 3}, .cleared = 1763860000, .states = 1}}}};
    snapshot.states = {{.host = {at("10.0.0.1"), 8080},
                        .virtual_at = {at("192.0.2.80"), 80},
                        .client = at("203.0.113.7"),
                        .port = 51514,
                        .client_side = abi::HCD_ESTABLISHED,
                        .server_side = abi::HCD_SYN_RECEIVED,
                        .idle = Seconds(5),
                        .expires = Seconds(595),
                        .anchor = "hcd/www"}};
    snapshot.info.pid = 4321;
    snapshot.info.reasons[abi::HCD_NO_ROUTE] = 9;
    snapshot.timeouts = {{"tcp.first", 120}};
    snapshot.limits.tables = 1023;
  }
  json ask(std::initializer_list<const char*> words) {
    const auto options = parse(words);
    if (!options) FAIL(options.error().text.c_str());
    const auto answer = show(*options, snapshot);
    if (!answer) FAIL(answer.error().text.c_str());
    json out = json::parse(answer->out, nullptr, false);
    CHECK(!out.is_discarded());
    CHECK(out["schema"] == 1);
    return out;
  }
};

TEST(RenderJson, a_rule_with_its_text_parts_and_counters) {
  const json rule = ask({"-j", "-s", "rules"})["rules"][0];
  CHECK(rule["text"] ==
        "pass in quick inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA label \"hcd:www\" rdr-to <www> port "
        "8080 round-robin");
  CHECK(rule["anchor"] == "hcd/www");
  CHECK(rule["target_port"] == 8080);
  CHECK(rule["packets_in"] == 5);
  CHECK(rule["bytes_out"] == 40);
  CHECK(rule["evaluations"] == 3);
  CHECK(ask({"-j", "-s", "nat"})["rules"][0]["text"].get<std::string>().starts_with("rdr inet proto tcp"));
  CHECK(ask({"-j", "-a", "hcd/www", "-s", "rules"})["rules"].size() == 1);
}

TEST(RenderJson, a_state_with_both_ends_and_its_rule) {
  const json state = ask({"-j", "-s", "states"})["states"][0];
  CHECK(state["client"] == "203.0.113.7");
  CHECK(state["host_port"] == 8080);
  CHECK(state["client_state"] == "ESTABLISHED");
  CHECK(state["host_state"] == "SYN_RCVD");
  CHECK(state["expires"] == 595);
  CHECK(state["id"] == "0000000000000000");
  CHECK(state["packets_in"] == 0);
  CHECK(state["anchor"] == "hcd/www");
  snapshot.states[0].anchor.clear();
  CHECK(!ask({"-j", "-s", "states"})["states"][0].contains("anchor"));
}

TEST(RenderJson, a_source_with_its_host) {
  snapshot.sources = {{.client = at("203.0.113.7"), .host = at("10.0.0.1"), .states = 2, .anchor = "hcd/www"}};
  const json source = ask({"-j", "-s", "Sources"})["sources"][0];
  CHECK(source["client"] == "203.0.113.7");
  CHECK(source["host"] == "10.0.0.1");
  CHECK(source["states"] == 2);
  CHECK(!source.contains("expires"));
}

TEST(RenderJson, a_table_with_its_addresses) {
  const json table = ask({"-j", "-t", "www", "-T", "show"})["table"];
  CHECK(table["persist"] == true);
  CHECK(table["addresses"][0]["address"] == "10.0.0.1");
  CHECK(table["addresses"][0]["weight"] == 3);
  CHECK(table == ask({"-j", "-s", "Tables"})["tables"][0]);
}

TEST(RenderJson, the_rest_and_all_at_once) {
  CHECK(ask({"-j", "-s", "info"})["info"]["counters"]["no-route"] == 9);
  CHECK(ask({"-j", "-s", "info"})["info"]["daemon_pid"] == 4321);
  const auto guard = ask({"-j", "-s", "info"})["info"]["guard"];
  CHECK(guard["when_full"] == "evict" && guard["syns_per_second"] == 0 && guard["flood"] == false);
  CHECK(ask({"-j", "-s", "timeouts"})["timeouts"]["tcp.first"] == 120);
  CHECK(ask({"-j", "-s", "memory"})["limits"]["tables"] == 1023);
  CHECK(ask({"-j", "-s", "Anchors"})["anchors"] == json::array({"hcd/www"}));
  const json all = ask({"-j", "-s", "all"});
  for (const char* part : {"anchors", "rules", "states", "info", "timeouts", "limits", "tables"})
    CHECK(all.contains(part));
}

TEST(RenderJson, bytes_that_are_no_text_are_replaced) {
  snapshot.rules[0].rule.label = "\xff\"\n";
  CHECK(ask({"-j", "-s", "rules"})["rules"][0]["label"] == "\xef\xbf\xbd\"\n");
}

TEST(RenderJson, is_for_what_is_shown) {
  STRCMP_EQUAL("-j is for -s and -T show", parse({"-j", "-F", "all"}).error().text.c_str());
  STRCMP_EQUAL("-j is for -s and -T show", parse({"-j", "-t", "x", "-T", "flush"}).error().text.c_str());
}
