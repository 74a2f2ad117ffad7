#include "fastpath/bpf/overloaded.h"

#include "fastpath/bpf/shared.h"
#include "fastpath/bpf/states.h"

namespace hcd::fastpath {

Result<std::vector<Overloaded>> overloaded(const Maps& maps, TimePoint now) {
  std::vector<Overloaded> out;
  const Views& views = maps.views();
  if (load(views.pulse->overloads) == 0) return out;
  const auto networks = maps.networks();
  if (!networks) return std::unexpected(networks.error());
  constexpr std::uint32_t kBits = (1U << 30) - 1;
  const std::uint32_t tick = tick_at(*views.globals, now);
  for (const KernelNetwork& one : *networks) {
    if (!one.overloaded) continue;
    const std::uint32_t age = (tick - one.tick) & kBits;
    out.push_back({one.table, one.network, seconds_of(*views.globals, age > kBits / 2 ? 0 : age)});
  }
  return out;
}

}  // namespace hcd::fastpath
