// Builds ICMP and ICMPv6 errors about packets that Frame builds, with checksums computed in full.
#pragma once
#include "tools/bench/testrun/frame.h"

namespace hcd::packets {

using namespace hcd::testrun;

struct IcmpError {
  Endpoint from, to;  // their ports mean nothing
  Frame about;        // as its sender's error says it left
  std::uint8_t type = 3, code = 4;
  std::uint32_t rest = 1300;  // the four bytes before the quote: the MTU
  std::size_t quoted = 548;   // bytes of the packet that it is about, at most
  std::uint8_t ttl = 64, tos = 0;
  std::uint16_t id = 0x1234, fragment = 0;  // of its own IPv4 header
  Mac mac_to{2, 0, 0, 0, 0, 1}, mac_from{2, 0, 0, 0, 0, 2};
  std::size_t options = 0;               // of its own IPv4 header, as in Frame
  std::vector<std::uint8_t> extensions;  // of its own IPv6 header, as in Frame

  [[nodiscard]] bool six() const { return from.address.family == Family::Inet6; }
  [[nodiscard]] Bytes bytes() const;
};

// By how much the ICMP checksum of an error that IcmpError built is off.
[[nodiscard]] std::uint16_t icmp_fault(const Bytes& frame);

}  // namespace hcd::packets
