// The sets of timeouts in the packet path's maps: rules that agree on all of them share one. Set 0 holds the defaults, and is
// never given. What nobody uses any more may still be looked at by a packet under way, and is free after a grace period.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "fastpath/bpf/index_set.h"
#include "fastpath/rule.h"
#include "kmod/hcd_abi.h"

namespace hcd::fastpath {

class TimeoutSets {
 public:
  explicit TimeoutSets(std::size_t sets) : indexes_(sets) {}

  // The set for these timeouts, one use more of it. 0: no set is free, but for the defaults.
  [[nodiscard]] std::uint32_t take(const Timeouts& timeouts);
  void release(std::uint32_t index);                          // a use less
  bool claim(std::uint32_t index, const Timeouts& timeouts);  // a use of a set that is written already
  void settle();                                              // a grace period has passed since every release()
  [[nodiscard]] bool has_retired() const { return !retired_.empty(); }

 private:
  struct Set {
    std::uint32_t index = 0, uses = 0;
  };

  IndexSet indexes_;
  std::map<Timeouts, Set> sets_;
  std::map<std::uint32_t, Timeouts> by_index_;
  std::vector<std::uint32_t> retired_;
};

// The whole set: what is not given is as in the defaults.
[[nodiscard]] abi::hcd_timeout_set timeout_set_of(const Timeouts& timeouts, const abi::hcd_timeout_set& defaults,
                                                  const abi::hcd_globals& globals);

}  // namespace hcd::fastpath
