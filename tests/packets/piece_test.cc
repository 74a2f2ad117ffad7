#include <algorithm>

#include "tests/packets/pieces.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

constexpr std::size_t kEther = 14;

Verdict tc(const Site& site, const Bytes& frame) {
  return site.stage.run(Hook::Tc, frame);
}

// The fragments leave as those of `out`, each with its header's checksum right, and together with UDP's or TCP's.
void carries(const Site& site, const Frame& in, Frame out, std::size_t size, std::uint8_t id, bool to_client) {
  const std::uint8_t last = out.dst.address.bytes[out.dst.address.size() - 1];
  out.to = to_client ? client_mac(last) : server_mac(last);
  out.from = to_client ? client_mac(0xfe) : server_mac(0xfe);
  out.ttl--;
  const std::vector<Bytes> sent = pieces(in, size, id), wanted = pieces(out, size, id);
  const std::uint64_t before = site.stage.reason(HCD_PIECES);
  for (std::size_t i = 0; i < sent.size(); i++) {
    const Verdict verdict = tc(site, sent[i]);
    LONGS_EQUAL(actions(Hook::Tc).redirect, verdict.action);
    CHECK(verdict.frame == wanted[i]);
  }
  LONGS_EQUAL(before + sent.size(), site.stage.reason(HCD_PIECES));
}

}  // namespace

TEST_GROUP(Pieces){};

TC_PACKET_TEST(Pieces, of_udp_go_to_one_host_and_back_to_the_client) {
  serve_names(site);
  std::uint8_t id = 1;
  for (const std::size_t size : {8, 64, 1000, 1480})
    for (const std::size_t payload : {1500, 3000}) {
      const Frame asks{.src = kClient, .dst = kName, .proto = kUdp, .payload = payload};
      const Frame answers{.src = kHost, .dst = kClient, .proto = kUdp, .payload = payload};
      const Frame asks6{.src = kClient6, .dst = kName6, .proto = kUdp, .payload = payload};
      const Frame answers6{.src = kHost6, .dst = kClient6, .proto = kUdp, .payload = payload};
      Frame out = asks, back = answers, out6 = asks6, back6 = answers6;
      out.dst = kHost, back.src = kName, out6.dst = kHost6, back6.src = kName6;
      carries(site, asks, out, size, id++, false);
      carries(site, answers, back, size, id++, true);
      carries(site, asks6, out6, std::min<std::size_t>(size, 1448), id++, false);
      carries(site, answers6, back6, std::min<std::size_t>(size, 1448), id++, true);
    }
}
TC_PACKET_TEST(Pieces, of_tcp_go_on_too_but_none_that_would_write_over_its_header) {
  site.establish(kClient, kVip, kServer1);
  const Frame in{.src = kClient, .dst = kVip, .flags = kAck, .payload = 1000};
  Frame out = in;
  out.dst = kServer1;
  carries(site, in, out, 400, 1, false);
  const Bytes evil = cut(in.bytes(), 8, 32, true, 1);
  LONGS_EQUAL(actions(Hook::Tc).drop, tc(site, evil).action);
  LONGS_EQUAL(1, site.stage.reason(HCD_FRAGMENT));
}
TC_PACKET_TEST(Pieces, whose_first_has_not_come_or_that_are_not_ours_pass_untouched) {
  serve_names(site);
  const Frame ours{.src = kClient, .dst = kName, .proto = kUdp, .payload = 1500};
  const Frame others{.src = kClient, .dst = at("192.0.2.81", 53), .proto = kUdp, .payload = 1500};
  for (const Bytes& frame : {pieces(ours, 800, 1)[1], pieces(others, 800, 2)[0], pieces(others, 800, 2)[1]}) {
    const Verdict verdict = tc(site, frame);
    LONGS_EQUAL(actions(Hook::Tc).pass, verdict.action);
    CHECK(verdict.frame == frame);
  }
  // Of another packet than the one whose first is known.
  (void)tc(site, pieces(ours, 800, 1)[0]);
  CHECK(tc(site, pieces(ours, 800, 3)[1]).frame == pieces(ours, 800, 3)[1]);
  LONGS_EQUAL(actions(Hook::Tc).redirect, tc(site, pieces(ours, 800, 1)[1]).action);
}
TC_PACKET_TEST(Pieces, that_cannot_belong_together_are_dropped) {
  serve_names(site);
  const Bytes whole = Frame{.src = kClient, .dst = kName, .proto = kUdp, .payload = 1500}.bytes();
  const std::uint64_t before = site.stage.reason(HCD_BAD_OFFSET);
  LONGS_EQUAL(actions(Hook::Tc).drop, tc(site, cut(whole, 0, 801, true, 1)).action);  // not a multiple of eight
  LONGS_EQUAL(actions(Hook::Tc).redirect, tc(site, cut(whole, 0, 800, true, 2)).action);
  Bytes beyond = cut(whole, 800, 1600 - 92, false, 2);
  set16(beyond, kEther + 6, 0x1fff);  // would end beyond 65,535
  LONGS_EQUAL(actions(Hook::Tc).drop, tc(site, beyond).action);
  LONGS_EQUAL(before + 2, site.stage.reason(HCD_BAD_OFFSET));
}
TC_PACKET_TEST(Pieces, are_answered_as_whole_packets_are_where_their_time_is_exceeded) {
  serve_names(site);
  const Frame frame{.src = kClient, .dst = kName, .proto = kUdp, .ttl = 1, .payload = 1500};
  LONGS_EQUAL(actions(Hook::Tc).redirect, tc(site, pieces(frame, 800, 1)[0]).action);
  LONGS_EQUAL(1, site.stage.reason(HCD_ERROR_SENT));
  LONGS_EQUAL(0, site.stage.reason(HCD_PIECES));
}
ONE_PACKET_TEST(Pieces, are_left_to_tc_by_xdp_untouched) {
  serve_names(site);
  for (const Bytes& frame : pieces({.src = kClient, .dst = kName, .proto = kUdp, .payload = 1500}, 800, 1)) {
    const Verdict verdict = site.stage.run(site.hook, frame);
    LONGS_EQUAL(site.verdicts().pass, verdict.action);
    CHECK(verdict.frame == frame);
  }
}
