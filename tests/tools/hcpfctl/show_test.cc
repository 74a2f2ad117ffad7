#include "tools/hcpfctl/show.h"

#include <cstdlib>
#include <ctime>

#include "tests/tools/hcpfctl/fixture.h"
#include "tools/hcpfctl/render.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcpfctl;
using namespace hcd::abi;

namespace {

Snapshot example() {
  Snapshot out;
  out.anchors = {"hcd/dns", "hcd/www"};
  fastpath::Rule www{.interface = "em0",
                     .to = at("192.0.2.80"),
                     .port = 80,
                     .label = "hcd:www",
                     .tag = "HCD",
                     .established = Seconds(600),
                     .table = "www",
                     .target_port = 8080};
  fastpath::Rule dns{.to = at("2001:db8::53"), .port = 53, .table = "dns"};
  dns.method = fastpath::Method::SourceHash;
  const hcd_stats stats{.packets = {56, 44}, .bytes = {7890, 12345}, .states = 17, .evaluations = 1234};
  out.rules = {{.anchor = "hcd/dns", .rule = dns, .entries = 1},
               {.anchor = "hcd/www", .rule = www, .entries = 2, .stats = stats, .states = 3, .pid = 4321}};
  const AddressLine first{.entry = {at("10.0.0.1"), 3}, .cleared = 1763860000, .stats = stats, .states = 1};
  out.tables = {{.anchor = "hcd/dns", .name = "dns", .referenced = true, .addresses = {{.entry = {at("2001:db8::1")}}}},
                {.anchor = "hcd/www",
                 .name = "www",
                 .referenced = true,
                 .persist = true,
                 .addresses = {first, {.entry = {at("10.0.0.2")}}}}};
  out.states = {{.id = 0x6730c5890000c93b,
                 .creator = 0x5b2c1d7e,
                 .host = {at("10.0.0.1"), 8080},
                 .virtual_at = {at("192.0.2.80"), 80},
                 .client = at("203.0.113.7"),
                 .port = 51514,
                 .client_side = HCD_ESTABLISHED,
                 .server_side = HCD_ESTABLISHED,
                 .age = Seconds(3725),
                 .idle = Seconds(5),
                 .expires = Seconds(595),
                 .packets = {12, 10},
                 .bytes = {1480, 5321},
                 .sticky = true,
                 .anchor = "hcd/www"},
                {.host = {at("2001:db8::1"), 53},
                 .virtual_at = {at("2001:db8::53"), 53},
                 .client = at("2001:db8:f::7"),
                 .port = 5353,
                 .client_side = HCD_SYN_SENT,
                 .anchor = "hcd/dns"}};
  out.sources = {{.client = at("203.0.113.7"),
                  .host = at("10.0.0.1"),
                  .states = 1,
                  .connections = 1,
                  .rate = 3400,
                  .rate_seconds = Seconds(10),
                  .age = Seconds(3723),
                  .anchor = "hcd/www"},
                 {.client = at("2001:db8:f::7"), .expires = Seconds(30), .global = true}};
  return out;
}

}  // namespace

TEST_GROUP(Show) {
  Snapshot snapshot = example();

  Result<Answer> ask(std::initializer_list<const char*> words) {
    const auto options = parse(words);
    if (!options) return std::unexpected(options.error());
    return show(*options, snapshot);
  }
  void prints(const char* expected, std::initializer_list<const char*> words) {
    const auto answer = ask(words);
    if (!answer) FAIL(answer.error().text.c_str());
    STRCMP_EQUAL(expected, (answer->out + answer->err).c_str());
  }
  void fails(const char* expected, std::initializer_list<const char*> words) {
    const auto answer = ask(words);
    CHECK(!answer.has_value());
    STRCMP_EQUAL(expected, answer.error().text.c_str());
  }
};

TEST(Show, main_ruleset_calls_the_anchors) {
  prints("anchor \"hcd/*\" all\n", {"-s", "rules"});
}

