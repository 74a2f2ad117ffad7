// Indexes of an array's entries, from 1 (0 means "none"), given lowest first.
#pragma once
#include <cstdint>
#include <vector>

namespace hcd::fastpath {

class IndexSet {
 public:
  explicit IndexSet(std::size_t entries) : used_(entries > 0 ? entries : 1) { used_[0] = true; }

  [[nodiscard]] std::size_t taken() const { return taken_; }
  [[nodiscard]] std::size_t limit() const { return used_.size() - 1; }

  [[nodiscard]] bool holds(std::uint32_t index) const { return index < used_.size() && used_[index]; }

  // 0 when none is left.
  [[nodiscard]] std::uint32_t take() {
    for (; next_ < used_.size(); next_++) {
      if (claim(next_)) return next_++;
    }
    return 0;
  }
  // False when it is out of range or was taken before.
  bool claim(std::uint32_t index) {
    if (index >= used_.size() || used_[index]) return false;
    used_[index] = true;
    taken_++;
    return true;
  }
  void release(std::uint32_t index) {
    if (index == 0 || index >= used_.size() || !used_[index]) return;
    used_[index] = false;
    taken_--;
    if (index < next_) next_ = index;
  }

 private:
  std::vector<bool> used_;
  std::size_t taken_ = 0;
  std::uint32_t next_ = 1;
};

}  // namespace hcd::fastpath
