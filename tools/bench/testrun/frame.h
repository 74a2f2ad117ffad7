// Builds Ethernet frames with TCP or UDP over IPv4 or IPv6 and right checksums, and says what is wrong with one's checksums.
// Sums are computed in full here, never incrementally: the packet programs are judged by this.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "fastpath/base/address.h"

namespace hcd::testrun {

using Bytes = std::vector<std::uint8_t>;
using Mac = std::array<std::uint8_t, 6>;

enum : std::uint8_t { kFin = 1, kSyn = 2, kRst = 4, kPush = 8, kAck = 16 };
enum : std::uint8_t { kTcp = 6, kUdp = 17 };

struct Endpoint {
  Address address;
  std::uint16_t port = 0;  // host order
};
[[nodiscard]] Endpoint at(const char* address, std::uint16_t port);

struct Frame {
  Mac to{2, 0, 0, 0, 0, 1}, from{2, 0, 0, 0, 0, 2};
  Endpoint src, dst;
  std::uint8_t flags = kSyn;  // TCP's
  std::uint8_t proto = kTcp;  // or kUdp; anything else is built as UDP is
  std::uint8_t ttl = 64;
  std::uint8_t tos = 0;
  std::uint16_t id = 0x1234;  // IPv4
  std::size_t payload = 0;
  std::size_t options = 0;     // IPv4: bytes of options, all of them "no operation"; times 4
  std::uint16_t fragment = 0;  // IPv4: flags and offset as in the header
  // IPv6: types of eight-byte headers before TCP or UDP; a fragment header is a first one.
  std::vector<std::uint8_t> extensions;

  [[nodiscard]] Bytes bytes() const;
};

// Where the TCP or UDP header begins in a frame that Frame built.
[[nodiscard]] std::size_t tcp_offset(const Bytes& frame);

// By how much each sum is off: 0 where the checksum is right, or where UDP goes without.
struct Faults {
  std::uint16_t ip = 0, tcp = 0;  // or UDP
  friend bool operator==(const Faults&, const Faults&) = default;
};
[[nodiscard]] Faults faults(const Bytes& frame);

// Ones' complement sum of big-endian 16-bit words, folded, not complemented.
[[nodiscard]] std::uint16_t sum16(const std::uint8_t* data, std::size_t size, std::uint32_t start = 0);

}  // namespace hcd::testrun
