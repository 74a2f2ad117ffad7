// The packet path's clock. Reading jiffies costs it nothing, ktime_get_ns 33 ns a packet; so states carry ticks of some 64 ms
// cut from jiffies, and userland must know how these relate to CLOCK_MONOTONIC.
#pragma once
#include <cstdint>
#include <span>

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

// Readings in order of time, over some jiffies at least. The count of jiffies may lag behind on a busy machine but never
// runs ahead, so the readings that lag least tell its length: the one of those that kernels are built with (HZ of 100, 250,
// 300 or 1000) by which the first half of them and the second agree best.
[[nodiscard]] Ticks calibrate(std::span<const Moment> readings);

// Measures for a quarter of a second with a program of its own.
[[nodiscard]] Result<Ticks> measure_ticks();

}  // namespace hcd::fastpath
