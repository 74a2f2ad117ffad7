// Words of the maps that packets, tools and the daemon change at the same time.
#pragma once
#include <atomic>

#include <linux/types.h>

namespace hcd::fastpath {

template <class T>
T load(T& place) {
  return std::atomic_ref(place).load(std::memory_order_acquire);
}

template <class T>
void store(T& place, T value) {
  std::atomic_ref(place).store(value, std::memory_order_release);
}

// Never below 0, whoever else has written there.
inline void count_down(__u32& count) {
  std::atomic_ref place(count);
  __u32 now = place;
  while (now != 0 && !place.compare_exchange_weak(now, now - 1)) continue;
}

}  // namespace hcd::fastpath
