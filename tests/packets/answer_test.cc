#include "tests/packets/fixture.h"
#include "tests/packets/icmp.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

// The director's own addresses on both sides.
const Endpoint kOurs = at("203.0.113.254", 0), kOurs6 = at("2001:db8:c::fe", 0);
const Endpoint kInner = at("10.0.0.254", 0), kInner6 = at("2001:db8:5::fe", 0);

struct Road {
  Endpoint client, vip, server, ours, inner;
  [[nodiscard]] bool six() const { return client.address.family == hcd::Family::Inet6; }
};
const Road kRoads[] = {{kClient, kVip, kServer1, kOurs, kInner}, {kClient6, kVip6, kServer61, kOurs6, kInner6}};

// What the director is to say about the frame, from its address on the sender's side.
IcmpError answer(const Frame& about, const Endpoint& ours, hcd_reason reason) {
  const bool six = ours.address.family == hcd::Family::Inet6, big = reason == HCD_TOO_BIG;
  const std::uint8_t last = about.src.address.bytes[about.src.address.size() - 1];
  const bool from_server = ours.address == kInner.address || ours.address == kInner6.address;
  const int type = six ? (big ? 2 : 3) : (big ? 3 : 11);
  return {.from = ours,
          .to = about.src,
          .about = about,
          .type = static_cast<std::uint8_t>(type),
          .code = static_cast<std::uint8_t>(big && !six ? 4 : 0),
          .rest = big ? 1500u : 0u,
          .quoted = six ? std::size_t{1232} : std::size_t{548},
          .tos = static_cast<std::uint8_t>(six ? 0 : 0xc0),
          .id = 0,
          .fragment = 0x4000,
          .mac_to = from_server ? server_mac(last) : client_mac(last),
          .mac_from = from_server ? server_mac(0xfe) : client_mac(0xfe)};
}

void is_answered(const Site& site, const Frame& frame, const Endpoint& ours, hcd_reason reason,
                 std::uint32_t segment = 0) {
  const std::uint64_t dropped = site.stage.reason(reason), said = site.stage.reason(HCD_ERROR_SENT);
  const Verdict verdict = site.stage.run(site.hook, frame.bytes(), 1, segment);
  LONGS_EQUAL(site.verdicts().redirect, verdict.action);
  CHECK(verdict.frame == answer(frame, ours, reason).bytes());
  LONGS_EQUAL(0, icmp_fault(verdict.frame));
  LONGS_EQUAL(dropped + 1, site.stage.reason(reason));
  LONGS_EQUAL(said + 1, site.stage.reason(HCD_ERROR_SENT));
}
void is_dropped_in_silence(const Site& site, const Frame& frame, hcd_reason reason) {
  const std::uint64_t said = site.stage.reason(HCD_ERROR_SENT), limit = site.stage.reason(HCD_ERROR_LIMIT);
  site.drops(frame, reason);
  LONGS_EQUAL(said, site.stage.reason(HCD_ERROR_SENT));
  LONGS_EQUAL(limit + 1, site.stage.reason(HCD_ERROR_LIMIT));
}

void establish(const Site& site) {
  for (const Road& road : kRoads) site.establish(road.client, road.vip, road.server);
}

}  // namespace

TEST_GROUP(Answers){};

