// MySQL's and MariaDB's packets as far as a log-in without a password needs them (protocol 10, client protocol 4.1).
// What the server sends is hostile: nothing is allocated in reading it, and no length is believed before it was checked.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace hcd::hce::mysql {

inline constexpr std::uint32_t kProtocol41 = 0x200, kSsl = 0x800, kSecureConnection = 0x8000, kPluginAuth = 0x80000;

struct Packet {
  enum class Is : std::uint8_t { Short, Malformed, Whole };
  Is is = Is::Short;
  std::uint8_t sequence = 0;
  std::string_view payload;  // not empty
  [[nodiscard]] std::size_t size() const { return payload.size() + 4; }
};
[[nodiscard]] Packet parse_packet(std::string_view bytes, std::size_t payload_max);

struct Greeting {
  std::string_view problem;  // empty: it is one
  std::uint32_t capabilities = 0;
};
[[nodiscard]] Greeting parse_greeting(std::string_view payload);

struct ServerError {
  bool valid = false;
  std::uint16_t code = 0;  // 1040
  std::string_view text;   // "Too many connections"; without the SQL state before it
};
[[nodiscard]] ServerError parse_error(std::string_view payload);

// The plugin that an AuthSwitchRequest names; empty: malformed.
[[nodiscard]] std::string_view parse_auth_switch(std::string_view payload);

// Whole packets, header included, put at the end of `out`; `tls`: both must say so, for the server compares.
void put_ssl_request(std::string& out, std::uint8_t sequence);
void put_login(std::string& out, std::uint8_t sequence, std::string_view user, bool tls);

}  // namespace hcd::hce::mysql
