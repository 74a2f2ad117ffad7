#include "hcd/hce/postgres.h"

#include <fmt/format.h>

namespace hcd::hce {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kTerminate = "X\x00\x00\x00\x04"sv;
constexpr std::string_view kSslRequest = "\x00\x00\x00\x08\x04\xd2\x16\x2f"sv;
constexpr std::string_view kUser = "hcd";  // where none is named; every server wants one

}  // namespace

std::string postgres_request(const conf::Check& check) {
  return postgres::startup(check.peer.user.empty() ? kUser : check.peer.user, check.peer.name);
}

Postgres::Postgres()
    : Profile({ipc::Reason::PostgresOk, ipc::Reason::PostgresMalformed, ipc::Reason::PostgresFailed}) {}

void Postgres::start() {
  phase_ = plan().check.peer.starttls ? Phase::Ssl : Phase::Login;
  say(plan().check.peer.starttls ? kSslRequest : plan().request);
}

void Postgres::secured() {
  phase_ = Phase::Login;
  say(plan().request);
}

std::size_t Postgres::hear(std::string_view heard) {
  if (phase_ == Phase::Ssl) return hear_ssl_answer(heard);
  const auto message = postgres::parse_message(heard, kHeardMax - 5);
  if (message.is == postgres::Message::Is::Short) return 0;
  if (message.is == postgres::Message::Is::Malformed) return malformed("message"), heard.size();
  on_message(message);
  return message.size();
}

// One letter, or an error of a server too old to know the request.
std::size_t Postgres::hear_ssl_answer(std::string_view heard) {
  if (heard[0] == 'S') return secure(), 1;
  if (heard[0] == 'N') return refused(0, "no TLS"), 1;
  return malformed("answer to the request for TLS"), heard.size();
}

void Postgres::on_message(const postgres::Message& message) {
  switch (message.type) {
    case 'R': return on_authentication(message.body);
    case 'E': return on_error(message.body);
    case 'Z': return phase_ == Phase::Accepted ? pass(kTerminate) : malformed("ready before the log-in");
    case 'S':  // settings, a cancellation key, notices, a lower protocol version: nothing to judge by
    case 'K':
    case 'N':
    case 'v': return;
    default: return malformed("message");
  }
}

void Postgres::on_authentication(std::string_view body) {
  const std::int32_t request = postgres::parse_authentication(body);
  if (request < 0 || phase_ == Phase::Accepted) return malformed("authentication");
  if (request != 0) return pass();
  phase_ = Phase::Accepted;
}

void Postgres::on_error(std::string_view body) {
  const auto error = postgres::parse_error(body);
  if (!error.valid) return malformed("error");
  const auto& check = plan().check;
  const bool user_unknown = check.peer.user.empty() && error.state.starts_with("28");  // invalid authorization
  const bool database_unknown = check.peer.name.empty() && error.state == "3D000";
  if (user_unknown || database_unknown) return pass();
  refused(0, fmt::format("{} {}", error.state, error.text));
}

}  // namespace hcd::hce
