// The kernel's maps, seen as memory. The packet path reads all of it at any time and other root tools may have written to
// it: whoever reads validates, whoever writes does so in an order in which every moment is sound.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "fastpath/base/error.h"
#include "fastpath/rule.h"
#include "kmod/hcd_abi.h"

namespace hcd::fastpath {

struct Views {
  abi::hcd_globals* globals = nullptr;
  std::span<abi::hcd_index_line> vips, endpoints;
  std::span<abi::hcd_rule> rules;
  std::span<abi::hcd_cursor> cursors;
  std::span<abi::hcd_ring_line> rings;
  std::span<abi::hcd_host> hosts;
  std::span<abi::hcd_timeout_set> timeout_sets;
  std::span<abi::hcd_bucket4> states4;
  std::span<abi::hcd_bucket6> states6;
  std::span<abi::hcd_anchor_info> anchors;
  std::span<abi::hcd_table_info> tables;
  std::span<abi::hcd_member> members;
  std::span<abi::hcd_rule_info> rule_infos;
  std::span<abi::hcd_spill> spills4, spills6;
  std::span<abi::hcd_large> large;
  std::span<abi::hcd_load> loads;
  std::span<abi::hcd_source> sources;
  abi::hcd_settings* settings = nullptr;
  abi::hcd_pulse* pulse = nullptr;
};

// What stands beside the state in that way.
inline abi::hcd_more& more_of(abi::hcd_bucket4& bucket, std::size_t way) {
  return bucket.more[way];
}
inline abi::hcd_more& more_of(abi::hcd_bucket6& bucket, std::size_t way) {
  return bucket.way[way].more;
}

struct KernelNetwork {
  std::uint32_t table = 0;
  Network network;
  bool negated = false;
  bool overloaded = false;  // put in by the packet path, in the tick of which these are the lower 30 bits
  std::uint32_t tick = 0;
};

using Reasons = std::array<std::uint64_t, abi::HCD_REASONS>;

class Maps {
 public:
  virtual ~Maps() = default;
  [[nodiscard]] const Views& views() const { return views_; }

  // Sums over the CPUs.
  [[nodiscard]] virtual Result<abi::hcd_stats> rule_stats(std::uint32_t rule) const = 0;
  [[nodiscard]] virtual Result<abi::hcd_stats> host_stats(std::uint32_t host) const = 0;
  [[nodiscard]] virtual Result<Reasons> reasons() const = 0;

  // Indexes that are given anew count from zero.
  [[nodiscard]] virtual Status clear_rule_stats(std::span<const std::uint32_t> rules) = 0;
  [[nodiscard]] virtual Status clear_host_stats(std::span<const std::uint32_t> hosts) = 0;

  [[nodiscard]] virtual Status clear_reasons() = 0;

  // A network of the table with that index, as the packet path looks sources up. Dropping one that is not there is no error.
  [[nodiscard]] virtual Status put_network(std::uint32_t table, const Network& network, bool negated) = 0;
  [[nodiscard]] virtual Status drop_network(std::uint32_t table, const Network& network) = 0;

  [[nodiscard]] virtual Result<std::vector<KernelNetwork>> networks() const = 0;  // all of them

  // Returns when no packet is still looking at what was there before the call.
  virtual void grace() = 0;

 protected:
  Views views_;
};

}  // namespace hcd::fastpath
