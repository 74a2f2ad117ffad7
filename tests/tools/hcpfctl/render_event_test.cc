#include "tools/hcpfctl/render_event.h"

#include <cstdlib>
#include <ctime>
#include <nlohmann/json.hpp>

#include "kmod/parse.h"
#include "tests/tools/hcpfctl/fixture.h"
#include "tools/hcpfctl/render.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcpfctl;
using nlohmann::json;

TEST_GROUP(RenderEvent) {
  EventLine line;

  void setup() override {
    setenv("TZ", "UTC", 1);
    tzset();
    line = {.event = {.kind = abi::HCD_EVENT_DEATH,
                      .proto = 6,
                      .from = at("203.0.113.7"),
                      .to = at("192.0.2.80"),
                      .host = at("10.0.0.1"),
                      .from_port = 51514,
                      .to_port = 80,
                      .host_port = 8080,
                      .reason = abi::HCD_EXPIRED,
                      .id = 0x6730c5890000c93b,
                      .client_side = abi::HCD_TIME_WAIT,
                      .server_side = abi::HCD_FIN_WAIT_2,
                      .age = Milliseconds(61'500),
                      .packets = {12, 10},
                      .bytes = {1480, 5321},
                      .flags = abi::HCD_SYN | abi::HCD_ACK},
            .wall_ms = 79'989'128,
            .anchor = "hcd/www",
            .label = "hcd:www",
            .rule = 3,
            .creator = 0x5b2c1d7e};
  }
  void teardown() override {
    unsetenv("TZ");
    tzset();
  }
  void is(const char* text, int verbose = 0) {
    STRCMP_EQUAL(text, event_text(line, verbose).c_str());
  }
  json as_json() {
    const std::string text = event_json(line);
    CHECK(text.find('\n') == text.size() - 1);
    json out = json::parse(text, nullptr, false);
    CHECK(!out.is_discarded());
    CHECK(out["schema"] == 1);
    CHECK(out["time_ms"] == 79'989'128);
    return out;
  }
  void becomes_packet(abi::hcd_reason reason) {
    line.event.kind = abi::HCD_EVENT_DECISION;
    line.event.reason = static_cast<std::uint8_t>(reason);
    line.event.bytes[0] = 60;
    line.event.xdp = true;
    line.interface = "trunk0";
  }
};

TEST(RenderEvent, a_death_as_a_state_with_its_reason_its_counts_and_its_id) {
  is("22:13:09.128 death    tcp 10.0.0.1:8080 (192.0.2.80:80) <- 203.0.113.7:51514       FIN_WAIT_2:TIME_WAIT "
     "expired\n");
  is("22:13:09.128 death    tcp 10.0.0.1:8080 (192.0.2.80:80) <- 203.0.113.7:51514       FIN_WAIT_2:TIME_WAIT "
     "expired\n"
     "   age 00:01:01, 12:10 pkts, 1480:5321 bytes, anchor hcd/www, rule 3\n"
     "   id: 6730c5890000c93b creatorid: 5b2c1d7e\n",
     2);
}
TEST(RenderEvent, a_birth_without_counts) {
  line.event.kind = abi::HCD_EVENT_BIRTH;
  line.event.proto = 17;
  line.event.client_side = abi::HCD_SINGLE;
  line.event.server_side = abi::HCD_NO_TRAFFIC;
  line.anchor.clear();
  is("22:13:09.128 birth    udp 10.0.0.1:8080 (192.0.2.80:80) <- 203.0.113.7:51514       NO_TRAFFIC:SINGLE\n"
     "   rule removed\n",
     1);
}
TEST(RenderEvent, an_overload_with_its_table) {
  line.event.kind = abi::HCD_EVENT_OVERLOAD;
  line.table = "bad";
  is("22:13:09.128 overload 203.0.113.7 into <bad>\n   anchor hcd/www, rule 3\n", 1);
  const json out = as_json();
  CHECK(out["event"] == "overload");
  CHECK(out["client"] == "203.0.113.7");
  CHECK(out["table"] == "bad");
}
TEST(RenderEvent, a_packet_as_tcpdump_prints_what_pf_logged) {
  becomes_packet(abi::HCD_TRANSLATED);
  is("22:13:09.128 packet   rule hcd/www.3/(match) rdr in on trunk0: tcp 203.0.113.7:51514 > 192.0.2.80:80 [S.]\n"
     "   xdp, 60 bytes, host 10.0.0.1:8080, label hcd:www\n",
     1);
  becomes_packet(abi::HCD_NO_STATE);
  line.event.host = {};
  line.event.flags = 0;
  is("22:13:09.128 packet   rule hcd/www.3/(state-mismatch) block in on trunk0: tcp 203.0.113.7:51514 > "
     "192.0.2.80:80 [none]\n");
  becomes_packet(abi::HCD_PASSED);
  line.anchor = line.label = "";
  line.event.proto = 58;
  line.event.from = at("2001:db8::1");
  is("22:13:09.128 packet   rule -/(passed) pass in on trunk0: icmp6 2001:db8::1 > 192.0.2.80\n"
     "   xdp, 60 bytes\n",
     1);
}
TEST(RenderEvent, names_that_are_no_text_do_not_reach_the_terminal) {
  becomes_packet(abi::HCD_TRANSLATED);
  line.anchor = "\x1b[2J", line.label = "a\nb", line.interface = "\x07";
  const std::string text = event_text(line, 1);
  for (const char c : text) CHECK(c == '\n' || (c >= ' ' && c < 127));
  CHECK(as_json()["anchor"] == "\x1b[2J");
}
TEST(RenderEvent, a_death_as_a_line_of_json) {
  const json out = as_json();
  CHECK(out["event"] == "death");
  CHECK(out["proto"] == "tcp");
  CHECK(out["client"] == "203.0.113.7");
  CHECK(out["client_port"] == 51514);
  CHECK(out["virtual"] == "192.0.2.80");
  CHECK(out["host_port"] == 8080);
  CHECK(out["client_state"] == "TIME_WAIT");
  CHECK(out["reason"] == "expired");
  CHECK(out["age"] == 61);
  CHECK(out["packets_in"] == 12);
  CHECK(out["bytes_out"] == 5321);
  CHECK(out["id"] == "6730c5890000c93b");
  CHECK(out["anchor"] == "hcd/www");
  CHECK(out["rule"] == 3);
  CHECK(out["label"] == "hcd:www");
}
TEST(RenderEvent, a_packet_as_a_line_of_json) {
  becomes_packet(abi::HCD_NO_ROUTE);
  line.one_in = 100;
  const json out = as_json();
  CHECK(out["event"] == "packet");
  CHECK(out["reason"] == "no-route");
  CHECK(out["action"] == "block");
  CHECK(out["hook"] == "xdp");
  CHECK(out["interface"] == "trunk0");
  CHECK(out["source_port"] == 51514);
  CHECK(out["destination"] == "192.0.2.80");
  CHECK(out["tcp_flags"] == 18);
  CHECK(out["bytes"] == 60);
  CHECK(out["one_in"] == 100);
}
TEST(RenderEvent, what_was_not_told) {
  const Events::Untold before{.lost = 1, .killed = 2}, now{.lost = 4, .killed = 3};
  STRCMP_EQUAL("22:13:09.128 gap      3 events lost, 1 states ended by a tool\n",
               gap_text(before, now, 79'989'128).c_str());
  const json out = json::parse(gap_json(before, now, 79'989'128));
  CHECK(out["event"] == "gap");
  CHECK(out["lost"] == 3);
  CHECK(out["killed"] == 1);
  CHECK(out["lapses"] == 0);
}
TEST(RenderEvent, every_reason_of_a_packet_has_a_name) {
  for (unsigned reason = 0; reason <= abi::HCD_NORMALIZE; reason++) {
    if (reason != abi::HCD_CREATED) CHECK(!reason_text(reason).starts_with("reason "));
  }
  STRCMP_EQUAL("reason 200", reason_text(200).c_str());
  CHECK((drop_reasons() >> abi::HCD_NO_STATE & 1) == 1);
  CHECK((drop_reasons() >> abi::HCD_TRANSLATED & 1) == 0);
}
