#include "kmod/tcp.h"
#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

TEST_GROUP(Udp){};

namespace {

const Endpoint kName = at("192.0.2.80", 53), kName6 = at("2001:db8::80", 53);
const Endpoint kName1 = at("10.0.0.1", 5353), kName2 = at("10.0.0.2", 5353);
const Endpoint kName61 = at("2001:db8:5::1", 5353), kName62 = at("2001:db8:5::2", 5353);

// A service of UDP beside those of TCP, two servers in each family.
struct Names {
  const Site& site;
  std::uint32_t server[2], server6[2], rule, rule6;

  explicit Names(const Site& at) : site(at) {
    Stage& stage = site.stage;
    server[0] = stage.add_host(kName1, kUdp), server[1] = stage.add_host(kName2, kUdp);
    server6[0] = stage.add_host(kName61, kUdp), server6[1] = stage.add_host(kName62, kUdp);
    rule = stage.add_rule({.to = kName, .ring = {server[0], server[1]}, .proto = kUdp});
    rule6 = stage.add_rule({.to = kName6, .ring = {server6[0], server6[1]}, .proto = kUdp});
  }
  [[nodiscard]] std::uint32_t sides() const { return hcd_value_sides(site.state()->value); }
};

Frame asks(const Endpoint& client, const Endpoint& to) {
  return {.src = client, .dst = to, .proto = kUdp, .payload = 31};
}
Frame answers(const Endpoint& server, const Endpoint& client) {
  return {.src = server, .dst = client, .proto = kUdp, .payload = 97};
}
std::uint32_t both(hcd_udp_state client, hcd_udp_state server) {
  return static_cast<std::uint32_t>(client << 4 | server);
}

}  // namespace

PACKET_TEST(Udp, carries_questions_and_answers_of_both_families) {
  const Names names(site);
  for (int i = 0; i < 3; i++) {
    site.forwards(asks(kClient, kName), kName1);
    site.answers(answers(kName1, kClient), kName);
    site.forwards(asks(kClient6, kName6), kName61);
    site.answers(answers(kName61, kClient6), kName6);
  }
  LONGS_EQUAL(2, site.stage.reason(HCD_CREATED));
}
PACKET_TEST(Udp, keeps_checksums_right_for_any_payload) {
  const Names names(site);
  for (std::size_t payload = 0; payload < 1400; payload += 13) {
    Frame four = asks(kClient, kName), six = asks(kClient6, kName6);
    four.payload = six.payload = payload;
    site.forwards(four, kName1);
    site.forwards(six, kName61);
  }
}
// RFC 768: none was computed. RFC 8200 forbids it for IPv6, and a router leaves it to the receiver to say so.
PACKET_TEST(Udp, leaves_a_missing_checksum_missing) {
  const Names names(site);
  for (const auto& frame : {asks(kClient, kName), asks(kClient6, kName6)}) {
    Bytes bytes = frame.bytes();
    const std::size_t udp = tcp_offset(bytes);
    bytes[udp + 6] = bytes[udp + 7] = 0;
    const Verdict verdict = site.stage.run(site.hook, bytes);
    LONGS_EQUAL(site.verdicts().redirect, verdict.action);
    LONGS_EQUAL(0, verdict.frame[udp + 6] << 8 | verdict.frame[udp + 7]);
  }
}
// Ones' complement has two zeros, and UDP's 0 says that there is no checksum.
PACKET_TEST(Udp, writes_a_checksum_that_comes_to_nothing_as_all_ones) {
  const Names names(site);
  int met = 0;
  for (std::uint32_t port = 1; port <= 0xffff; port++) {
    const Endpoint client{kClient.address, static_cast<std::uint16_t>(port)};
    const Bytes out = asks(client, kName1).bytes();
    const std::size_t udp = tcp_offset(out);
    if (out[udp + 6] != 0xff || out[udp + 7] != 0xff) continue;
    site.forwards(asks(client, kName), kName1);
    met++;
  }
  CHECK(met > 0);
}
PACKET_TEST(Udp, takes_hosts_in_turn_and_keeps_a_flows_own) {
  const Names names(site);
  for (int round = 0; round < 3; round++)
    for (std::uint16_t i = 0; i < 6; i++)
      site.forwards(asks({kClient.address, static_cast<std::uint16_t>(2000 + i)}, kName), i % 2 ? kName2 : kName1);
  LONGS_EQUAL(6, site.stage.rule_stats(names.rule).states);
}
PACKET_TEST(Udp, follows_a_flow_as_pf_does) {
  const Names names(site);
  site.forwards(asks(kClient, kName), kName1);
  LONGS_EQUAL(both(HCD_SINGLE, HCD_NO_TRAFFIC), names.sides());
  site.forwards(asks(kClient, kName), kName1);
  LONGS_EQUAL(both(HCD_SINGLE, HCD_NO_TRAFFIC), names.sides());
  site.answers(answers(kName1, kClient), kName);
  LONGS_EQUAL(both(HCD_MULTIPLE, HCD_SINGLE), names.sides());
  site.forwards(asks(kClient, kName), kName1);
  LONGS_EQUAL(both(HCD_MULTIPLE, HCD_MULTIPLE), names.sides());
}
namespace {

// udp.first, udp.single and udp.multiple, each from both sides. After it the next question is a new flow's.
void last(const Site& site, const Names& names, const std::uint64_t (&seconds)[3]) {
  for (int course = 0; course < 3; course++)
    for (const std::uint64_t late : {0, 4}) {
      site.stage.clear_states();
      site.stage.cursors[names.rule].next = 0;
      site.forwards(asks(kClient, kName), kName1);
      if (course > 0) site.answers(answers(kName1, kClient), kName);
      if (course > 1) site.forwards(asks(kClient, kName), kName1);
      Site::age(site.state()->value, seconds[course] - 2 + late);
      if (late == 0) {
        site.forwards(asks(kClient, kName), kName1);
      } else {
        site.passes(answers(kName1, kClient));
        site.forwards(asks(kClient, kName), kName2);
      }
    }
}

}  // namespace

