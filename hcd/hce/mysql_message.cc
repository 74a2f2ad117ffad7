#include "hcd/hce/mysql_message.h"

namespace hcd::hce::mysql {
namespace {

constexpr std::uint8_t kUtf8 = 33;  // the collation that every version knows
constexpr std::uint32_t kPacketMax = 1 << 16;

std::uint32_t little(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

void put_little(std::string& out, std::uint32_t value, int size) {
  for (int i = 0; i < size; i++) out += static_cast<char>(value >> (8 * i) & 0xff);
}

constexpr std::size_t kStartSize = 4 + 4 + 1 + 23;  // of an SSLRequest, and of what a log-in begins with

void put_header(std::string& out, std::size_t size, std::uint8_t sequence) {
  put_little(out, static_cast<std::uint32_t>(size), 3);
  out += static_cast<char>(sequence);
}

void put_start(std::string& out, bool tls) {
  put_little(out, kProtocol41 | kSecureConnection | kPluginAuth | (tls ? kSsl : 0), 4);
  put_little(out, kPacketMax, 4);
  out += static_cast<char>(kUtf8);
  out.append(23, '\0');
}

}  // namespace

Packet parse_packet(std::string_view bytes, std::size_t payload_max) {
  if (bytes.size() < 4) return {};
  const std::size_t length = little(bytes.substr(0, 3));
  if (length == 0 || length > payload_max) return {.is = Packet::Is::Malformed, .sequence = 0, .payload = {}};
  if (bytes.size() - 4 < length) return {};
  return {.is = Packet::Is::Whole, .sequence = static_cast<std::uint8_t>(bytes[3]), .payload = bytes.substr(4, length)};
}

// Protocol::HandshakeV10: version text, thread 4, scramble 8, filler 1, capabilities 2, collation 1, status 2,
// capabilities 2, and what only a password needs.
Greeting parse_greeting(std::string_view payload) {
  if (payload[0] != 10) return {.problem = "protocol version"};
  const std::size_t version_end = payload.find('\0');
  if (version_end == std::string_view::npos) return {.problem = "server version"};
  const std::string_view rest = payload.substr(version_end + 1);
  if (rest.size() < 4 + 8 + 1 + 2) return {.problem = "greeting cut short"};
  Greeting out{.problem = {}, .capabilities = little(rest.substr(13, 2))};
  if (rest.size() >= 20) out.capabilities |= little(rest.substr(18, 2)) << 16;
  if ((out.capabilities & kProtocol41) == 0) out.problem = "a server before 4.1";
  return out;
}

// 0xff, code 2, then '#' and a state of 5 unless it comes before the greeting, then the text.
ServerError parse_error(std::string_view payload) {
  if (payload.size() < 3 || payload[0] != '\xff') return {};
  ServerError out{
      .valid = true, .code = static_cast<std::uint16_t>(little(payload.substr(1, 2))), .text = payload.substr(3)};
  if (out.text.size() >= 6 && out.text[0] == '#') out.text.remove_prefix(6);
  return out;
}

std::string_view parse_auth_switch(std::string_view payload) {
  const std::size_t end = payload.find('\0', 1);
  return payload[0] != '\xfe' || end == std::string_view::npos ? std::string_view() : payload.substr(1, end - 1);
}

void put_ssl_request(std::string& out, std::uint8_t sequence) {
  put_header(out, kStartSize, sequence);
  put_start(out, true);
}

void put_login(std::string& out, std::uint8_t sequence, std::string_view user, bool tls) {
  constexpr std::string_view kPlugin = "mysql_native_password";
  put_header(out, kStartSize + user.size() + 1 + 1 + kPlugin.size() + 1, sequence);
  put_start(out, tls);
  out += user;
  out += '\0';
  out += '\0';  // the password's length
  out += kPlugin;
  out += '\0';
}

}  // namespace hcd::hce::mysql
