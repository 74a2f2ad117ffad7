#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

TEST_GROUP(Forward){};

PACKET_TEST(Forward, rewrites_the_destination_and_the_port_of_a_clients_packet) {
  site.forwards({.src = kClient, .dst = kVip, .flags = kSyn}, kServer1);
}
PACKET_TEST(Forward, rewrites_the_source_of_an_answer_back_to_the_virtual_address) {
  site.forwards({.src = kClient, .dst = kVip, .flags = kSyn}, kServer1);
  site.answers({.src = kServer1, .dst = kClient, .flags = kSyn | kAck}, kVip);
}
PACKET_TEST(Forward, carries_a_connection_over_ipv6) {
  site.establish(kClient6, kVip6, kServer61);
}
PACKET_TEST(Forward, keeps_checksums_right_for_any_payload) {
  site.establish(kClient, kVip, kServer1);
  site.establish(kClient6, kVip6, kServer61);
  for (std::size_t payload = 0; payload < 1400; payload += 13) {
    site.forwards({.src = kClient, .dst = kVip, .flags = kAck, .payload = payload}, kServer1);
    site.forwards({.src = kClient6, .dst = kVip6, .flags = kAck, .payload = payload}, kServer61);
  }
}
PACKET_TEST(Forward, keeps_ipv4_options) {
  for (std::size_t options = 4; options <= 40; options += 4)
    site.forwards({.src = kClient, .dst = kVip, .flags = kSyn, .options = options}, kServer1);
}
PACKET_TEST(Forward, walks_ipv6_extension_headers) {
  for (const auto& extensions : {std::vector<std::uint8_t>{0}, {43}, {60}, {0, 43, 60}, {0, 60, 43, 60}})
    site.forwards({.src = kClient6, .dst = kVip6, .flags = kSyn, .extensions = extensions}, kServer61);
}
PACKET_TEST(Forward, leaves_a_header_chain_beyond_its_bound_alone) {
  site.passes({.src = kClient6, .dst = kVip6, .extensions = {60, 60, 60, 60, 60, 60, 60}});
}
PACKET_TEST(Forward, leaves_unknown_extension_headers_alone) {
  site.passes({.src = kClient6, .dst = kVip6, .extensions = {51}});
}
PACKET_TEST(Forward, drops_what_is_cut_off_within_the_headers) {
  for (const auto& frame : {Frame{.src = kClient, .dst = kVip}, Frame{.src = kClient6, .dst = kVip6}}) {
    const Bytes whole = frame.bytes();
    const std::size_t tcp = tcp_offset(whole);
    for (std::size_t size = tcp + 4; size < whole.size(); size++) {
      LONGS_EQUAL(site.verdicts().drop, site.stage.run(site.hook, {whole.begin(), whole.begin() + size}).action);
    }
    for (std::size_t size = tcp; size < tcp + 4; size++) {
      LONGS_EQUAL(site.verdicts().pass, site.stage.run(site.hook, {whole.begin(), whole.begin() + size}).action);
    }
  }
  LONGS_EQUAL(32, site.stage.reason(HCD_SHORT));
}
PACKET_TEST(Forward, drops_a_tcp_header_that_claims_more_than_there_is) {
  Bytes frame = Frame{.src = kClient, .dst = kVip}.bytes();
  for (const auto words : std::vector<std::uint8_t>{0, 4, 6, 15}) {
    frame[14 + 20 + 12] = static_cast<std::uint8_t>(words << 4);
    LONGS_EQUAL(site.verdicts().drop, site.stage.run(site.hook, frame).action);
  }
  LONGS_EQUAL(4, site.stage.reason(HCD_SHORT));
}
PACKET_TEST(Forward, leaves_what_is_not_ours_untouched) {
  site.passes({.src = kClient, .dst = at("192.0.2.81", 80)});
  site.passes({.src = kClient, .dst = at("192.0.2.80", 81)});
  site.passes({.src = kClient6, .dst = at("2001:db8::81", 80)});
  site.passes({.src = kServer1, .dst = kClient, .flags = kSyn | kAck});  // nobody's answer
  LONGS_EQUAL(4, site.stage.reason(HCD_PASSED));
}
PACKET_TEST(Forward, leaves_other_protocols_and_vlan_tags_alone) {
  Bytes udp = Frame{.src = kClient, .dst = kVip}.bytes();
  udp[14 + 9] = 17;
  Bytes vlan = Frame{.src = kClient, .dst = kVip}.bytes();
  vlan.insert(vlan.begin() + 12, {0x81, 0x00, 0x00, 0x05});
  Bytes arp = udp;
  arp[13] = 6;
  for (const Bytes& frame : {udp, vlan, arp}) {
    const Verdict verdict = site.stage.run(site.hook, frame);
    LONGS_EQUAL(site.verdicts().pass, verdict.action);
    CHECK(verdict.frame == frame);
  }
}
PACKET_TEST(Forward, serves_a_rule_on_its_own_interface_alone) {
  const Endpoint vip = at("192.0.2.90", 80);
  const std::uint32_t rule = site.stage.add_rule({.to = vip, .ring = {site.server[0]}, .ifindex = 99});
  site.passes({.src = kClient, .dst = vip});
  site.stage.rules[rule].ifindex = 1;
  site.forwards({.src = kClient, .dst = vip}, kServer1);
}
// To XDP it could as well be this machine's own address, which only tc can serve.
PACKET_TEST(Forward, drops_what_has_no_route_to_its_host) {
  const std::uint32_t lost = site.stage.add_host(at("10.99.0.1", 80));
  const Endpoint vip = at("192.0.2.90", 80);
  (void)site.stage.add_rule({.to = vip, .ring = {lost}});
  const Frame frame{.src = kClient, .dst = vip};
  site.hook == Hook::Xdp ? site.passes(frame) : site.drops(frame, HCD_NO_ROUTE);
}
PACKET_TEST(Forward, drops_what_is_for_this_machine_where_nobody_listens) {
  const std::uint32_t here = site.stage.add_host(at("127.0.0.1", 80));
  const Endpoint vip = at("192.0.2.90", 80);
  (void)site.stage.add_rule({.to = vip, .ring = {here}});
  const Frame frame{.src = kClient, .dst = vip};
  site.hook == Hook::Xdp ? site.passes(frame) : site.drops(frame, HCD_NO_ROUTE);
}
PACKET_TEST(Forward, counts_packets_and_bytes_by_rule_and_host) {
  site.establish(kClient, kVip, kServer1);
  site.forwards({.src = kClient, .dst = kVip, .flags = kAck, .payload = 60}, kServer1);
  for (const auto& stats : {site.stage.rule_stats(site.rule), site.stage.host_stats(site.server[0])}) {
    LONGS_EQUAL(3, stats.packets[0]);
    LONGS_EQUAL(180, stats.bytes[0]);
    LONGS_EQUAL(1, stats.packets[1]);
    LONGS_EQUAL(40, stats.bytes[1]);
    LONGS_EQUAL(1, stats.states);
  }
  LONGS_EQUAL(4, site.stage.reason(HCD_TRANSLATED));
  LONGS_EQUAL(1, site.stage.reason(HCD_CREATED));
  LONGS_EQUAL(1, site.stage.rule_stats(site.rule).evaluations);
}
// As wrong as it came: a router's increment, not a repair.
PACKET_TEST(Forward, carries_a_wrong_checksum_through_as_wrong_as_it_was) {
  Bytes frame = Frame{.src = kClient, .dst = kVip}.bytes();
  frame[14 + 20 + 16] ^= 0x5a;
  frame[14 + 10] ^= 0x11;
  const Faults before = faults(frame);
  CHECK(before.tcp != 0 && before.ip != 0);
  CHECK(faults(site.stage.run(site.hook, frame).frame) == before);
}
