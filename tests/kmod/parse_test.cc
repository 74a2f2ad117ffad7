#include "kmod/parse.h"

#include <cstring>

#include "tools/bench/testrun/frame.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::abi;
using namespace hcd::testrun;

namespace {

const Endpoint kFrom = at("203.0.113.7", 40000), kTo = at("192.0.2.80", 80);
const Endpoint kFrom6 = at("2001:db8:c::7", 40000), kTo6 = at("2001:db8::80", 80);

bool parse(const Bytes& bytes, hcd_packet& packet, bool large = false) {
  return hcd_parse(bytes.data(), bytes.data() + bytes.size(), static_cast<__u32>(bytes.size()), large, &packet) ==
         HCD_WHOLE;
}
int kind(const Bytes& bytes, hcd_packet& packet) {
  return hcd_parse(bytes.data(), bytes.data() + bytes.size(), static_cast<__u32>(bytes.size()), 0, &packet);
}

}  // namespace

TEST_GROUP(Parse) {
  hcd_packet packet{};
};

TEST(Parse, reads_addresses_ports_flags_and_lengths_of_ipv4) {
  const Bytes bytes =
      Frame{.src = kFrom, .dst = kTo, .flags = kPush | kAck, .tos = 8, .payload = 100, .options = 8}.bytes();
  CHECK(parse(bytes, packet));
  CHECK_EQUAL(0x077100cbu, packet.src[0]);
  CHECK_EQUAL(0u, packet.src[1]);
  CHECK_EQUAL(0x500200c0u, packet.dst[0]);
  CHECK_EQUAL(__builtin_bswap16(40000), packet.sport);
  CHECK_EQUAL(__builtin_bswap16(80), packet.dport);
  CHECK_EQUAL(HCD_PUSH | HCD_ACK, packet.flags);
  CHECK_EQUAL(148u, packet.bytes);
  CHECK_EQUAL(42u, packet.offset);
  CHECK(packet.l4 == bytes.data() + 42);
  CHECK_EQUAL(0, packet.six);
  CHECK_EQUAL(0, packet.flaw);
  CHECK_EQUAL(8, packet.tos);
}

TEST(Parse, reads_ipv6_behind_extension_headers) {
  const Bytes bytes = Frame{.src = kFrom6, .dst = kTo6, .tos = 0xb8, .payload = 10, .extensions = {0, 43, 60}}.bytes();
  CHECK(parse(bytes, packet));
  CHECK_EQUAL(1, packet.six);
  CHECK_EQUAL(0xb8, packet.tos);
  CHECK_EQUAL(14u + 40 + 24, packet.offset);
  CHECK_EQUAL(40u + 24 + 20 + 10, packet.bytes);
  CHECK(std::memcmp(packet.dst, kTo6.address.bytes.data(), 16) == 0);
}

TEST(Parse, reads_udp) {
  for (const Bytes& bytes :
       {Frame{.src = kFrom, .dst = kTo, .proto = kUdp, .payload = 33}.bytes(),
        Frame{.src = kFrom6, .dst = kTo6, .proto = kUdp, .payload = 33, .extensions = {0, 60}}.bytes()}) {
    CHECK(parse(bytes, packet));
    CHECK_EQUAL(HCD_PROTO_UDP, packet.proto);
    CHECK_EQUAL(__builtin_bswap16(40000), packet.sport);
    CHECK_EQUAL(__builtin_bswap16(80), packet.dport);
    CHECK_EQUAL(0, packet.flags);
    CHECK_EQUAL(0, packet.flaw);
  }
}

TEST(Parse, finds_a_flaw_in_udp_whose_length_cannot_be) {
  Bytes bytes = Frame{.src = kFrom, .dst = kTo, .proto = kUdp, .payload = 33}.bytes();
  for (const std::uint8_t length : std::vector<std::uint8_t>{0, 7, 42, 255}) {
    bytes[14 + 20 + 5] = length;
    CHECK(parse(bytes, packet));
    CHECK_EQUAL(HCD_SHORT, packet.flaw);
  }
  bytes[14 + 20 + 5] = 8;  // less than the packet holds is allowed
  CHECK(parse(bytes, packet));
  CHECK_EQUAL(0, packet.flaw);
}

