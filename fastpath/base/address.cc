#include "fastpath/base/address.h"

#include <cstring>

#include <arpa/inet.h>

namespace hcd {

std::optional<Address> Address::parse(std::string_view text) {
  if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  char terminated[INET6_ADDRSTRLEN] = {};
  text.copy(terminated, text.size());
  if (std::strlen(terminated) != text.size()) return std::nullopt;
  Address out;
  if (inet_pton(AF_INET, terminated, out.bytes.data()) == 1) {
    out.family = Family::Inet;
    return out;
  }
  if (inet_pton(AF_INET6, terminated, out.bytes.data()) == 1) {
    out.family = Family::Inet6;
    return out;
  }
  return std::nullopt;
}

Address Address::v4(std::uint32_t network_order) {
  Address out{.family = Family::Inet, .bytes = {}};
  std::memcpy(out.bytes.data(), &network_order, sizeof network_order);
  return out;
}

Address Address::v6(const in6_addr& address) {
  Address out{.family = Family::Inet6, .bytes = {}};
  std::memcpy(out.bytes.data(), &address, sizeof address);
  return out;
}

std::optional<Address> Address::from(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    return v4(in.sin_addr.s_addr);
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 in6{};
    std::memcpy(&in6, address, sizeof in6);
    return v6(in6.sin6_addr);
  }
  return std::nullopt;
}

std::string Address::text() const {
  char out[INET6_ADDRSTRLEN] = {};
  if (family == Family::None || inet_ntop(af(), bytes.data(), out, sizeof out) == nullptr) return "none";
  return out;
}

socklen_t Address::to_sockaddr(std::uint16_t port, sockaddr_storage& out) const {
  out = {};
  if (family == Family::Inet) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&in.sin_addr, bytes.data(), 4);
    std::memcpy(&out, &in, sizeof in);
    return sizeof in;
  }
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(port);
  std::memcpy(&in6.sin6_addr, bytes.data(), 16);
  std::memcpy(&out, &in6, sizeof in6);
  return sizeof in6;
}

std::string endpoint_text(const Address& address, std::uint16_t port) {
  const std::string host = address.text();
  return (address.family == Family::Inet6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace hcd
