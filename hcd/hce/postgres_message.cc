#include "hcd/hce/postgres_message.h"

namespace hcd::hce::postgres {
namespace {

std::uint32_t big(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

std::string with_length(std::string_view body) {
  const auto length = static_cast<std::uint32_t>(body.size() + 4);
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(length >> shift & 0xff);
  return out.append(body);
}

void put_parameter(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out.append(name).append(1, '\0').append(value).append(1, '\0');
}

}  // namespace

std::string startup(std::string_view user, std::string_view database) {
  std::string body("\0\3\0\0", 4);
  put_parameter(body, "user", user);
  put_parameter(body, "database", database);
  put_parameter(body, "application_name", "hcd");
  body += '\0';
  return with_length(body);
}

Message parse_message(std::string_view bytes, std::size_t body_max) {
  constexpr Message kBad{.is = Message::Is::Malformed, .type = 0, .body = {}};
  const bool letter = !bytes.empty() && ((bytes[0] >= 'A' && bytes[0] <= 'Z') || (bytes[0] >= 'a' && bytes[0] <= 'z'));
  if (!bytes.empty() && !letter && (bytes[0] < '1' || bytes[0] > '3')) return kBad;
  if (bytes.size() < 5) return {};
  const std::uint32_t length = big(bytes.substr(1, 4));
  if (length < 4 || length - 4 > body_max) return kBad;
  if (bytes.size() - 1 < length) return {};
  return {.is = Message::Is::Whole, .type = bytes[0], .body = bytes.substr(5, length - 4)};
}

// Fields of a type's letter and a text that ends with zero; a zero ends them all.
ServerError parse_error(std::string_view body) {
  ServerError out;
  while (!body.empty() && body[0] != '\0') {
    const std::size_t end = body.find('\0', 1);
    if (end == std::string_view::npos) return {};
    const std::string_view value = body.substr(1, end - 1);
    if (body[0] == 'C') out.state = value;
    if (body[0] == 'M') out.text = value;
    body.remove_prefix(end + 1);
  }
  out.valid = body.size() == 1 && out.state.size() == 5;
  return out;
}

std::int32_t parse_authentication(std::string_view body) {
  if (body.size() < 4 || big(body.substr(0, 4)) > 0xff) return -1;
  return static_cast<std::int32_t>(big(body.substr(0, 4)));
}

}  // namespace hcd::hce::postgres