TEST(Show, rules_of_an_anchor) {
  prints(
      "pass in quick on em0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state (tcp.established "
      "600) "
      "label \"hcd:www\" tag HCD rdr-to <www> port 8080 round-robin\n",
      {"-a", "hcd/www", "-s", "r"});
}

TEST(Show, rules_with_counters_number_and_size_of_the_table) {
  prints(
      "@0 pass in quick on em0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state (tcp.established "
      "600) label \"hcd:www\" tag HCD rdr-to <www:2> port 8080 round-robin\n"
      "  [ Evaluations: 1234      Packets: 100       Bytes: 20235       States: 3     ]\n"
      "  [ Inserted: uid 0 pid 4321 State Creations: 17    ]\n",
      {"-vv", "-a", "hcd/www", "-s", "rules"});
}

TEST(Show, rules_of_all_anchors_as_a_tree) {
  prints(
      "anchor \"hcd/*\" all {\n"
      "  anchor \"dns\" all {\n"
      "    pass in quick inet6 proto tcp from any to 2001:db8::53 port = 53 flags S/SA rdr-to <dns> source-hash\n"
      "  }\n"
      "  anchor \"www\" all {\n"
      "    pass in quick on em0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state "
      "(tcp.established 600) label \"hcd:www\" tag HCD rdr-to <www> port 8080 round-robin\n"
      "  }\n"
      "}\n",
      {"-a", "*", "-s", "r"});
}

TEST(Show, nat_speaks_the_older_dialect) {
  prints("rdr on em0 inet proto tcp from any to 192.0.2.80 port = 80 tag HCD -> <www> port 8080 round-robin\n",
         {"-a", "hcd/www", "-s", "nat"});
}

TEST(Show, sources_lead_to_a_host_or_only_count) {
  prints(
      "203.0.113.7 rdr-to 10.0.0.1 ( states 1, connections 1, rate 3.4/10s )\n"
      "2001:db8:f::7 ( states 0, connections 0, rate 0.0/0s )\n",
      {"-s", "Sources"});
  prints(
      "203.0.113.7 rdr-to 10.0.0.1 ( states 1, connections 1, rate 3.4/10s )\n"
      "   age 01:02:03, anchor hcd/www, filter rule 0\n"
      "2001:db8:f::7 ( states 0, connections 0, rate 0.0/0s )\n"
      "   age 00:00:00, expires in 00:00:30, all rules\n",
      {"-v", "-s", "So"});
}

TEST(Show, labels_are_one_line_of_numbers_each) {
  prints("hcd:www 1234 100 20235 56 7890 44 12345 17\n", {"-s", "labels"});
}

TEST(Show, anchors_below_and_with_v_all_below) {
  prints("  hcd\n", {"-s", "Anchors"});
  prints("  hcd\n  hcd/dns\n  hcd/www\n", {"-v", "-s", "A"});
  prints("  hcd/dns\n  hcd/www\n", {"-a", "hcd", "-s", "A"});
}

TEST(Show, states_name_the_servers_side_first) {
  prints(
      "all tcp 10.0.0.1:8080 (192.0.2.80:80) <- 203.0.113.7:51514       ESTABLISHED:ESTABLISHED\n"
      "all tcp 2001:db8::1[53] (2001:db8::53[53]) <- 2001:db8:f::7[5353]       CLOSED:SYN_SENT\n",
      {"-s", "states"});
  prints(
      "all tcp 10.0.0.1:8080 (192.0.2.80:80) <- 203.0.113.7:51514       ESTABLISHED:ESTABLISHED\n"
      "   age 01:02:05, expires in 00:09:55, 12:10 pkts, 1480:5321 bytes, anchor hcd/www, rule 0, sticky-address\n",
      {"-v", "-a", "hcd/www", "-s", "states"});
  const auto answer = ask({"-vv", "-a", "hcd/www", "-s", "states"});
  STRCMP_CONTAINS(", sticky-address\n   id: 6730c5890000c93b creatorid: 5b2c1d7e\n", answer->out.c_str());
}

