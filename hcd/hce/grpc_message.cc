#include "hcd/hce/grpc_message.h"

#include <optional>

namespace hcd::hce::grpc {
namespace {

// Takes protobuf's elements off the front of a message.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}
  [[nodiscard]] bool ended() const { return left_.empty(); }

  std::optional<std::uint64_t> varint() {
    constexpr unsigned kBits = 64, kStep = 7;
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < kBits && !left_.empty(); shift += kStep) {
      const auto byte = static_cast<std::uint8_t>(left_.front());
      left_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80U) return value;
    }
    return std::nullopt;
  }
  bool skip(std::uint64_t count) {
    if (count > left_.size()) return false;
    left_.remove_prefix(static_cast<std::size_t>(count));
    return true;
  }
  bool skip_field(unsigned wire_type) {
    switch (wire_type) {
      case 0: return varint().has_value();
      case 1: return skip(8);
      case 2: {
        const auto size = varint();
        return size && skip(*size);
      }
      case 5: return skip(4);
      default: return false;  // 3 and 4 are groups, which proto3 has not
    }
  }

 private:
  std::string_view left_;
};

constexpr std::uint64_t kStatusTag = 1 << 3;  // field 1, a varint
constexpr char kServiceTag = 1 << 3 | 2;      // field 1, a string

template <std::size_t N>
std::string name_of(const std::array<std::string_view, N>& names, std::uint32_t number) {
  return number < N ? std::string(names[number]) : "status " + std::to_string(number);
}

}  // namespace

std::string encode_request(std::string_view service) {
  std::string message;
  if (!service.empty()) {
    message += kServiceTag;
    if (service.size() >= 0x80) message += static_cast<char>(0x80 | (service.size() & 0x7f));
    message += static_cast<char>(service.size() >= 0x80 ? service.size() >> 7 : service.size());
    message += service;
  }
  std::string out(3, '\0');  // not compressed, and a length below 2^16
  out += static_cast<char>(message.size() >> 8);
  out += static_cast<char>(message.size() & 0xff);
  return out + message;
}

// A field that is not there has its default, 0; of one that is there twice the last counts.
std::expected<std::uint32_t, std::string_view> parse_response(std::string_view message) {
  constexpr std::string_view kBad = "response is no protobuf";
  std::uint32_t status = 0;
  for (Reader reader(message); !reader.ended();) {
    const auto tag = reader.varint();
    if (!tag || *tag >> 3 == 0) return std::unexpected(kBad);
    if (*tag != kStatusTag) {
      if (*tag >> 3 == 1 || !reader.skip_field(*tag & 7)) return std::unexpected(kBad);
      continue;
    }
    const auto value = reader.varint();
    if (!value) return std::unexpected(kBad);
    status = static_cast<std::uint32_t>(*value);  // as protobuf cuts an enumeration
  }
  return status;
}

std::string serving_text(std::uint32_t status) {
  return name_of(std::to_array<std::string_view>({"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"}), status);
}

std::string status_text(std::uint16_t status) {
  return name_of(std::to_array<std::string_view>(
                     {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND",
                      "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED",
                      "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}),
                 status);
}

void Body::feed(std::string_view bytes) {
  heard_ += bytes.size();
  size_ += bytes.copy(bytes_.data() + size_, bytes_.size() - size_);
}

std::size_t Body::length() const {
  std::size_t out = 0;
  for (std::size_t i = 1; i < kHead; i++) out = out << 8 | static_cast<std::uint8_t>(bytes_[i]);
  return out;
}

std::string_view Body::problem() const {
  if (size_ > 0 && bytes_[0] == 1) return "compressed message";
  if (size_ > 0 && bytes_[0] != 0) return "flag of a message";
  if (size_ < kHead) return {};
  if (length() > kMessageMax) return "message too long";
  return heard_ > kHead + length() ? "more than one message" : "";
}

std::expected<std::string_view, std::string_view> Body::message() const {
  if (const auto what = problem(); !what.empty()) return std::unexpected(what);
  if (size_ == 0) return std::unexpected("no message");
  if (size_ < kHead || size_ < kHead + length()) return std::unexpected("message cut short");
  return std::string_view(bytes_.data() + kHead, length());
}

}  // namespace hcd::hce::grpc
