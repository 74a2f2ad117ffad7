// How often a table's hosts are checked, and what becomes of the results: shared by all hosts of a table.
#pragma once
#include <cstdint>

#include "fastpath/base/clock.h"

namespace hcd::conf {

inline constexpr std::uint16_t kCountMax = 100;  // of rise, fall, flap and passive fail
inline constexpr Milliseconds kIntervalMin{100};
inline constexpr Seconds kIntervalMax{86400};

// Where the interval is another one; 0: it is not.
struct Pace {
  Milliseconds down{0};      // while the host is down
  Milliseconds changing{0};  // while results that may change its state are counted
  std::uint8_t jitter = 0;   // a check comes later by up to this part of its interval, in percent: at most 50
  void fields(auto& f) { f(down, changing, jitter); }
  friend bool operator==(const Pace&, const Pace&) = default;
};

struct Judgement {
  std::uint16_t rise = 1;  // passed checks in a row that bring a host up
  std::uint16_t fall = 1;  // failed ones, once its retries are used, that take it down
  std::uint16_t flap = 0;  // more changes of state than these within `flap_within` hold it down; 0: none do
  Seconds flap_within{0};
  Seconds flap_hold{0};       // without a change, and it is released
  std::uint16_t passive = 0;  // failures told from outside, within `passive_within`, that take it down; 0: none do
  Seconds passive_within{0};
  void fields(auto& f) { f(rise, fall, flap, flap_within, flap_hold, passive, passive_within); }
  friend bool operator==(const Judgement&, const Judgement&) = default;
};

}  // namespace hcd::conf
