// An IPv4 or IPv6 address: bytes in network order, compared by family, then value (pf walks its tables in this order).
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <netinet/in.h>
#include <sys/socket.h>

namespace hcd {

enum class Family : std::uint8_t { None = 0, Inet = 4, Inet6 = 6 };

struct Address {
  Family family = Family::None;
  std::array<std::uint8_t, 16> bytes{};  // network order; IPv4 uses the first four, the rest are zero

  [[nodiscard]] static std::optional<Address> parse(std::string_view text);  // numeric forms only; no scope, no name
  [[nodiscard]] static Address v4(std::uint32_t network_order);
  [[nodiscard]] static Address v6(const in6_addr& address);
  [[nodiscard]] static std::optional<Address> from(const sockaddr* address);

  [[nodiscard]] std::string text() const;  // RFC 5952 for IPv6
  [[nodiscard]] std::size_t size() const { return family == Family::Inet ? 4 : family == Family::Inet6 ? 16 : 0; }
  [[nodiscard]] int af() const {
    return family == Family::Inet ? AF_INET : family == Family::Inet6 ? AF_INET6 : AF_UNSPEC;
  }
  [[nodiscard]] bool is_unspecified() const { return bytes == std::array<std::uint8_t, 16>{}; }

  // Fills out and returns the length used; port in host order.
  socklen_t to_sockaddr(std::uint16_t port, sockaddr_storage& out) const;

  // As the default ones do; those call memcmp, and tables of thousands are compared address by address.
  friend bool operator==(const Address& a, const Address& b) {
    return a.family == b.family && __builtin_memcmp(a.bytes.data(), b.bytes.data(), sizeof a.bytes) == 0;
  }
  friend std::strong_ordering operator<=>(const Address& a, const Address& b) {
    if (a.family != b.family) return a.family <=> b.family;
    return __builtin_memcmp(a.bytes.data(), b.bytes.data(), sizeof a.bytes) <=> 0;
  }
};

// "10.0.0.1:80" or "[2001:db8::1]:80"; port in host order.
[[nodiscard]] std::string endpoint_text(const Address& address, std::uint16_t port);

}  // namespace hcd