TC_PACKET_TEST(Answers, say_that_time_is_exceeded_to_client_and_to_server) {
  establish(site);
  for (const Road& road : kRoads)
    for (const std::uint8_t ttl : {std::uint8_t{0}, std::uint8_t{1}}) {
      is_answered(site, {.src = road.client, .dst = road.vip, .flags = kAck, .ttl = ttl}, road.ours, HCD_TTL);
      is_answered(site, {.src = road.server, .dst = road.client, .flags = kAck, .ttl = ttl}, road.inner, HCD_TTL);
      site.forwards({.src = road.client, .dst = road.vip, .flags = kAck, .ttl = 2}, road.server);
    }
}
TC_PACKET_TEST(Answers, say_that_a_packet_is_too_big_for_the_next_hop_and_how_big_it_may_be) {
  establish(site);
  for (const Road& road : kRoads) {
    const std::size_t fits = 1500 - (road.six() ? 60 : 40);
    site.forwards({.src = road.client, .dst = road.vip, .flags = kAck, .payload = fits}, road.server);
    for (const std::size_t more : {1, 2, 3, 60}) {
      const Frame in{.src = road.client, .dst = road.vip, .flags = kAck, .payload = fits + more, .fragment = 0x4000};
      const Frame out{.src = road.server, .dst = road.client, .flags = kAck, .payload = fits + more};
      is_answered(site, in, road.ours, HCD_TOO_BIG);
      is_answered(site, out, road.inner, HCD_TOO_BIG);
    }
  }
}
TC_PACKET_TEST(Answers, measure_the_segments_of_a_large_packet_not_the_whole) {
  establish(site);
  for (const Road& road : kRoads) {
    const auto fits = static_cast<std::uint32_t>(1500 - (road.six() ? 60 : 40));
    const Frame large{.src = road.client, .dst = road.vip, .flags = kAck, .payload = 3000};
    LONGS_EQUAL(site.verdicts().redirect, site.stage.run(site.hook, large.bytes(), 1, fits).action);
    is_answered(site, large, road.ours, HCD_TOO_BIG, fits + 1);
    is_answered(site, {.src = road.client, .dst = road.vip, .flags = kAck, .payload = 3001}, road.ours, HCD_TOO_BIG,
                1600);
  }
}
TC_PACKET_TEST(Answers, quote_short_packets_whole_whatever_their_length) {
  establish(site);
  for (const Road& road : kRoads)
    for (std::size_t payload = 0; payload < 20; payload++)
      is_answered(site, {.src = road.client, .dst = road.vip, .flags = kAck, .ttl = 1, .payload = payload}, road.ours,
                  HCD_TTL);
}
TC_PACKET_TEST(Answers, are_given_about_udp_too) {
  const Endpoint name = at("192.0.2.80", 53), server = at("10.0.0.1", 5353);
  (void)site.stage.add_rule({.to = name, .ring = {site.stage.add_host(server, kUdp)}, .proto = kUdp});
  for (const std::size_t payload : {1, 700})
    is_answered(site, {.src = kClient, .dst = name, .proto = kUdp, .ttl = 1, .payload = payload}, kOurs, HCD_TTL);
  is_answered(site, {.src = kClient, .dst = name, .proto = kUdp, .payload = 1473}, kOurs, HCD_TOO_BIG);
}
TC_PACKET_TEST(Answers, are_not_given_to_who_is_not_one_host) {
  for (const char* source : {"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255"})
    is_dropped_in_silence(site, {.src = at(source, 40000), .dst = kVip, .ttl = 1}, HCD_TTL);
  for (const char* source : {"::", "ff02::1"})
    is_dropped_in_silence(site, {.src = at(source, 40000), .dst = kVip6, .ttl = 1}, HCD_TTL);
  Frame broadcast{.to = {255, 255, 255, 255, 255, 255}, .src = kClient, .dst = kVip, .ttl = 1};
  is_dropped_in_silence(site, broadcast, HCD_TTL);
}
TC_PACKET_TEST(Answers, are_not_given_without_end) {
  const Frame frame{.src = kClient, .dst = kVip, .ttl = 1};
  for (int i = 0; i < 4000; i++) (void)site.run(frame);
  LONGS_EQUAL(4000, site.stage.reason(HCD_TTL));
  CHECK(site.stage.reason(HCD_ERROR_SENT) >= 64);
  CHECK(site.stage.reason(HCD_ERROR_LIMIT) >= 1000);
  LONGS_EQUAL(4000, site.stage.reason(HCD_ERROR_SENT) + site.stage.reason(HCD_ERROR_LIMIT));
}
TC_PACKET_TEST(Answers, are_for_packets_of_ours_alone) {
  site.passes({.src = kClient, .dst = at("192.0.2.81", 80), .ttl = 1});
  LONGS_EQUAL(0, site.stage.reason(HCD_TTL));
}
ONE_PACKET_TEST(Answers, are_left_to_tc_by_xdp_which_leaves_the_packet_untouched) {
  establish(site);
  site.passes({.src = kClient, .dst = kVip, .flags = kAck, .ttl = 1});
  site.passes({.src = kServer61, .dst = kClient6, .flags = kAck, .ttl = 1});
  site.passes({.src = kClient, .dst = kVip, .flags = kAck, .payload = 1461});
  LONGS_EQUAL(3, site.stage.reason(HCD_TO_TC));
}
PACKET_TEST(Answers, about_time_are_not_needed_where_a_rule_keeps_it_as_it_is) {
  for (const std::uint32_t rule : {site.rule, site.rule6}) site.stage.rules[rule].flags = HCD_RULE_KEEP_TTL;
  for (const Road& road : kRoads)
    for (const std::uint8_t ttl : {std::uint8_t{1}, std::uint8_t{64}}) {
      const Verdict verdict = site.run({.src = road.client, .dst = road.vip, .ttl = ttl});
      LONGS_EQUAL(site.verdicts().redirect, verdict.action);
      LONGS_EQUAL(ttl, verdict.frame[road.six() ? 14 + 7 : 14 + 8]);
      CHECK(faults(verdict.frame) == Faults{});
    }
}
