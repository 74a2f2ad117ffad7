#include "fastpath/bpf/timeout_sets.h"

#include "fastpath/bpf/states.h"

namespace hcd::fastpath {

std::uint32_t TimeoutSets::take(const Timeouts& timeouts) {
  if (timeouts.empty()) return 0;
  Set& set = sets_[timeouts];
  if (set.index == 0) set.index = indexes_.take();
  if (set.index == 0) {
    sets_.erase(timeouts);
    return 0;
  }
  set.uses++;
  by_index_[set.index] = timeouts;
  return set.index;
}

bool TimeoutSets::claim(std::uint32_t index, const Timeouts& timeouts) {
  const auto known = sets_.find(timeouts);
  if (known != sets_.end()) {
    if (known->second.index != index) return false;
    known->second.uses++;
    return true;
  }
  if (timeouts.empty() || !indexes_.claim(index)) return false;
  sets_[timeouts] = {.index = index, .uses = 1};
  by_index_[index] = timeouts;
  return true;
}

void TimeoutSets::release(std::uint32_t index) {
  const auto known = by_index_.find(index);
  if (known == by_index_.end() || --sets_.at(known->second).uses != 0) return;
  sets_.erase(known->second);
  by_index_.erase(known);
  retired_.push_back(index);
}

void TimeoutSets::settle() {
  for (const std::uint32_t index : retired_) indexes_.release(index);
  retired_.clear();
}

abi::hcd_timeout_set timeout_set_of(const Timeouts& timeouts, const abi::hcd_timeout_set& defaults,
                                    const abi::hcd_globals& globals) {
  abi::hcd_timeout_set out = defaults;
  for (const auto& [timeout, seconds] : timeouts) {
    out.ticks[static_cast<std::size_t>(timeout)] = ticks_of(globals, seconds);
  }
  return out;
}

}  // namespace hcd::fastpath
