// What a server of HTTP/2 sends, frame by frame (RFC 9113), its headers as literals that enter no table (RFC 7541 6.2.2).
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>

namespace hcd::test::http2 {

enum Type : std::uint8_t {
  kData,
  kHeaders,
  kPriority,
  kReset,
  kSettings,
  kPush,
  kPing,
  kGoaway,
  kWindow,
  kContinuation
};
inline constexpr std::uint8_t kEndStream = 1, kEndHeaders = 4, kAck = 1;

inline std::string number(std::uint32_t value, unsigned bytes) {
  std::string out;
  while (bytes-- != 0) out += static_cast<char>(value >> 8 * bytes & 0xff);
  return out;
}

inline std::string frame(Type type, std::uint8_t flags, std::uint32_t stream, const std::string& payload) {
  return number(static_cast<std::uint32_t>(payload.size()), 3) + static_cast<char>(type) + static_cast<char>(flags) +
         number(stream, 4) + payload;
}

using Fields = std::initializer_list<std::pair<std::string, std::string>>;
inline std::string text(const std::string& bytes) {  // a string of HPACK, uncoded
  std::string out;
  std::size_t left = bytes.size();
  if (left < 0x7f) return static_cast<char>(left) + bytes;
  out += '\x7f';
  for (left -= 0x7f; left >= 0x80; left >>= 7) out += static_cast<char>(0x80 | (left & 0x7f));
  return out + static_cast<char>(left) + bytes;
}
inline std::string block(Fields fields) {
  std::string out;
  for (const auto& [name, value] : fields) out += '\0' + text(name) + text(value);
  return out;
}

inline std::string settings(const std::string& entries = {}) {
  return frame(kSettings, 0, 0, entries);
}
inline std::string headers(Fields fields, std::uint8_t flags = 0) {
  return frame(kHeaders, kEndHeaders | flags, 1, block(fields));
}
inline std::string data(const std::string& bytes, std::uint8_t flags = 0) {
  return frame(kData, flags, 1, bytes);
}
inline std::string goaway(std::uint32_t last, std::uint32_t code, const std::string& why = {}) {
  return frame(kGoaway, 0, 0, number(last, 4) + number(code, 4) + why);
}
inline std::string reset(std::uint32_t code) {
  return frame(kReset, 0, 1, number(code, 4));
}

}  // namespace hcd::test::http2
