// How long checks took: those that passed, by doublings of their latency.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "ui/model/trail.h"

namespace hcd::ui {

class Histogram {
 public:
  static constexpr std::uint32_t kFirst = 125;  // us, below which the first bucket counts
  static constexpr std::size_t kBuckets = 16;   // the last one counts all above, from two seconds on

  void add(const Trail& trail) {
    for (std::size_t n = 0; n < trail.size(); n++)
      if (const auto point = trail.ago(n); !point.failed) counts_[bucket_of(point.latency_us)]++;
  }
  [[nodiscard]] std::uint32_t count(std::size_t bucket) const { return counts_[bucket]; }
  [[nodiscard]] static std::uint32_t below(std::size_t bucket) { return kFirst << bucket; }

 private:
  static std::size_t bucket_of(std::uint32_t latency_us) {
    return std::min<std::size_t>(kBuckets - 1, static_cast<std::size_t>(std::bit_width(latency_us / kFirst)));
  }
  std::array<std::uint32_t, kBuckets> counts_{};
};

}  // namespace hcd::ui
