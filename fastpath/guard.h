// What becomes of new flows that come in floods, or find no room.
#pragma once
#include <cstdint>
#include <string>

#include "fastpath/base/token_reader.h"

namespace hcd::fastpath {

// Of a new flow that finds neither a free place nor a state that is over.
enum class WhenFull : std::uint8_t {
  Evict,   // the oldest half-open state goes; where there is none the flow is dropped
  Refuse,  // it is dropped
  Hash,    // the oldest half-open state goes; where there is none the flow goes on by hash, without a state
};

struct Guard {
  WhenFull when_full = WhenFull::Evict;
  std::uint32_t syns = 0;  // stored in a second; more go on by hash, without a state. 0: as many as come
  friend bool operator==(const Guard&, const Guard&) = default;
};
inline constexpr std::uint32_t kGuardMost = 100'000'000;

[[nodiscard]] std::string when_full_word(WhenFull when);
[[nodiscard]] std::optional<WhenFull> parse_when_full(TokenReader& reader);
[[nodiscard]] std::optional<std::uint32_t> parse_syn_guard(TokenReader& reader);  // the number

// Whether there is such a flow now, and, as long as there is, what has become of all of them so far.
struct Pressure {
  bool flood = false, full = false;
  bool by_hash = false;             // when_full
  std::uint64_t unstored = 0;       // SYNs that went on without a state,
  std::uint64_t resumed = 0;        // and states that the client's next packet made
  std::uint64_t dropped = 0;        // packets that found no room,
  std::uint64_t without_state = 0;  // and those that went on by hash, for whichever reason
};

}  // namespace hcd::fastpath
