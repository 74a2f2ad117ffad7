#include <algorithm>

#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

// XDP leaves the frame to tc, untouched.
void leaves_to_tc(const Site& site, const Frame& frame) {
  const std::uint64_t before = site.stage.reason(HCD_TO_TC);
  const Verdict verdict = site.stage.run(Hook::Xdp, frame.bytes());
  LONGS_EQUAL(actions(Hook::Xdp).pass, verdict.action);
  CHECK(verdict.frame == frame.bytes());
  LONGS_EQUAL(before + 1, site.stage.reason(HCD_TO_TC));
}
Verdict tc(const Site& site, const Frame& frame) {
  const Verdict verdict = site.stage.run(Hook::Tc, frame.bytes());
  LONGS_EQUAL(actions(Hook::Tc).redirect, verdict.action);
  CHECK(faults(verdict.frame) == Faults{});
  return verdict;
}
hcd::Address destination(const Bytes& frame) {
  hcd::Address address{.family = hcd::Family::Inet};
  std::copy_n(frame.begin() + 30, 4, address.bytes.begin());
  return address;
}

// A frame as a veth peer sends it, its checksum left to hardware.
Bytes partial(const Frame& frame) {
  Bytes bytes = frame.bytes();
  const std::size_t tcp = tcp_offset(bytes);
  const std::uint16_t sum = sum16(&bytes[26], 8, static_cast<std::uint32_t>(6 + bytes.size() - tcp));
  bytes[tcp + 16] = static_cast<std::uint8_t>(sum >> 8);
  bytes[tcp + 17] = static_cast<std::uint8_t>(sum);
  return bytes;
}

const Frame kOpening{.src = kClient, .dst = kVip, .flags = kSyn};

}  // namespace

ONE_PACKET_TEST(Handover, xdp_leaves_a_link_that_takes_no_xdp_frames_to_tc) {
  site.stage.links[site.stage.servers_link].flags = 0;
  leaves_to_tc(site, kOpening);
  CHECK(destination(tc(site, kOpening).frame) == kServer1.address);
}
ONE_PACKET_TEST(Handover, tc_finds_the_state_that_xdp_made_and_makes_no_other) {
  site.stage.links[site.stage.servers_link].flags = 0;
  leaves_to_tc(site, kOpening);
  const std::uint64_t made = site.state()->key;
  CHECK(destination(tc(site, kOpening).frame) == kServer1.address);
  CHECK(site.state()->key == made);
  LONGS_EQUAL(1, site.stage.reason(HCD_CREATED));
  LONGS_EQUAL(1, site.stage.cursors[site.rule].next);
  LONGS_EQUAL(1, site.stage.rule_stats(site.rule).packets[0]);
}
ONE_PACKET_TEST(Handover, round_robin_is_exact_across_xdp_and_tc) {
  const Endpoint order[] = {kServer1, kServer2, kServer3};
  for (std::uint16_t i = 0; i < 6; i++) {
    const Frame frame{.src = {kClient.address, static_cast<std::uint16_t>(3000 + i)}, .dst = kVip};
    site.stage.links[site.stage.servers_link].flags = i % 2 ? std::uint32_t{HCD_LINK_XDP_TARGET} : 0;
    if (i % 2 == 0) leaves_to_tc(site, frame);
    const Verdict verdict = site.stage.run(i % 2 ? Hook::Xdp : Hook::Tc, frame.bytes());
    CHECK(destination(verdict.frame) == order[i % 3].address);
  }
}
ONE_PACKET_TEST(Handover, an_end_seen_by_both_programs_counts_once) {
  site.establish(kClient, kVip, kServer1);
  site.stage.links[site.stage.servers_link].flags = 0;
  const Frame fin{.src = kClient, .dst = kVip, .flags = kFin | kAck};
  leaves_to_tc(site, fin);
  (void)tc(site, fin);
  LONGS_EQUAL(HCD_CLOSING << 4 | HCD_ESTABLISHED, site.state()->value & 0xff);
}
ONE_PACKET_TEST(Handover, an_unknown_neighbour_is_left_to_the_kernel_to_resolve) {
  const Endpoint vip = at("192.0.2.90", 80), silent = at("10.0.0.77", 80);
  (void)site.stage.add_rule({.to = vip, .ring = {site.stage.add_host(silent)}});
  const Frame frame{.src = kClient, .dst = vip};
  leaves_to_tc(site, frame);
  CHECK(destination(tc(site, frame).frame) == silent.address);
  LONGS_EQUAL(0, site.stage.reason(HCD_NO_ROUTE));
}
ONE_PACKET_TEST(Handover, a_packet_too_big_for_the_way_out_is_left_to_tc_which_tells_the_sender) {
  site.establish(kClient, kVip, kServer1);
  const Frame big{.src = kClient, .dst = kVip, .flags = kAck, .payload = 1500 - 40 + 1};
  leaves_to_tc(site, big);
  LONGS_EQUAL(actions(Hook::Tc).redirect, site.stage.run(Hook::Tc, big.bytes()).action);
  LONGS_EQUAL(1, site.stage.reason(HCD_TOO_BIG));
  LONGS_EQUAL(1, site.stage.reason(HCD_ERROR_SENT));
  site.forwards({.src = kClient, .dst = kVip, .flags = kAck, .payload = 1500 - 40}, kServer1);
}
ONE_PACKET_TEST(Handover, tc_sends_a_large_packet_that_will_be_cut_to_size) {
  site.establish(kClient, kVip, kServer1);
  const Frame big{.src = kClient, .dst = kVip, .flags = kAck, .payload = 2800};
  LONGS_EQUAL(actions(Hook::Tc).redirect, site.stage.run(Hook::Tc, big.bytes(), 1, 1400).action);
}
ONE_PACKET_TEST(Handover, a_partial_checksum_is_left_to_tc_before_a_state_is_made) {
  site.stage.links[1].flags |= HCD_LINK_PARTIAL_CSUM;
  const Bytes frame = partial(kOpening);
  const Verdict verdict = site.stage.run(Hook::Xdp, frame);
  LONGS_EQUAL(actions(Hook::Xdp).pass, verdict.action);
  CHECK(verdict.frame == frame);
  CHECK(site.state() == nullptr);
  LONGS_EQUAL(1, site.stage.reason(HCD_TO_TC));
  site.forwards(kOpening, kServer1);
}
ONE_PACKET_TEST(Handover, a_sum_that_looks_partial_is_nothing_special_on_a_link_that_has_none) {
  LONGS_EQUAL(actions(Hook::Xdp).redirect, site.stage.run(Hook::Xdp, partial(kOpening)).action);
}
