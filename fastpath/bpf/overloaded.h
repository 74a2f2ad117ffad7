// Addresses that the packet path has put into tables (`overload`). They are members for every packet and every tool, and no part of
// the ruleset: a commit leaves them, and whoever keeps the table's own addresses need not know of them. They go one by one, or with
// the last rule that names the table as a source.
#pragma once
#include <cstdint>
#include <vector>

#include "fastpath/base/clock.h"
#include "fastpath/bpf/maps.h"

namespace hcd::fastpath {

struct Overloaded {
  std::uint32_t table = 0;  // index
  Network network;
  Seconds age{0};  // since it was put in
};

// All of them, in no order. Costs nothing where there never was one.
[[nodiscard]] Result<std::vector<Overloaded>> overloaded(const Maps& maps, TimePoint now);

}  // namespace hcd::fastpath
