#include "hcd/pfe/evidence.h"

#include <algorithm>
#include <bit>

namespace hcd::pfe {
namespace {

// Sixteen bits of a number, and by how many places they are to be shifted up.
constexpr unsigned kBits = 16;
constexpr std::uint64_t kLargest = std::uint64_t{0xffff} << 15;

std::uint32_t compact(std::uint64_t number) {
  number = std::min(number, kLargest);
  const auto width = static_cast<unsigned>(std::bit_width(number));
  const unsigned shift = width > kBits ? width - kBits : 0;
  return static_cast<std::uint32_t>(std::uint64_t{shift} << kBits | number >> shift);
}

std::uint32_t expand(std::uint64_t word) {
  return static_cast<std::uint32_t>((word & 0xffff) << (word >> kBits));
}

constexpr unsigned kStateBits = 2;
static_assert(static_cast<unsigned>(last_of(ipc::HostState{})) < 1U << kStateBits);
static_assert(Evidence::kChecks * kStateBits == 64);

}  // namespace

void Evidence::add(const ipc::HostStatus& result, std::int64_t wall_ms) {
  const std::int64_t now = wall_ms / 100;
  if (count_ == 0) first_ = last_ = now;
  const auto since = [now](std::int64_t then) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(now - then, 0));  // the clock may have been set back
  };
  checks_[count_ % kChecks] = {.after = compact(since(last_)) & 0xfffff,
                               .latency_us = compact(ipc::microseconds(result.latency)) & 0xfffff,
                               .code = result.code,
                               .reason = static_cast<std::uint8_t>(result.reason)};
  states_ = states_ << kStateBits | static_cast<std::uint64_t>(result.state);
  last_ = now;
  if (++count_ == 0) count_ = 2 * kChecks;  // after four thousand million checks
  if (result.state == state_) return;
  if (changes_.size() == kChanges) {
    before_ = changes_.front().to;
    changes_.erase(changes_.begin());
  }
  changes_.push_back({.after = static_cast<std::uint32_t>(std::min<std::uint64_t>(since(first_), UINT32_MAX)),
                      .code = result.code,
                      .reason = result.reason,
                      .to = result.state});
  state_ = result.state;
}

void Evidence::tell(ctl::HostChecks& out) const {
  const std::size_t kept = std::min<std::size_t>(count_, kChecks);
  out.checks.resize(kept);
  std::int64_t at = last_;
  for (std::size_t age = 0; age < kept; age++) {
    const Check& check = checks_[(count_ - 1 - age) % kChecks];
    out.checks[kept - 1 - age] = {.wall_ms = at * 100,
                                  .latency_us = expand(check.latency_us),
                                  .code = static_cast<std::uint16_t>(check.code),
                                  .reason = static_cast<ipc::Reason>(check.reason),
                                  .state = static_cast<ipc::HostState>(states_ >> age * kStateBits & 3)};
    at -= expand(check.after);
  }
  ipc::HostState from = before_;
  for (const Change& change : changes_) {
    out.changes.push_back({.wall_ms = (first_ + change.after) * 100,
                           .from = from,
                           .to = change.to,
                           .reason = change.reason,
                           .code = change.code});
    from = change.to;
  }
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
  const std::uint32_t us = ipc::microseconds(result.latency);
  windows_[0][bucket_of(us)]++;
  constexpr auto& kMost = ctl::TableDurations::kMostUs;
  ever_.counts[static_cast<std::size_t>(std::ranges::lower_bound(kMost, us) - kMost.begin())]++;
  ever_.sum_us += us;
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
