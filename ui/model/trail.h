// The last checks of a host, two bytes each: 10,000 hosts' fit into a megabyte. Latencies are kept by their logarithm, to
// one part in 3,000, for they are drawn on such a scale.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace hcd::ui {

class Trail {
 public:
  static constexpr std::size_t kSize = 60;

  void add(std::optional<std::uint32_t> latency_us);  // nothing: the check failed
  void clear() { count_ = next_ = 0; }
  [[nodiscard]] std::size_t size() const { return count_; }

  struct Point {
    bool failed = false;
    std::uint32_t latency_us = 0;
  };
  [[nodiscard]] Point ago(std::size_t n) const;  // 0: the newest; n < size()

  // The least latency that `percent` of the checks that passed do not exceed; nothing when none passed.
  [[nodiscard]] std::optional<std::uint32_t> percentile(unsigned percent) const;

 private:
  static constexpr std::uint16_t kFailed = 0xffff;
  std::array<std::uint16_t, kSize> codes_{};
  std::uint8_t count_ = 0, next_ = 0;
};

// How high a latency stands among `levels`, 0 being the lowest: the highest is half of the time that a check may take, and each
// lower one is shorter by the same factor, down to a thousandth.
[[nodiscard]] std::size_t level(std::uint32_t latency_us, std::uint32_t timeout_us, std::size_t levels);

}  // namespace hcd::ui