PACKET_TEST(Udp, forgets_a_flow_after_pfs_timeout) {
  last(site, Names(site), {60, 30, 60});
}
PACKET_TEST(Udp, forgets_a_flow_after_the_timeout_of_its_rules_set) {
  const Names names(site);
  hcd_timeout_set& set = site.stage.timeouts[1];
  set.ticks[HCD_TM_UDP_FIRST] = 10 * 250 >> 8;
  set.ticks[HCD_TM_UDP_SINGLE] = 20 * 250 >> 8;
  set.ticks[HCD_TM_UDP_MULTIPLE] = 40 * 250 >> 8;
  site.stage.rules[names.rule].timeouts = 1;
  last(site, names, {10, 20, 40});
}
PACKET_TEST(Udp, picks_anew_where_nobody_has_answered_and_the_host_went_down) {
  const Names names(site);
  site.forwards(asks(kClient, kName), kName1);
  site.stage.hosts[names.server[0]].flags |= HCD_HOST_DOWN;
  site.forwards(asks(kClient, kName), kName2);
  site.answers(answers(kName2, kClient), kName);
  site.stage.hosts[names.server[1]].flags |= HCD_HOST_DOWN;
  site.forwards(asks(kClient, kName), kName2);
}
PACKET_TEST(Udp, and_tcp_do_not_meet_on_one_address_and_port) {
  const std::uint32_t host = site.stage.add_host(kServer2, kUdp);
  (void)site.stage.add_rule({.to = kVip, .ring = {host}, .proto = kUdp});
  site.forwards(asks(kClient, kVip), kServer2);
  site.establish(kClient, kVip, kServer1);
  site.answers(answers(kServer2, kClient), kVip);
  site.passes(answers(kServer1, kClient));
}
PACKET_TEST(Udp, gives_up_a_half_open_flow_but_no_answered_one_where_the_table_is_full) {
  const Names names(site);
  site.forwards(asks(kClient, kName), kName1);
  site.answers(answers(kName1, kClient), kName);
  for (std::uint16_t port = 1024; port < 4096; port++) (void)site.run(asks({kClient.address, port}, kName));
  CHECK(site.stage.reason(HCD_EVICTED) > 0);
  site.answers(answers(kName1, kClient), kName);
  site.forwards(asks(kClient, kName), kName1);
}
PACKET_TEST(Udp, drops_what_is_cut_off_or_lies_about_its_length) {
  const Names names(site);
  const Bytes whole = asks(kClient, kName).bytes();
  const std::size_t udp = tcp_offset(whole);
  for (std::size_t size = udp + 4; size < whole.size(); size++)
    LONGS_EQUAL(site.verdicts().drop, site.stage.run(site.hook, {whole.begin(), whole.begin() + size}).action);
  for (const int length : {0, 7, 40, 0xffff}) {
    Bytes lying = whole;
    lying[udp + 4] = static_cast<std::uint8_t>(length >> 8), lying[udp + 5] = static_cast<std::uint8_t>(length);
    LONGS_EQUAL(site.verdicts().drop, site.stage.run(site.hook, lying).action);
  }
  CHECK(site.state() == nullptr);
}
// A UDP socket there would answer from another address.
PACKET_TEST(Udp, is_not_delivered_to_this_machine) {
  const std::uint32_t here = site.stage.add_host(at("127.0.0.1", 53), kUdp);
  (void)site.stage.add_rule({.to = kName, .ring = {here}, .proto = kUdp});
  site.hook == Hook::Xdp ? site.passes(asks(kClient, kName)) : site.drops(asks(kClient, kName), HCD_NO_ROUTE);
}
