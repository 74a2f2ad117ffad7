#include "fastpath/bpf/endpoint.h"

#include <algorithm>
#include <cstring>

namespace hcd::fastpath {

abi::hcd_endpoint Endpoint::raw() const {
  abi::hcd_endpoint out{};
  std::memcpy(out.addr, address.bytes.data(), sizeof out.addr);
  out.port = htons(port);
  out.proto = static_cast<__u8>(proto);
  out.family = static_cast<__u8>(address.family);
  return out;
}

Endpoint Endpoint::of(const abi::hcd_endpoint& raw) {
  Endpoint out{.port = ntohs(raw.port), .proto = static_cast<Proto>(raw.proto)};
  const bool known = raw.family == 4 || raw.family == 6;
  const bool padded = raw.family == 6 || std::all_of(raw.addr + 4, raw.addr + 16, [](__u8 byte) { return byte == 0; });
  if (!known || !padded || (out.proto != Proto::Tcp && out.proto != Proto::Udp)) return {};
  out.address.family = static_cast<Family>(raw.family);
  std::memcpy(out.address.bytes.data(), raw.addr, sizeof raw.addr);
  return out;
}

}  // namespace hcd::fastpath
