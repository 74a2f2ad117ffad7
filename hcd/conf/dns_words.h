// The names of DNS record types and response codes, and what is a name of DNS (RFC 1035, IANA's registry).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hcd::conf {

inline constexpr std::uint16_t kDnsA = 1, kDnsAaaa = 28, kDnsAny = 255;

// "AAAA", in whatever case, or "TYPE28".
[[nodiscard]] std::optional<std::uint16_t> dns_type(std::string_view text);
[[nodiscard]] std::string dns_type_text(std::uint16_t type);

// "NXDOMAIN", in whatever case, or a number up to 15.
[[nodiscard]] std::optional<std::uint16_t> dns_rcode(std::string_view text);
[[nodiscard]] std::string dns_rcode_text(std::uint16_t rcode);

// Labels of 1 to 63 visible ASCII characters, 253 in all, with or without the final dot; "." alone is the root.
[[nodiscard]] bool is_dns_name(std::string_view text);

}  // namespace hcd::conf