TEST(Show, tables) {
  prints("dns\nwww\n", {"-s", "Tables"});
  prints("-pa-r--\twww@hcd/www\n", {"-v", "-a", "hcd/www", "-s", "T"});
  snapshot.tables[1].constant = true;
  snapshot.tables[1].referenced = false;
  prints("--a-r--\tdns@hcd/dns\ncpa----\twww@hcd/www\n", {"-v", "-s", "T"});
}

TEST(Show, addresses_of_a_table) {
  setenv("TZ", "UTC", 1);
  tzset();
  prints("   10.0.0.1\n   10.0.0.2\n", {"-a", "hcd/www", "-t", "www", "-T", "show"});
  snapshot.tables[1].addresses.pop_back();
  prints("   10.0.0.1\n\tCleared:     Sun Nov 23 01:06:40 2025\n\tActive States:      1\n\tWeight:             3\n",
         {"-v", "-t", "www", "-T", "show"});
}

TEST(Show, test_says_how_many_match_and_exits_2_for_a_miss) {
  prints("2/2 addresses match.\n", {"-t", "www", "-T", "test", "10.0.0.1", "10.0.0.2"});
  const auto answer = ask({"-t", "www", "-T", "test", "10.0.0.1", "10.0.0.9"});
  STRCMP_EQUAL("1/2 addresses match.\n", answer->err.c_str());
  LONGS_EQUAL(2, answer->status);
}

TEST(Show, says_what_does_not_exist) {
  fails("Anchor 'x' does not exist.", {"-a", "x", "-s", "rules"});
  fails("Table does not exist.", {"-t", "x", "-T", "show"});
  snapshot.tables[0].name = "www";
  fails("Table www is in anchors hcd/dns and hcd/www: say which with -a.", {"-t", "www", "-T", "show"});
}

TEST(Show, memory_is_what_the_maps_were_made_for) {
  snapshot.limits = {.states = 2097152, .sources = 16384, .anchors = 511, .tables = 1023, .table_entries = 65535};
  prints(
      "states        hard limit  2097152\n"
      "src-nodes     hard limit    16384\n"
      "tables        hard limit     1023\n"
      "table-entries hard limit    65535\n"
      "anchors       hard limit      511\n",
      {"-s", "memory"});
}

TEST(Show, timeouts_are_in_seconds_and_adaptive_ones_in_states) {
  snapshot.timeouts = {{"tcp.first", 120}, {"adaptive.start", 60000, true}};
  prints("tcp.first                   120s\nadaptive.start            60000 states\n", {"-s", "timeouts"});
}

TEST(Show, all_is_every_part_that_has_something_under_its_title) {
  snapshot.states.clear();
  snapshot.sources.clear();
  snapshot.timeouts = {{"tcp.first", 120}};
  const auto answer = ask({"-s", "all"});
  const std::string& text = answer->out;
  STRCMP_CONTAINS("FILTER RULES:\nanchor \"hcd/*\" all\n\nINFO:\nStatus: ", text.c_str());
  STRCMP_CONTAINS("\n\nLABEL COUNTERS:\nhcd:www 1234 ", text.c_str());
  STRCMP_CONTAINS("\n\nTIMEOUTS:\ntcp.first                   120s\n\nLIMITS:\nstates ", text.c_str());
  STRCMP_CONTAINS("\n\nTABLES:\ndns\nwww\n", text.c_str());
}

TEST(Show, states_of_udp_have_its_words) {
  snapshot.states.resize(1);
  snapshot.states[0].host.proto = fastpath::Proto::Udp;
  snapshot.states[0].server_side = HCD_SINGLE;
  snapshot.states[0].client_side = HCD_MULTIPLE;
  prints("all udp 10.0.0.1:8080 (192.0.2.80:80) <- 203.0.113.7:51514       SINGLE:MULTIPLE\n", {"-s", "states"});
  snapshot.states[0].client_side = 9;
  prints("all udp 10.0.0.1:8080 (192.0.2.80:80) <- 203.0.113.7:51514       SINGLE:<BAD STATE LEVELS 9>\n",
         {"-s", "states"});
}

