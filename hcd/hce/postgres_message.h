// PostgreSQL's messages, version 3.0 of the protocol, as far as a log-in without a password needs them. What the server
// sends is hostile: nothing is allocated in reading it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace hcd::hce::postgres {

[[nodiscard]] std::string startup(std::string_view user, std::string_view database);  // an empty one is not said

struct Message {
  enum class Is : std::uint8_t { Short, Malformed, Whole };
  Is is = Is::Short;
  char type = 0;
  std::string_view body;
  [[nodiscard]] std::size_t size() const { return body.size() + 5; }
};
[[nodiscard]] Message parse_message(std::string_view bytes, std::size_t body_max);

struct ServerError {
  bool valid = false;
  std::string_view state;  // SQLSTATE: "57P03"
  std::string_view text;   // "the database system is starting up"
};
[[nodiscard]] ServerError parse_error(std::string_view body);

// The request of an Authentication message: 0 is AuthenticationOk; -1: malformed.
[[nodiscard]] std::int32_t parse_authentication(std::string_view body);

}  // namespace hcd::hce::postgres
