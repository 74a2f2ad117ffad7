#include "ui/model/trail.h"

#include <algorithm>
#include <cmath>

namespace hcd::ui {
namespace {

constexpr double kScale = 2000;  // codes to a doubling: 32 doublings fit into 16 bits

std::uint16_t code_of(std::uint32_t latency_us) {
  return static_cast<std::uint16_t>(std::lround(std::log2(static_cast<double>(latency_us) + 1) * kScale));
}
std::uint32_t latency_of(std::uint16_t code) {
  return static_cast<std::uint32_t>(std::lround(std::exp2(code / kScale) - 1));
}

}  // namespace

void Trail::add(std::optional<std::uint32_t> latency_us) {
  codes_[next_] = latency_us ? code_of(*latency_us) : kFailed;
  next_ = static_cast<std::uint8_t>((next_ + 1U) % kSize);
  if (count_ < kSize) count_++;
}

Trail::Point Trail::ago(std::size_t n) const {
  const std::uint16_t code = codes_[(next_ + 2 * kSize - 1 - n) % kSize];
  if (code == kFailed) return {.failed = true};
  return {.latency_us = latency_of(code)};
}

std::optional<std::uint32_t> Trail::percentile(unsigned percent) const {
  std::array<std::uint16_t, kSize> passed{};
  const auto end = std::copy_if(codes_.begin(), codes_.begin() + count_, passed.begin(),
                                [](std::uint16_t code) { return code != kFailed; });
  const auto count = static_cast<std::size_t>(end - passed.begin());
  if (count == 0) return std::nullopt;
  const std::size_t rank = std::max<std::size_t>((count * percent + 99) / 100, 1) - 1;
  std::nth_element(passed.begin(), passed.begin() + rank, end);
  return latency_of(passed[rank]);
}

std::size_t level(std::uint32_t latency_us, std::uint32_t timeout_us, std::size_t levels) {
  if (levels == 0) return 0;
  constexpr double kDoublings = 9;  // from a thousandth of the time to half of it
  const double top = std::max(1.0, timeout_us / 2.0);
  const double below = std::log2(top / std::max(1.0, static_cast<double>(latency_us)));
  const double part = 1 - std::clamp(below / kDoublings, 0.0, 1.0);
  return std::min(levels - 1, static_cast<std::size_t>(part * static_cast<double>(levels)));
}

}  // namespace hcd::ui
