// What is remembered of checks: of a host the last results and its last changes of state, in a few hundred bytes that are
// there from the beginning; of a table, how long its hosts take to answer.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "hcd/ctl/model.h"
#include "hcd/ipc/messages.h"

namespace hcd::pfe {

// The last N of something. What it holds is small and is written over.
template <class T, std::size_t N>
class Ring {
 public:
  void add(const T& item) { items_[next_++ % N] = item; }
  template <class Visit>
  void each(Visit&& visit) const {  // the oldest first
    for (std::size_t i = next_ > N ? next_ - N : 0; i < next_; i++) visit(items_[i % N]);
  }
  [[nodiscard]] bool empty() const { return next_ == 0; }

 private:
  std::array<T, N> items_{};
  std::size_t next_ = 0;
};

class Evidence {
 public:
  static constexpr std::size_t kChecks = 32, kChanges = 8;

  void add(const ipc::HostStatus& result, std::int64_t wall_ms);
  void tell(ctl::HostChecks& out) const;

 private:
  struct Check {
    std::uint32_t tenths = 0;  // of a second since the host's first check
    std::uint32_t latency_us = 0;
    std::uint16_t code = 0;
    ipc::Reason reason{};
    ipc::HostState state{};
  };
  struct Change {
    std::uint32_t tenths = 0;
    std::uint16_t code = 0;
    ipc::Reason reason{};
    ipc::HostState from{}, to{};
  };
  [[nodiscard]] std::int64_t wall_ms(std::uint32_t tenths) const { return began_ms_ + std::int64_t{tenths} * 100; }

  std::int64_t began_ms_ = 0;
  Ring<Check, kChecks> checks_;
  Ring<Change, kChanges> changes_;
  ipc::HostState state_ = ipc::HostState::Unknown;
};

// A histogram of latencies, log-linear: eight buckets to each doubling, so that a percentile is at most an eighth above the
// truth. Two windows of five minutes: what is older than ten does not count any more.
class Latencies {
 public:
  static constexpr std::int64_t kWindowMs = 300'000;

  void add(const ipc::HostStatus& result, std::int64_t wall_ms);
  void tell(ctl::TableLatency& out, std::int64_t wall_ms) const;

 private:
  static constexpr unsigned kLinear = 3;  // bits: 8 buckets to a doubling
  static constexpr std::size_t kBuckets = (32 - kLinear + 1) << kLinear;
  using Window = std::array<std::uint32_t, kBuckets>;
  static std::size_t bucket_of(std::uint32_t latency_us);
  static std::uint64_t end_of(std::size_t bucket);  // the first latency that is above it

  std::int64_t began_ms_ = 0;    // of the window that counts now
  std::vector<Window> windows_;  // now, before; none until something was counted
};

}  // namespace hcd::pfe
