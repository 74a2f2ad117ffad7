#include "hcd/pfe/ramp.h"

#include "fastpath/table.h"

namespace hcd::pfe {
namespace {

using fastpath::kWeightMax;

Milliseconds stride(Seconds slow_start) {
  return Milliseconds(slow_start) / kRampSteps;
}

std::int64_t strides(TimePoint time, Seconds slow_start) {
  return time.time_since_epoch() / Duration(stride(slow_start));
}

}  // namespace

unsigned ramp_step(TimePoint since, TimePoint now, Seconds slow_start) {
  if (slow_start.count() <= 0 || since + slow_start <= now) return kRampSteps;
  const auto taken = strides(now, slow_start) - strides(since, slow_start);
  return static_cast<unsigned>(std::clamp<std::int64_t>(taken + 1, 1, kRampSteps));
}

TimePoint next_ramp_step(TimePoint now, Seconds slow_start) {
  return TimePoint(Duration(stride(slow_start)) * (strides(now, slow_start) + 1));
}

std::uint16_t Ramp::weight(std::uint16_t weight, unsigned step) const {
  if (lowest_ == highest_) return weight;
  const std::uint32_t part = std::uint32_t{weight} * step;
  if (std::uint32_t{heaviest_} * kRampSteps <= kWeightMax) return static_cast<std::uint16_t>(part);
  return static_cast<std::uint16_t>(std::max(part / kRampSteps, std::uint32_t{1}));
}

}  // namespace hcd::pfe