TEST(Parse, tells_fragments_from_whole_packets) {
  const Bytes first = Frame{.src = kFrom, .dst = kTo, .proto = kUdp, .payload = 32, .fragment = 0x2000}.bytes();
  CHECK_EQUAL(HCD_PIECE, kind(first, packet));
  CHECK_EQUAL(__builtin_bswap16(80), packet.dport);
  CHECK_EQUAL(__builtin_bswap16(0x1234), packet.id);
  CHECK_EQUAL(0, packet.at);
  CHECK_EQUAL(1, packet.more);
  const Bytes last = Frame{.src = kFrom, .dst = kTo, .proto = kUdp, .payload = 33, .fragment = 5}.bytes();
  CHECK_EQUAL(HCD_PIECE, kind(last, packet));
  CHECK_EQUAL(40, packet.at);
  CHECK_EQUAL(0, packet.more);
  CHECK_EQUAL(0, packet.flaw);
  const Bytes six = Frame{.src = kFrom6, .dst = kTo6, .payload = 36, .extensions = {0, 44}}.bytes();
  CHECK_EQUAL(HCD_PIECE, kind(six, packet));
  CHECK_EQUAL(__builtin_bswap32(7), packet.id);
  Bytes lone = Frame{.src = kFrom6, .dst = kTo6, .extensions = {44}}.bytes();
  lone[14 + 40 + 3] = 0;  // the whole in one fragment
  CHECK_EQUAL(HCD_WHOLE, kind(lone, packet));
}

TEST(Parse, finds_a_flaw_in_fragments_that_are_where_none_can_be) {
  struct {
    std::uint16_t fragment;
    std::size_t payload;
    int flaw;
  } const cases[] = {{0x2001, 25, HCD_BAD_OFFSET}, {0x1fff, 33, HCD_BAD_OFFSET}, {0x1ffe, 0, 0}, {0x2001, 24, 0}};
  for (const auto& one : cases) {
    const Bytes bytes =
        Frame{.src = kFrom, .dst = kTo, .proto = kUdp, .payload = one.payload, .fragment = one.fragment}.bytes();
    CHECK_EQUAL(HCD_PIECE, kind(bytes, packet));
    CHECK_EQUAL(one.flaw, packet.flaw);
  }
}

TEST(Parse, leaves_source_routed_ipv6_on_its_way) {
  Bytes bytes = Frame{.src = kFrom6, .dst = kTo6, .extensions = {43}}.bytes();
  CHECK(parse(bytes, packet));
  bytes[14 + 40 + 3] = 1;
  CHECK(!parse(bytes, packet));
}

TEST(Parse, takes_a_length_of_zero_for_the_whole_frame_only_of_large_packets) {
  Bytes four = Frame{.src = kFrom, .dst = kTo, .payload = 100}.bytes();
  Bytes six = Frame{.src = kFrom6, .dst = kTo6, .payload = 100}.bytes();
  four[16] = four[17] = six[18] = six[19] = 0;
  for (const Bytes& bytes : {four, six}) {
    CHECK(parse(bytes, packet));
    CHECK_EQUAL(HCD_SHORT, packet.flaw);
    CHECK(parse(bytes, packet, true));
    CHECK_EQUAL(0, packet.flaw);
    CHECK_EQUAL(bytes.size() - 14, packet.bytes);
  }
}

TEST(Parse, finds_a_flaw_in_what_is_shorter_than_it_says) {
  Bytes bytes = Frame{.src = kFrom, .dst = kTo, .payload = 9}.bytes();
  bytes.pop_back();
  CHECK(parse(bytes, packet));
  CHECK_EQUAL(HCD_SHORT, packet.flaw);
}

TEST(Parse, allows_the_padding_of_short_frames) {
  Bytes bytes = Frame{.src = kFrom, .dst = kTo}.bytes();
  bytes.resize(60);
  CHECK(parse(bytes, packet));
  CHECK_EQUAL(0, packet.flaw);
  CHECK_EQUAL(40u, packet.bytes);
}

TEST(Parse, tells_a_checksum_still_to_be_filled_in_from_a_complete_one) {
  for (Bytes bytes : {Frame{.src = kFrom, .dst = kTo, .payload = 33}.bytes(),
                      Frame{.src = kFrom6, .dst = kTo6, .payload = 34, .extensions = {60}}.bytes()}) {
    CHECK(parse(bytes, packet));
    CHECK(!hcd_csum_is_partial(&packet));
    const bool six = bytes[12] == 0x86;
    const std::size_t tcp = packet.offset, length = bytes.size() - tcp;
    const std::uint16_t sum = sum16(&bytes[six ? 22 : 26], six ? 32 : 8, static_cast<std::uint32_t>(6 + length));
    bytes[tcp + 16] = static_cast<std::uint8_t>(sum >> 8);
    bytes[tcp + 17] = static_cast<std::uint8_t>(sum);
    CHECK(parse(bytes, packet));
    CHECK(hcd_csum_is_partial(&packet));
  }
}

TEST(Parse, reads_nothing_behind_the_end_whatever_the_length) {
  for (const Bytes& whole : {Frame{.src = kFrom, .dst = kTo, .options = 40}.bytes(),
                             Frame{.src = kFrom6, .dst = kTo6, .extensions = {0, 43, 60, 44}}.bytes()})
    for (std::size_t size = 1; size <= whole.size(); size++) {
      const Bytes cut(whole.begin(),
                      whole.begin() + static_cast<std::ptrdiff_t>(size));  // its end is guarded by the sanitizer
      const bool tcp = parse(cut, packet);
      CHECK(!tcp || size == whole.size() || packet.flaw != 0);
    }
}
