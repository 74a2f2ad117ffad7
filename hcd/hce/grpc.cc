#include "hcd/hce/grpc.h"

#include "fastpath/base/text.h"

namespace hcd::hce {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPath = "/grpc.health.v1.Health/Check";
constexpr std::string_view kContentType = "application/grpc";
// Leave is taken by a GOAWAY of NO_ERROR: frame header, last stream 0, error 0 (RFC 9113 6.8).
constexpr std::string_view kLeave =
    "\0\0\x08\x07\0\0\0\0\0"
    "\0\0\0\0"
    "\0\0\0\0"sv;
constexpr std::size_t kAuthorityMax = 253, kMessageTextMax = 128;

}  // namespace

Status prepare_grpc(const conf::Check& check, Plan& plan) {
  if (check.peer.name.size() > conf::kServiceMax) return fail(Code::Invalid, "the service's name is too long");
  if (check.http.host.size() > kAuthorityMax || !Http2Call::is_authority(check.http.host))
    return fail(Code::Invalid, "the check's authority cannot stand in a request");
  plan.request = grpc::encode_request(check.peer.name);
  return {};
}

Grpc::Grpc() : Profile({ipc::Reason::GrpcOk, ipc::Reason::GrpcMalformed, ipc::Reason::GrpcFailed}) {}

void Grpc::start() {
  http_status_ = 0;
  is_grpc_ = false;
  status_.reset();
  message_.clear();
  body_.begin();
  const conf::Check& check = plan().check;
  call_.begin({.scheme = check.tls ? "https" : "http",
               .authority = check.http.host.empty() ? "localhost"sv : check.http.host,
               .path = kPath,
               .content_type = kContentType,
               .body = plan().request},
              *this);
  go_on();
}

std::size_t Grpc::hear(std::string_view heard) {
  call_.feed(heard);
  if (!judged()) go_on();
  return heard.size();
}

// Says what is to be said, and learns thereby whether nghttp2 has given up.
void Grpc::go_on() {
  for (auto frames = call_.next(); !frames.empty(); frames = call_.next()) {
    if (!has_room(frames.size() + kLeave.size())) return malformed("flood");
    say(frames);
  }
  switch (call_.state()) {
    case Http2Call::State::Open:
    case Http2Call::State::Ended: break;
    case Http2Call::State::Refused: return refused(0, call_.problem(), kLeave);
    case Http2Call::State::Broken: return malformed(call_.problem());
    case Http2Call::State::NoMemory: return unable("nghttp2");
  }
}

void Grpc::on_header(std::string_view name, std::string_view value) {
  if (name == ":status") http_status_ = parse_number<std::uint16_t>(value, 100, 999).value_or(0);
  if (name == "content-type") is_grpc_ = value.starts_with(kContentType);
  if (name == "grpc-message") message_ = value.substr(0, kMessageTextMax);
  if (name != "grpc-status") return;
  status_ = parse_number<std::uint16_t>(value, 0, 999);
  if (!status_) malformed("grpc-status");
}

void Grpc::on_headers_end() {
  if (http_status_ / 100 == 1) return;
  if (http_status_ != 200) return refused(0, "HTTP status " + std::to_string(http_status_), kLeave);
  if (!is_grpc_) malformed("not gRPC");
}

void Grpc::on_body(std::string_view bytes) {
  body_.feed(bytes);
  if (const auto problem = body_.problem(); !problem.empty()) malformed(problem);
}

void Grpc::on_end() {
  if (!status_) return malformed("no grpc-status");
  if (*status_ == 0) return judge_message();
  const std::string name = grpc::status_text(*status_);
  refused(*status_, message_.empty() ? name : name + ": " + message_, kLeave);
}

void Grpc::judge_message() {
  const auto message = body_.message();
  if (!message) return malformed(message.error());
  const auto serving = grpc::parse_response(*message);
  if (!serving) return malformed(serving.error());
  if (*serving == static_cast<std::uint32_t>(grpc::Serving::Serving)) return pass(kLeave);
  refused(0, grpc::serving_text(*serving), kLeave);
}

}  // namespace hcd::hce
