#include "kmod/icmp.h"

#include <cstring>

#include "tests/packets/icmp.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::abi;
using namespace hcd::packets;

namespace {

const Endpoint kNear = at("192.0.2.80", 80), kFar = at("203.0.113.7", 40000), kTeller = at("198.51.100.1", 0);
const Endpoint kNear6 = at("2001:db8::80", 80), kFar6 = at("2001:db8:c::7", 40000), kTeller6 = at("2001:db8:aa::1", 0);

IcmpError about(Frame frame) {
  const bool six = frame.src.address.family == hcd::Family::Inet6;
  return {.from = six ? kTeller6 : kTeller, .to = frame.src, .about = std::move(frame), .type = 3};
}

// True: it quotes a packet of ours.
bool read(const Bytes& bytes, hcd_packet& error, hcd_packet& quoted) {
  const __u8* end = bytes.data() + bytes.size();
  return hcd_parse(bytes.data(), end, static_cast<__u32>(bytes.size()), 0, &error) == HCD_ERROR &&
         hcd_parse_quote(error.l4, end, error.six, &quoted) && hcd_quote_fits(&error, &quoted);
}

}  // namespace

TEST_GROUP(IcmpQuote) {
  hcd_packet error{}, quoted{};
};

TEST(IcmpQuote, reads_the_ports_of_what_is_quoted) {
  for (const Frame& frame :
       {Frame{.src = kNear, .dst = kFar, .payload = 900}, Frame{.src = kNear6, .dst = kFar6, .payload = 900},
        Frame{.src = kNear, .dst = kFar, .proto = kUdp, .options = 12},
        Frame{.src = kNear6, .dst = kFar6, .proto = kUdp, .extensions = {0, 60}}}) {
    CHECK(read(about(frame).bytes(), error, quoted));
    CHECK_EQUAL(__builtin_bswap16(80), quoted.sport);
    CHECK_EQUAL(__builtin_bswap16(40000), quoted.dport);
    CHECK_EQUAL(frame.proto, quoted.proto);
  }
}

TEST(IcmpQuote, reads_a_quoted_first_fragment_and_no_other) {
  CHECK(read(about({.src = kNear, .dst = kFar, .payload = 100, .fragment = 0x2000}).bytes(), error, quoted));
  CHECK(!read(about({.src = kNear, .dst = kFar, .payload = 100, .fragment = 0x2001}).bytes(), error, quoted));
  CHECK(read(about({.src = kNear6, .dst = kFar6, .payload = 100, .extensions = {44}}).bytes(), error, quoted));
}

TEST(IcmpQuote, wants_the_ports_and_reads_nothing_behind_the_end) {
  for (const Frame& frame : {Frame{.src = kNear, .dst = kFar}, Frame{.src = kNear6, .dst = kFar6}}) {
    const std::size_t ports = (frame.src.address.family == hcd::Family::Inet ? 20 : 40) + 4;
    for (std::size_t size = 0; size < 70; size++) {
      IcmpError cut = about(frame);
      cut.quoted = size;
      CHECK_EQUAL(size >= ports, read(cut.bytes(), error, quoted));
    }
  }
}

TEST(IcmpQuote, believes_no_error_that_went_to_another_than_the_sender) {
  IcmpError astray = about({.src = kNear, .dst = kFar});
  astray.to = kFar;
  CHECK(!read(astray.bytes(), error, quoted));
}

TEST(IcmpQuote, turns_a_packet_around) {
  CHECK(read(about({.src = kNear6, .dst = kFar6, .proto = kUdp}).bytes(), error, quoted));
  hcd_packet turned{};
  hcd_turn(&quoted, &turned);
  CHECK(std::memcmp(turned.src, quoted.dst, 16) == 0 && std::memcmp(turned.dst, quoted.src, 16) == 0);
  CHECK_EQUAL(__builtin_bswap16(80), turned.dport);
  CHECK_EQUAL(__builtin_bswap16(40000), turned.sport);
  CHECK_EQUAL(HCD_PROTO_UDP, turned.proto);
}

TEST(IcmpQuote, leaves_udp_without_a_checksum_without_one_and_makes_none_of_what_has_one) {
  CHECK_EQUAL(0, hcd_csum_apply_to(HCD_PROTO_UDP, 0, hcd_csum_swap16(0, 1, 2)));
  CHECK_EQUAL(0xffff, hcd_csum_apply_to(HCD_PROTO_UDP, 1, hcd_csum_swap16(0, 1, 2)));
  CHECK_EQUAL(0, hcd_csum_apply_to(HCD_PROTO_TCP, 1, hcd_csum_swap16(0, 1, 2)));
}
