#include "fastpath/bpf/guard.h"

#include <algorithm>

#include "fastpath/bpf/shared.h"
#include "fastpath/bpf/states.h"

namespace hcd::fastpath {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

__u32 abi_of(WhenFull when) {
  switch (when) {
    case WhenFull::Evict: return abi::HCD_EVICT_HALF_OPEN;
    case WhenFull::Refuse: return abi::HCD_REFUSE;
    case WhenFull::Hash: return abi::HCD_BY_HASH;
  }
  return abi::HCD_EVICT_HALF_OPEN;
}

std::uint64_t rounded(std::uint64_t number, std::uint64_t by) {
  return (number + by / 2) / by;
}

}  // namespace

void set_guard(const Views& views, const Guard& guard) {
  const std::uint64_t in_tick = rounded(guard.syns * views.globals->tick_ns, kSecond);
  store(views.settings->when_full, abi_of(guard.when_full));
  store(views.settings->flood_inserts, guard.syns == 0 ? 0 : static_cast<__u32>(std::max<std::uint64_t>(in_tick, 1)));
}

Guard guard_of(const Views& views) {
  const __u32 when = load(views.settings->when_full);
  const std::uint64_t tick_ns = std::max<std::uint64_t>(views.globals->tick_ns, 1);
  return {.when_full = when == abi::HCD_REFUSE    ? WhenFull::Refuse
                       : when == abi::HCD_BY_HASH ? WhenFull::Hash
                                                  : WhenFull::Evict,
          .syns = static_cast<std::uint32_t>(rounded(load(views.settings->flood_inserts) * kSecond, tick_ns))};
}

Pressure pressure_of(const Views& views, TimePoint now) {
  const __u32 tick = tick_at(*views.globals, now);
  const auto is_now = [tick](__u32 seen) {
    return seen != 0 && static_cast<__s32>(tick - seen) <= static_cast<__s32>(abi::HCD_PRESSURE_TICKS);
  };
  return {.flood = is_now(load(views.pulse->flood_seen)),
          .full = is_now(load(views.pulse->full_seen)),
          .by_hash = guard_of(views).when_full == WhenFull::Hash};
}

}  // namespace hcd::fastpath
