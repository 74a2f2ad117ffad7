#include <algorithm>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include "fastpath/base/unique_fd.h"
#include "tests/packets/pieces.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

// What comes in by a link of the stage.
class Listener {
 public:
  explicit Listener(std::uint32_t link) : socket_(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, htons(ETH_P_ALL))) {
    sockaddr_ll at{};
    at.sll_family = AF_PACKET;
    at.sll_protocol = htons(ETH_P_ALL);
    at.sll_ifindex = static_cast<int>(link);
    CHECK(bind(socket_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  }
  // What was sent to the address in all frames here; a link far away has things of its own to say.
  [[nodiscard]] std::vector<Bytes> heard() const {
    const Mac ours = Frame{}.to;
    std::vector<Bytes> out;
    Bytes buffer(4096);
    sockaddr_ll from{};
    socklen_t size = sizeof from;
    for (;;) {
      const ssize_t length =
          recvfrom(socket_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (length < 0) return out;
      if (from.sll_pkttype != PACKET_OUTGOING && std::equal(ours.begin(), ours.end(), buffer.begin()))
        out.emplace_back(buffer.begin(), buffer.begin() + length);
    }
  }

 private:
  hcd::UniqueFd socket_;
};

struct Wire {
  const Site& site;
  Listener listener;

  explicit Wire(const Site& of) : site(of), listener(of.stage.clients_link) {}
  [[nodiscard]] Verdict run(const Bytes& frame) const {
    return site.stage.run(Hook::Tc, frame, site.stage.clients_link);
  }
  void passes(const Bytes& frame) const {
    const Verdict verdict = run(frame);
    LONGS_EQUAL(actions(Hook::Tc).pass, verdict.action);
    CHECK(verdict.frame == frame);
  }
  // The frame leaves as `out`, but for time to live and link addresses.
  void sends(const Bytes& frame, const Bytes& out) const {
    const Verdict verdict = run(frame);
    LONGS_EQUAL(actions(Hook::Tc).redirect, verdict.action);
    CHECK(verdict.frame == out);
  }
};

// The client's packet in fragments, and as they leave.
struct Packet {
  std::vector<Bytes> in, out;

  Packet(bool six, std::size_t payload, std::uint8_t id) {
    const Frame frame{.src = six ? kClient6 : kClient, .dst = six ? kName6 : kName, .proto = kUdp, .payload = payload};
    Frame sent = frame;
    sent.dst = six ? kHost6 : kHost;
    sent.to = server_mac(1);
    sent.from = server_mac(0xfe);
    sent.ttl--;
    in = pieces(frame, 1440, id);
    out = pieces(sent, 1440, id);
  }
};

std::vector<Bytes> sorted(std::vector<Bytes> frames) {
  std::ranges::sort(frames);
  return frames;
}

}  // namespace

TEST_GROUP(Stash){};

TC_PACKET_TEST(Stash, brings_fragments_in_again_behind_their_first_whatever_their_order) {
  serve_names(site);
  const Wire wire(site);
  std::uint8_t id = 1;
  for (const bool six : {false, true}) {
    const Packet packet(six, 4000, id++);
    LONGS_EQUAL(3, packet.in.size());
    const std::uint64_t stashed = site.stage.reason(HCD_STASHED), sent = site.stage.reason(HCD_PIECES);
    wire.passes(packet.in[2]);
    wire.passes(packet.in[1]);
    LONGS_EQUAL(stashed + 2, site.stage.reason(HCD_STASHED));
    (void)wire.listener.heard();
    wire.sends(packet.in[0], packet.out[0]);
    const auto again = wire.listener.heard();
    CHECK(sorted(again) == sorted({packet.in[1], packet.in[2]}));
    wire.sends(packet.in[1], packet.out[1]);
    wire.sends(packet.in[2], packet.out[2]);
    LONGS_EQUAL(sent + 3, site.stage.reason(HCD_PIECES));
    wire.sends(packet.in[0], packet.out[0]);  // and only once
    LONGS_EQUAL(0, wire.listener.heard().size());
  }
}
TC_PACKET_TEST(Stash, does_the_same_for_what_servers_answer) {
  serve_names(site);
  const Wire wire(site);
  const Frame asks{.src = kClient, .dst = kName, .proto = kUdp};
  LONGS_EQUAL(actions(Hook::Tc).redirect, wire.run(asks.bytes()).action);
  const Frame answers{.src = kHost, .dst = kClient, .proto = kUdp, .payload = 2000};
  Frame sent = answers;
  sent.src = kName;
  sent.to = client_mac(7);
  sent.from = client_mac(0xfe);
  sent.ttl--;
  const auto in = pieces(answers, 1440, 1), out = pieces(sent, 1440, 1);
  wire.passes(in[1]);
  (void)wire.listener.heard();
  wire.sends(in[0], out[0]);
  CHECK(wire.listener.heard() == std::vector<Bytes>{in[1]});
  wire.sends(in[1], out[1]);
}
TC_PACKET_TEST(Stash, holds_the_largest_packet_there_is_in_reverse_order) {
  serve_names(site);
  const Wire wire(site);
  const Packet packet(false, 65000, 1);
  for (std::size_t i = packet.in.size() - 1; i > 0; i--) wire.passes(packet.in[i]);
  LONGS_EQUAL(0, site.stage.reason(HCD_FRAGMENT_LIMIT));
  (void)wire.listener.heard();
  wire.sends(packet.in[0], packet.out[0]);
  LONGS_EQUAL(packet.in.size() - 1, wire.listener.heard().size());
}
TC_PACKET_TEST(Stash, gives_a_packet_its_own_fragments_only) {
  serve_names(site);
  const Wire wire(site);
  const Packet one(false, 2000, 1), other(false, 2000, 2);
  wire.passes(one.in[1]);
  wire.passes(other.in[1]);
  (void)wire.listener.heard();
  wire.sends(other.in[0], other.out[0]);
  const auto again = wire.listener.heard();
  LONGS_EQUAL(1, again.size());
  CHECK(again.at(0) == other.in[1]);
}
TC_PACKET_TEST(Stash, keeps_no_copy_of_what_follows_a_first_that_was_not_ours) {
  serve_names(site);
  const Wire wire(site);
  const Frame foreign{.src = kClient, .dst = at("192.0.2.81", 53), .proto = kUdp, .payload = 4000};
  const auto in = pieces(foreign, 1440, 1);
  for (const Bytes& frame : in) wire.passes(frame);
  LONGS_EQUAL(0, site.stage.reason(HCD_STASHED));
  LONGS_EQUAL(0, site.stage.reason(HCD_FRAGMENT_LIMIT));
  // One that comes before it is copied, for nobody knows; nothing comes of it.
  const auto late = pieces(foreign, 1440, 2);
  wire.passes(late[1]);
  LONGS_EQUAL(1, site.stage.reason(HCD_STASHED));
  (void)wire.listener.heard();
  wire.passes(late[0]);
  LONGS_EQUAL(0, wire.listener.heard().size());
}
TC_PACKET_TEST(Stash, is_bounded_and_says_so) {
  serve_names(site);
  const Wire wire(site);
  std::uint64_t all = 0;
  for (std::uint32_t flood = 0; flood < 2000; flood++) {
    Packet packet(false, 2000, 1);
    set16(packet.in[1], 14 + 4, flood);
    set16(packet.in[1], 14 + 10, 0);
    set16(packet.in[1], 14 + 10, static_cast<std::uint16_t>(~sum16(&packet.in[1][14], 20)));
    wire.passes(packet.in[1]);
    all++;
  }
  CHECK(site.stage.reason(HCD_FRAGMENT_LIMIT) > 0);
  LONGS_EQUAL(all, site.stage.reason(HCD_STASHED) + site.stage.reason(HCD_FRAGMENT_LIMIT));
  // What is larger than a place is not kept either.
  const std::uint64_t before = site.stage.reason(HCD_FRAGMENT_LIMIT);
  const Frame jumbo{.src = kClient, .dst = kName, .proto = kUdp, .payload = 6000};
  wire.passes(pieces(jumbo, 3000, 3)[1]);
  LONGS_EQUAL(before + 1, site.stage.reason(HCD_FRAGMENT_LIMIT));
}
TC_PACKET_TEST(Stash, lets_none_write_over_what_its_first_holds) {
  serve_names(site);
  const Wire wire(site);
  const Frame whole{.src = kClient, .dst = kName, .proto = kUdp, .payload = 3000};
  const Packet packet(false, 3000, 1);
  const Bytes evil = cut(whole.bytes(), 8, 1448, true, 1);
  wire.passes(evil);
  (void)wire.listener.heard();
  wire.sends(packet.in[0], packet.out[0]);
  LONGS_EQUAL(1, wire.listener.heard().size());
  LONGS_EQUAL(actions(Hook::Tc).drop, wire.run(evil).action);
  LONGS_EQUAL(1, site.stage.reason(HCD_FRAGMENT));
  wire.sends(packet.in[1], packet.out[1]);
}
