#include "tools/hcctl/wait.h"

#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "tools/hcctl/index.h"

namespace hcd::hcctl {
namespace {

constexpr Milliseconds kFirst{100}, kLongest{2000};

struct Left {
  std::uint64_t sessions = 0;
  std::size_t hosts = 0;           // that have some
  std::string example, undrained;  // names of one such host
};

Left left_of(const ctl::Snapshot& snapshot, const std::unordered_set<ctl::Id>& waited) {
  const Index index(snapshot);
  Left out;
  for (const auto& host : snapshot.hosts) {
    if (!waited.contains(host.id)) continue;
    if (!host.drained && host.word != ctl::HostWord::Disabled) out.undrained = index.name(host);
    const auto* numbers = index.numbers(host);
    if (numbers == nullptr || numbers->traffic.states == 0) continue;
    out.sessions += numbers->traffic.states;
    out.hosts++;
    out.example = index.name(host);
  }
  return out;
}

std::string left_text(const Left& left) {
  const std::string sessions = fmt::format("{} session{}", left.sessions, left.sessions == 1 ? " is" : "s are");
  if (left.hosts == 1) return fmt::format("{} left with host {}", sessions, left.example);
  return fmt::format("{} left with {} hosts", sessions, left.hosts);
}

}  // namespace

Result<ctl::Answer> wait_drained(ctl::Client& client, const std::vector<ctl::Changed>& hosts,
                                 const Patience& patience) {
  std::unordered_set<ctl::Id> waited;
  for (const auto& host : hosts) waited.insert(host.id);
  const TimePoint begun = patience.clock.now();
  for (Milliseconds pause = kFirst;; pause = std::min(pause * 3 / 2, kLongest)) {
    const auto snapshot = client.show({.numbers = true});
    if (!snapshot) return std::unexpected(snapshot.error());
    const Left left = left_of(*snapshot, waited);
    if (!left.undrained.empty())
      return ctl::Answer{ctl::Verdict::Conflict, "host " + left.undrained + " is drained no more"};
    if (left.sessions == 0) return ctl::Answer();
    const auto waiting = std::chrono::floor<Milliseconds>(patience.clock.now() - begun);
    if (patience.limit && waiting >= *patience.limit) return ctl::Answer{ctl::Verdict::TimedOut, left_text(left)};
    patience.sleep(patience.limit ? std::min(pause, *patience.limit - waiting) : pause);
  }
}

}  // namespace hcd::hcctl
