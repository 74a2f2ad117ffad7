// The grpc check: the standard health service's Check (grpc.health.v1.Health/Check, github.com/grpc/grpc doc/health-checking.md)
// of a service by its name, or of the whole server by none, over HTTP/2 from the first byte (over TLS agreed to by ALPN).
// HTTP status 200, grpc-status 0 and SERVING are ok. Failed tells what the server said instead: an HTTP status, a status of
// gRPC by its number, name and message, a serving status, or that it gave up the request or the connection.
#pragma once
#include <optional>
#include <string>

#include "hcd/hce/grpc_message.h"
#include "hcd/hce/http2.h"
#include "hcd/hce/profile.h"

namespace hcd::hce {

// Refuses words that no configuration holds; makes the message.
[[nodiscard]] Status prepare_grpc(const conf::Check& check, Plan& plan);

class Grpc final : public Profile, private Http2Call::Answer {
 public:
  Grpc();
  void release() override { call_.end(); }

 private:
  void start() override;
  [[nodiscard]] std::size_t hear(std::string_view heard) override;
  void on_header(std::string_view name, std::string_view value) override;
  void on_headers_end() override;
  void on_body(std::string_view bytes) override;
  void on_end() override;
  void go_on();
  void judge_message();

  Http2Call call_;
  std::uint16_t http_status_ = 0;
  bool is_grpc_ = false;                 // its Content-Type says so
  std::optional<std::uint16_t> status_;  // of gRPC
  std::string message_;                  // beside it
  grpc::Body body_;
};

}  // namespace hcd::hce
