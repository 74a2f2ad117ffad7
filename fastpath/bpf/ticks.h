// The packet path's clock. Reading jiffies costs it nothing, ktime_get_ns 33 ns a packet; so states carry ticks of some 64 ms
// cut from jiffies, and userland must know how these relate to CLOCK_MONOTONIC.
#pragma once
#include <cstdint>

#include "fastpath/base/error.h"

namespace hcd::fastpath {

struct Ticks {
  std::uint32_t shift = 0;      // tick = jiffies >> shift
  std::uint64_t length_ns = 0;  // of a tick
  std::uint64_t zero_ns = 0;    // CLOCK_MONOTONIC when the count was 0, modulo 2^64
};

// One reading of both clocks at the same moment.
struct Moment {
  std::uint64_t jiffies = 0, ns = 0;
};

// Two moments, each just after jiffies changed, give the length of a jiffy: one that a kernel is built with (HZ of 100,
// 250, 300 or 1000) when it is near, else the one measured.
[[nodiscard]] Ticks calibrate(const Moment& early, const Moment& late);

// Measures for some 50 ms with a program of its own.
[[nodiscard]] Result<Ticks> measure_ticks();

}  // namespace hcd::fastpath
