// A service's session counts over the past minute, hour and day, from a counter that only grows, sampled every ten
// seconds. A counter that fell was cleared: it counts from zero anew.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "hcd/ctl/model.h"

namespace hcd::pfe {

class SessionRates {
 public:
  static constexpr Seconds kStep{10};

  // Once a step; the first sets what the others are counted from. None: there is no counter now, since no rules are.
  void sample(std::optional<std::uint64_t> counter);
  [[nodiscard]] ctl::Sessions sessions() const;

 private:
  // The last N parts of a period, of which one part is counting.
  template <std::size_t N>
  struct Window {
    std::array<std::uint64_t, N> parts{};
    std::size_t at = 0;
    void turn() { parts[at = (at + 1) % N] = 0; }
    void add(std::uint64_t count) { parts[at] += count; }
    [[nodiscard]] std::uint64_t sum() const {
      std::uint64_t out = 0;
      for (const auto part : parts) out += part;
      return out;
    }
  };

  std::optional<std::uint64_t> counter_;  // at the last sample
  std::uint64_t before_ = 0;              // made before the first sample
  std::uint64_t seen_ = 0, steps_ = 0;
  Window<6> minute_;
  Window<60> hour_;
  Window<24> day_;
};

}  // namespace hcd::pfe
