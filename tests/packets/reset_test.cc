// What the two ends of a connection are told that was cut.
#include <cstring>

#include <arpa/inet.h>

#include "kmod/tcp.h"
#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

constexpr std::uint32_t kSeq = 0x01020304, kSeen = 0x0a0b0c0d;

struct Road {
  Endpoint client, vip, server;
  [[nodiscard]] bool six() const { return client.address.family == hcd::Family::Inet6; }
};

std::uint32_t word_at(const Bytes& frame, std::size_t at) {
  std::uint32_t word = 0;
  std::memcpy(&word, frame.data() + at, sizeof word);
  return ntohl(word);
}
// The frame with these numbers, and its checksum made right again.
Bytes numbered(const Frame& frame) {
  Bytes bytes = frame.bytes();
  const std::size_t tcp = tcp_offset(bytes);
  const std::uint32_t seq = htonl(kSeq), seen = htonl(kSeen);
  std::memcpy(bytes.data() + tcp + 4, &seq, sizeof seq);
  std::memcpy(bytes.data() + tcp + 8, &seen, sizeof seen);
  std::uint16_t check = 0;
  std::memcpy(bytes.data() + tcp + 16, &check, sizeof check);
  check = htons(faults(bytes).tcp);
  std::memcpy(bytes.data() + tcp + 16, &check, sizeof check);
  return bytes;
}

// As userland cuts a state.
void cut(__u64& value) {
  value = hcd_value(hcd_value_seen(value), hcd_value_host(value), HCD_SIDES_CUT);
}

// A connection of each family to the first server, which is then cut.
std::vector<Road> lose(const Site& site) {
  std::vector<Road> roads = {{kClient, kVip, kServer1}, {kClient6, kVip6, kServer61}};
  for (const Road& road : roads) site.establish(road.client, road.vip, road.server);
  cut(site.state()->value);
  cut(site.state6()->value);
  return roads;
}

// XDP leaves it to tc untouched; tc answers with a reset that bears the number.
void is_reset(const Site& site, const Frame& frame, std::uint32_t seq, std::uint32_t ack, std::uint8_t flags) {
  const Bytes sent = numbered(frame);
  CHECK(faults(sent) == Faults{});
  const Verdict left = site.stage.run(Hook::Xdp, sent);
  LONGS_EQUAL(actions(Hook::Xdp).pass, left.action);
  CHECK(left.frame == sent);
  const std::uint64_t before = site.stage.reason(HCD_RESET);
  const Verdict verdict = site.stage.run(Hook::Tc, sent);
  LONGS_EQUAL(actions(Hook::Tc).redirect, verdict.action);
  LONGS_EQUAL(before + 1, site.stage.reason(HCD_RESET));
  CHECK(faults(verdict.frame) == Faults{});
  Frame out = frame;
  out.src = frame.dst;
  out.dst = frame.src;
  out.flags = flags;
  out.payload = 0;
  out.ttl = 64;
  const bool to_server = frame.src.port == 8080;
  const std::uint8_t last = frame.src.address.bytes[frame.src.address.size() - 1];
  out.to = to_server ? server_mac(last) : client_mac(last);
  out.from = to_server ? server_mac(0xfe) : client_mac(0xfe);
  Bytes wanted = out.bytes();
  const std::size_t tcp = tcp_offset(wanted);
  LONGS_EQUAL(wanted.size(), verdict.frame.size());
  LONGS_EQUAL(seq, word_at(verdict.frame, tcp + 4));
  LONGS_EQUAL(ack, word_at(verdict.frame, tcp + 8));
  LONGS_EQUAL(flags, verdict.frame[tcp + 13]);
  CHECK(std::memcmp(wanted.data(), verdict.frame.data(), tcp + 4) == 0);  // link, addresses, ports
}

}  // namespace

TEST_GROUP(Reset){};

ONE_PACKET_TEST(Reset, answers_each_ends_next_packet_with_the_number_that_it_waits_for) {
  for (const Road& road : lose(site)) {
    is_reset(site, {.src = road.client, .dst = road.vip, .flags = kAck | kPush, .payload = 100}, kSeen, 0, kRst);
    is_reset(site, {.src = road.server, .dst = road.client, .flags = kAck, .payload = 1400}, kSeen, 0, kRst);
    is_reset(site, {.src = road.client, .dst = road.vip, .flags = kAck | kFin}, kSeen, 0, kRst);
  }
}
ONE_PACKET_TEST(Reset, acknowledges_what_came_without_a_number_to_answer_by) {
  site.forwards({.src = kClient, .dst = kVip, .flags = kSyn}, kServer1);
  cut(site.state()->value);
  is_reset(site, {.src = kServer1, .dst = kClient, .flags = kSyn}, 0, kSeq + 1, kRst | kAck);
}
ONE_PACKET_TEST(Reset, answers_until_the_state_expires_though_the_host_is_back_or_gone) {
  site.establish(kClient, kVip, kServer1);
  cut(site.state()->value);
  for (const bool down : {false, true, false}) {
    site.stage.hosts[site.server[0]].flags = down ? HCD_HOST_USED | HCD_HOST_DOWN : HCD_HOST_USED;
    is_reset(site, {.src = kClient, .dst = kVip, .flags = kAck}, kSeen, 0, kRst);
    is_reset(site, {.src = kServer1, .dst = kClient, .flags = kAck}, kSeen, 0, kRst);
    LONGS_EQUAL(HCD_SIDES_TOLD, hcd_value_sides(site.state()->value));
  }
  Site::age(site.state()->value, 92);
  site.drops({.src = kClient, .dst = kVip, .flags = kAck}, HCD_NO_STATE);
}
PACKET_TEST(Reset, a_syn_begins_anew_with_another_host) {
  for (const Road& road : lose(site))
    site.forwards({.src = road.client, .dst = road.vip, .flags = kSyn}, road.six() ? kServer62 : kServer2);
}
PACKET_TEST(Reset, a_reset_itself_goes_on_as_does_the_one_that_is_sent_round) {
  for (const Road& road : lose(site)) {
    site.forwards({.src = road.client, .dst = road.vip, .flags = kRst}, road.server);
    site.answers({.src = road.server, .dst = road.client, .flags = kRst | kAck}, road.vip);
  }
  LONGS_EQUAL(HCD_SIDES_CUT, hcd_value_sides(site.state()->value));  // whoever doubts it is told once more
  LONGS_EQUAL(0, site.stage.reason(HCD_RESET));
}
PACKET_TEST(Reset, a_host_that_left_keeps_connections_that_nobody_has_cut) {
  site.establish(kClient, kVip, kServer1);
  site.establish(kClient6, kVip6, kServer61);
  site.stage.hosts[site.server[0]].flags |= HCD_HOST_DOWN;
  site.stage.hosts[site.server6[0]].flags |= HCD_HOST_DOWN;
  site.forwards({.src = kClient, .dst = kVip, .flags = kAck}, kServer1);
  site.forwards({.src = kClient6, .dst = kVip6, .flags = kAck}, kServer61);
  LONGS_EQUAL(0, site.stage.reason(HCD_RESET));
}
TC_PACKET_TEST(Reset, a_packet_with_ip_options_is_answered_with_them) {
  (void)lose(site);
  const Verdict verdict =
      site.stage.run(Hook::Tc, numbered({.src = kClient, .dst = kVip, .flags = kAck, .payload = 9, .options = 8}));
  LONGS_EQUAL(site.verdicts().redirect, verdict.action);
  LONGS_EQUAL(14 + 28 + 20, verdict.frame.size());
  CHECK(faults(verdict.frame) == Faults{});
}
