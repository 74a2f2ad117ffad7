// DNS messages as far as a check needs them (RFC 1035): a query for one name, and what an answer to it says. The answer is
// hostile input: every count, length and pointer is checked, nothing is allocated, and no message costs more than one walk
// over its records.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "fastpath/base/address.h"

namespace hcd::hce::dns {

inline constexpr std::uint16_t kTypeA = 1, kTypeCname = 5, kTypeAaaa = 28, kTypeAny = 255;
inline constexpr std::size_t kQueryMax = 12 + 255 + 4;  // header, the longest name, type and class
inline constexpr std::size_t kUdpMax = 512;             // of an answer: no EDNS is offered

// A query with recursion desired and an id of zero; nothing when `name` is no DNS name: labels of 1 to 63 bytes, 255 in
// all, "." alone for the root, with or without the final dot.
[[nodiscard]] std::optional<std::string> encode_query(std::string_view name, std::uint16_t type);

struct Answer {
  enum class Kind : std::uint8_t {
    Stray,      // not an answer to this query: another id or question, or too short to tell
    Malformed,  // an answer to it that breaks the rules: see problem
    Valid,
  };
  Kind kind = Kind::Stray;
  std::string_view problem;   // "name pointer"
  std::uint8_t rcode = 0;     // RFC 1035 4.1.1
  bool truncated = false;     // TC: ask again over TCP; the records were not looked at
  std::uint16_t records = 0;  // in the answer section, of the type that was asked for
  bool has_address = false;   // one of them is the address looked for
};

// `query` as it was sent, with its id; `address`: the one to look for.
[[nodiscard]] Answer parse_answer(std::string_view message, std::string_view query, const Address* address);

}  // namespace hcd::hce::dns
