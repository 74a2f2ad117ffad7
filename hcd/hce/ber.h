// The part of BER that LDAP messages use (X.690 with RFC 4511 5.1's limits): definite lengths, tags of one byte. A reader
// over bytes that are there already; it allocates nothing and never looks past its end.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

namespace hcd::hce::ber {

inline constexpr std::uint8_t kInteger = 0x02, kOctets = 0x04, kEnumerated = 0x0a, kSequence = 0x30;

struct Header {
  std::uint8_t tag = 0;
  std::size_t size = 0;    // of the header itself
  std::size_t length = 0;  // of the contents
};

enum class HeaderIs : std::uint8_t { Whole, Short, Bad };
// Bad: a tag of several bytes, an indefinite length, or one of more than four bytes.
[[nodiscard]] HeaderIs read_header(std::string_view bytes, Header& out);

class Reader {
 public:
  explicit Reader(std::string_view bytes) : left_(bytes) {}

  // The contents of the next element, which must have that tag and be whole.
  [[nodiscard]] std::optional<std::string_view> take(std::uint8_t tag);
  [[nodiscard]] std::optional<std::uint32_t> number(std::uint8_t tag);  // not negative, at most 31 bits
  [[nodiscard]] std::uint8_t next_tag() const {                         // 0: at the end
    return left_.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(left_[0]);
  }

 private:
  std::string_view left_;
};

}  // namespace hcd::hce::ber
