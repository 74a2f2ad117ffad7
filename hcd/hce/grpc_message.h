// The messages of gRPC's health service (grpc.health.v1) as they stand in a request's and an answer's body: a flag that is 0
// unless the message is compressed, its length in four bytes, and the protobuf.
//
//   message HealthCheckRequest { string service = 1; }
//   message HealthCheckResponse { ServingStatus status = 1; }
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace hcd::hce::grpc {

enum class Serving : std::uint32_t { Unknown, Serving, NotServing, ServiceUnknown };

[[nodiscard]] std::string encode_request(std::string_view service);  // of at most 16383 bytes

// The status in a HealthCheckResponse, whose further fields are passed over; none: it is no such message.
[[nodiscard]] std::expected<std::uint32_t, std::string_view> parse_response(std::string_view message);

[[nodiscard]] std::string serving_text(std::uint32_t status);  // "NOT_SERVING"
[[nodiscard]] std::string status_text(std::uint16_t status);   // of a call: "UNIMPLEMENTED"

// The body of an answer that holds one message, as it comes.
class Body {
 public:
  static constexpr std::size_t kMessageMax = 1024;

  void begin() { size_ = 0, heard_ = 0; }
  void feed(std::string_view bytes);
  // The message, once the body has ended; none, and why: there is not one.
  [[nodiscard]] std::expected<std::string_view, std::string_view> message() const;
  // What no more bytes could mend.
  [[nodiscard]] std::string_view problem() const;

 private:
  static constexpr std::size_t kHead = 5;
  [[nodiscard]] std::size_t length() const;

  std::array<char, kHead + kMessageMax> bytes_{};
  std::size_t size_ = 0, heard_ = 0;  // what of it stands in `bytes_`; what came
};

}  // namespace hcd::hce::grpc
