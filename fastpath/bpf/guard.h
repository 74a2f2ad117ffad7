// The guard in the kernel's maps. The packet path counts by ticks: a limit that is no whole number of states in a tick is
// rounded, and is one at least.
#pragma once
#include "fastpath/base/clock.h"
#include "fastpath/bpf/maps.h"
#include "fastpath/guard.h"

namespace hcd::fastpath {

void set_guard(const Views& views, const Guard& guard);  // packets see each of both as it was or as it is
[[nodiscard]] Guard guard_of(const Views& views);
// Flood and full, and what is said to be done; no counters.
[[nodiscard]] Pressure pressure_of(const Views& views, TimePoint now);

}  // namespace hcd::fastpath
