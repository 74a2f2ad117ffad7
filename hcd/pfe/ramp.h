// Slow start: a host that has come up gets a growing part of its weight, in ten steps over its table's `slow start`.
// Pure.
//
// The steps of a table's hosts fall on common times, however many they are and whenever they came up: a table changes
// at most ten times in its slow start, and not for each host.
#pragma once
#include <algorithm>
#include <cstdint>

#include "fastpath/base/clock.h"

namespace hcd::pfe {

inline constexpr unsigned kRampSteps = 10;

// The step, 1 to kRampSteps, of a host that came up at `since`.
[[nodiscard]] unsigned ramp_step(TimePoint since, TimePoint now, Seconds slow_start);

// When the hosts of such a table take their next step.
[[nodiscard]] TimePoint next_ramp_step(TimePoint now, Seconds slow_start);

// The weights of hosts that share new sessions. They only count beside each other: where all are on the same step, be it
// one host alone, each has its own.
class Ramp {
 public:
  void add(std::uint16_t weight, unsigned step) {
    heaviest_ = std::max(heaviest_, weight);
    lowest_ = std::min(lowest_, step);
    highest_ = std::max(highest_, step);
  }
  [[nodiscard]] std::uint16_t weight(std::uint16_t weight, unsigned step) const;

 private:
  std::uint16_t heaviest_ = 0;
  unsigned lowest_ = kRampSteps, highest_ = 0;
};

}  // namespace hcd::pfe
