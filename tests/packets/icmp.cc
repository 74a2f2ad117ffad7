#include "tests/packets/icmp.h"

#include <algorithm>

namespace hcd::packets {
namespace {

constexpr std::size_t kEther = 14;
constexpr std::uint8_t kIcmp = 1, kIcmp6 = 58;

std::size_t icmp_offset(const Bytes& frame) {
  if (frame[12] == 8) return kEther + std::size_t{frame[kEther] & 15u} * 4;
  std::size_t where = kEther + 40;
  for (std::uint8_t next = frame[kEther + 6]; next != kIcmp6; where += 8) next = frame[where];
  return where;
}

std::uint16_t sum_of(const Bytes& frame, std::size_t icmp) {
  const bool six = frame[12] == 0x86;
  const std::size_t size = frame.size() - icmp;
  const auto pseudo = six ? static_cast<std::uint32_t>(sum16(&frame[kEther + 8], 32) + size + kIcmp6) : 0;
  return sum16(&frame[icmp], size, pseudo);
}

}  // namespace

// The outer headers are those of a UDP packet of Frame's with as long a payload.
Bytes IcmpError::bytes() const {
  Bytes quote = about.bytes();
  quote.erase(quote.begin(), quote.begin() + kEther);
  quote.resize(std::min(quote.size(), quoted));
  const Frame outer{.to = mac_to,
                    .from = mac_from,
                    .src = from,
                    .dst = to,
                    .proto = six() ? kIcmp6 : kIcmp,
                    .ttl = ttl,
                    .tos = tos,
                    .id = id,
                    .payload = quote.size(),
                    .options = options,
                    .fragment = fragment,
                    .extensions = extensions};
  Bytes out = outer.bytes();
  const std::size_t icmp = out.size() - 8 - quote.size();
  const Bytes header{type,
                     code,
                     0,
                     0,
                     static_cast<std::uint8_t>(rest >> 24),
                     static_cast<std::uint8_t>(rest >> 16),
                     static_cast<std::uint8_t>(rest >> 8),
                     static_cast<std::uint8_t>(rest)};
  std::ranges::copy(header, out.begin() + static_cast<std::ptrdiff_t>(icmp));
  std::ranges::copy(quote, out.begin() + static_cast<std::ptrdiff_t>(icmp + 8));
  const auto sum = static_cast<std::uint16_t>(~sum_of(out, icmp));
  out[icmp + 2] = static_cast<std::uint8_t>(sum >> 8);
  out[icmp + 3] = static_cast<std::uint8_t>(sum);
  return out;
}

std::uint16_t icmp_fault(const Bytes& frame) {
  return static_cast<std::uint16_t>(~sum_of(frame, icmp_offset(frame)));
}

}  // namespace hcd::packets