TEST(Show, refuses_what_it_cannot_understand) {
  fails("-s x: unknown modifier", {"-s", "x"});
  fails("one of -d, -e, -F, -f, -K, -k, -s, -T and -z is needed", {});
  fails("-T stands alone", {"-s", "info", "-t", "www", "-T", "show"});
  fails("-T needs a table, given by -t", {"-T", "show"});
  fails("-T test needs an address", {"-t", "www", "-T", "test"});
  fails("'10.0.0' is neither an address nor a network", {"-t", "www", "-T", "test", "10.0.0"});
  fails("unknown option, or one without its argument", {"-s"});
}

TEST(Show, info_tells_of_sources_and_limits_with_v) {
  snapshot.info = {.seconds = 10, .sources = 2};
  snapshot.info.reasons[HCD_SOURCE_CREATED] = 5;
  snapshot.info.reasons[HCD_LIMIT_SRC_CONN] = 30;
  const auto answer = ask({"-v", "-s", "info"});
  STRCMP_CONTAINS("Source Tracking Table\n  current entries                        2               \n",
                  answer->out.c_str());
  STRCMP_CONTAINS("  inserts                                5            0.5/s\n", answer->out.c_str());
  STRCMP_CONTAINS("  max-src-conn                          30            3.0/s\n", answer->out.c_str());
  STRCMP_CONTAINS("  searches                               0            0.0/s\n", ask({"-s", "info"})->out.c_str());
}

TEST(Show, info_tells_of_the_guard_with_v) {
  snapshot.info = {.seconds = 10};
  snapshot.info.reasons[HCD_FLOODS] = 1;
  snapshot.info.reasons[HCD_SYN_UNSTORED] = 500;
  snapshot.info.reasons[HCD_SYN_RESUMED] = 20;
  snapshot.info.guard = {.when_full = fastpath::WhenFull::Hash, .syns = 5000};
  snapshot.info.pressure = {.flood = true};
  const auto answer = ask({"-v", "-s", "info"});
  STRCMP_CONTAINS(
      "  synfloods detected                     1            0.1/s\n"
      "  syncookies sent                      500           50.0/s\n"
      "  syncookies validated                  20            2.0/s\n"
      "Guard\n"
      "  syn guard                   5000/s (now)\n"
      "  when full                           hash\n",
      answer->out.c_str());
  STRCMP_CONTAINS("  searches                               0            0.0/s\n", answer->out.c_str());
  snapshot.info.guard = {};
  snapshot.info.pressure = {.full = true};
  STRCMP_CONTAINS(
      "  syn guard                            off\n"
      "  when full                    evict (now)\n",
      ask({"-v", "-s", "info"})->out.c_str());
}

TEST(Show, info_has_pfs_form_and_says_whether_hosts_are_checked) {
  snapshot.info = {.seconds = 1715, .states = 3, .half_open = 1, .pid = 0};
  snapshot.info.reasons[HCD_TRANSLATED] = 3430;
  snapshot.info.reasons[HCD_CREATED] = 17;
  const auto answer = ask({"-s", "info"});
  const std::string& text = answer->out;
  STRCMP_CONTAINS("Status: Enabled for 0 days 00:28:35              Debug: err\n\n", text.c_str());
  STRCMP_CONTAINS("State Table                          Total             Rate\n", text.c_str());
  STRCMP_CONTAINS("  current entries                        3               \n", text.c_str());
  STRCMP_CONTAINS("  searches                            3430            2.0/s\n", text.c_str());
  STRCMP_CONTAINS("  removals                              14            0.0/s\n", text.c_str());
  STRCMP_CONTAINS("Daemon: not running, no host is checked\n", text.c_str());
  snapshot.info.enabled = false;
  STRCMP_CONTAINS("Status: Disabled for 0 days 00:28:35             Debug: err\n\n", ask({"-s", "info"})->out.c_str());
}
