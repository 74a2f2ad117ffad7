#include "hcd/pfe/evidence.h"

#include <algorithm>
#include <bit>

namespace hcd::pfe {
void Evidence::add(const ipc::HostStatus& result, std::int64_t wall_ms) {
  if (checks_.empty()) began_ms_ = wall_ms;
  const std::int64_t since =
      std::max<std::int64_t>((wall_ms - began_ms_) / 100, 0);  // the clock may have been set back
  const auto tenths = static_cast<std::uint32_t>(std::min<std::int64_t>(since, UINT32_MAX));
  checks_.add({.tenths = tenths,
               .latency_us = ipc::microseconds(result.latency),
               .code = result.code,
               .reason = result.reason,
               .state = result.state});
  if (result.state == state_) return;
  changes_.add({.tenths = tenths, .code = result.code, .reason = result.reason, .from = state_, .to = result.state});
  state_ = result.state;
}

void Evidence::tell(ctl::HostChecks& out) const {
  checks_.each([&](const Check& check) {
    out.checks.push_back({.wall_ms = wall_ms(check.tenths),
                          .latency_us = check.latency_us,
                          .code = check.code,
                          .reason = check.reason,
                          .state = check.state});
  });
  changes_.each([&](const Change& change) {
    out.changes.push_back({.wall_ms = wall_ms(change.tenths),
                           .from = change.from,
                           .to = change.to,
                           .reason = change.reason,
                           .code = change.code});
  });
}

// Below 8 each latency has a bucket of its own; above, the highest bit chooses the doubling, the next three the bucket.
std::size_t Latencies::bucket_of(std::uint32_t latency_us) {
  const unsigned bits = static_cast<unsigned>(std::bit_width(latency_us));
  if (bits <= kLinear) return latency_us;
  const unsigned shift = bits - kLinear - 1;
  return (std::size_t{shift} << kLinear) + (latency_us >> shift);
}

std::uint64_t Latencies::end_of(std::size_t bucket) {
  if (bucket < (2U << kLinear)) return bucket + 1;
  const std::size_t shift = (bucket >> kLinear) - 1;
  return ((bucket & ((1U << kLinear) - 1)) + (1U << kLinear) + 1) << shift;
}

void Latencies::add(const ipc::HostStatus& result, std::int64_t wall_ms) {
  if (result.state != ipc::HostState::Up) return;
  if (windows_.empty()) {
    windows_.resize(2);
    began_ms_ = wall_ms;
  }
  if (const std::int64_t age = wall_ms - began_ms_; age >= kWindowMs || age < 0) {
    windows_[1] = age < 2 * kWindowMs ? windows_[0] : Window{};
    windows_[0] = {};
    began_ms_ = wall_ms;
  }
  windows_[0][bucket_of(ipc::microseconds(result.latency))]++;
}

void Latencies::tell(ctl::TableLatency& out, std::int64_t wall_ms) const {
  const std::int64_t age = wall_ms - began_ms_;
  if (windows_.empty() || age >= 2 * kWindowMs) return;
  Window sum = windows_[0];
  if (age < kWindowMs)
    for (std::size_t i = 0; i < kBuckets; i++) sum[i] += windows_[1][i];
  for (const auto count : sum) out.count += count;
  std::uint64_t so_far = 0;
  for (std::size_t i = 0; i < kBuckets; i++) {
    if (sum[i] == 0) continue;
    const auto below = static_cast<std::uint32_t>(std::min<std::uint64_t>(end_of(i), UINT32_MAX));
    so_far += sum[i];
    if (out.p50_us == 0 && so_far * 100 >= out.count * 50) out.p50_us = below;
    if (out.p99_us == 0 && so_far * 100 >= out.count * 99) out.p99_us = below;
    out.buckets.push_back({.below_us = below, .count = sum[i]});
  }
}

}  // namespace hcd::pfe
