// The time between two moments of the wall clock, whatever a daemon, or a recording, says that they are.
#pragma once
#include <algorithm>
#include <cstdint>

namespace hcd::ui {

[[nodiscard]] inline std::int64_t elapsed(std::int64_t now_ms, std::int64_t then_ms) {
  constexpr std::int64_t kMost = std::int64_t{1} << 60;
  return std::clamp(now_ms, -kMost, kMost) - std::clamp(then_ms, -kMost, kMost);
}

}  // namespace hcd::ui
