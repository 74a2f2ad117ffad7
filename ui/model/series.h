// A number as it was at the last looks at it, for a graph.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace hcd::ui {

class Series {
 public:
  static constexpr std::size_t kSize = 120;

  void add(std::uint64_t value) {
    values_[next_] = value;
    next_ = (next_ + 1) % kSize;
    if (count_ < kSize) count_++;
  }
  [[nodiscard]] std::size_t size() const { return count_; }
  [[nodiscard]] std::uint64_t ago(std::size_t n) const { return values_[(next_ + 2 * kSize - 1 - n) % kSize]; }

 private:
  std::array<std::uint64_t, kSize> values_{};
  std::size_t next_ = 0, count_ = 0;
};

}  // namespace hcd::ui
