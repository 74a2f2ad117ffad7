// What is remembered of checks: of a host the last results and its last changes of state, in 320 bytes that are there from
// the beginning and eight for each change; of a table, how long its hosts take to answer.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "hcd/ctl/model.h"
#include "hcd/ipc/messages.h"

namespace hcd::pfe {

class Evidence {
 public:
  static constexpr std::size_t kChecks = 32, kChanges = 8;

  void add(const ipc::HostStatus& result, std::int64_t wall_ms);
  void tell(ctl::HostChecks& out) const;

 private:
  // Times are in tenths of a second. Twenty bits stand for up to 2^31 (see compact() in the source): exact below 65,536,
  // above it to one part in 32,768.
  struct Check {
    std::uint64_t after : 20;  // the check before it
    std::uint64_t latency_us : 20;
    std::uint64_t code : 16;
    std::uint64_t reason : 8;  // ipc::Reason
  };
  static_assert(sizeof(Check) == 8);
  struct Change {
    std::uint32_t after = 0;  // the first check
    std::uint16_t code = 0;
    ipc::Reason reason{};
    ipc::HostState to{};
  };

  std::array<Check, kChecks> checks_{};  // a ring: the next goes to count_ % kChecks
  std::vector<Change> changes_;          // the oldest first
  std::int64_t first_ = 0, last_ = 0;    // checks, since the epoch
  std::uint64_t states_ = 0;             // of the checks in the ring, two bits each, the newest lowest
  std::uint32_t count_ = 0;              // of checks; where it would wrap, it stays full
  ipc::HostState state_{}, before_{};    // now; before the oldest change
};

// A histogram of latencies, log-linear: eight buckets to each doubling, so that a percentile is at most an eighth above the
// truth. Two windows of five minutes: what is older than ten does not count any more. And a coarse one of all that ever was.
class Latencies {
 public:
  static constexpr std::int64_t kWindowMs = 300'000;

  void add(const ipc::HostStatus& result, std::int64_t wall_ms);
  void tell(ctl::TableLatency& out, std::int64_t wall_ms) const;
  [[nodiscard]] const ctl::TableDurations& ever() const { return ever_; }

 private:
  static constexpr unsigned kLinear = 3;  // bits: 8 buckets to a doubling
  static constexpr std::size_t kBuckets = (32 - kLinear + 1) << kLinear;
  using Window = std::array<std::uint32_t, kBuckets>;
  static std::size_t bucket_of(std::uint32_t latency_us);
  static std::uint64_t end_of(std::size_t bucket);  // the first latency that is above it

  std::int64_t began_ms_ = 0;    // of the window that counts now
  std::vector<Window> windows_;  // now, before; none until something was counted
  ctl::TableDurations ever_;
};

}  // namespace hcd::pfe
