// An address, port and protocol, as userland compares it and as the packet path reads it.
#pragma once
#include <compare>
#include <cstdint>
#include <string>

#include "fastpath/base/address.h"
#include "fastpath/ring.h"
#include "fastpath/rule.h"
#include "kmod/hcd_abi.h"

namespace hcd::fastpath {

struct Endpoint {
  Address address;
  std::uint16_t port = 0;  // host order
  Proto proto = Proto::Tcp;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;

  [[nodiscard]] abi::hcd_endpoint raw() const;
  [[nodiscard]] static Endpoint of(const abi::hcd_endpoint& raw);  // family None where the record is not sound
  [[nodiscard]] std::string text() const { return endpoint_text(address, port); }
};

// Where the index leads to a rule by: rules for many ports stand at port 0.
[[nodiscard]] inline Endpoint destination_of(const Rule& rule) {
  return {rule.to, rule.many_ports() ? std::uint16_t{0} : rule.port, rule.proto};
}

struct EndpointHash {
  std::size_t operator()(const Endpoint& at) const {
    return host_identity(at.address, at.port) + static_cast<std::size_t>(at.proto);
  }
};

}  // namespace hcd::fastpath
