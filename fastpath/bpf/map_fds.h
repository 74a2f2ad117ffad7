// Descriptors of the engine's maps, in a fixed order: made by the Loader or opened from the pins, passed to the process that
// keeps the rules.
#pragma once
#include <array>
#include <string>
#include <vector>

#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"
#include "kmod/hcd_abi.h"

namespace hcd::fastpath {

struct MapSpec {
  const char* name;
  std::size_t value_size;
};

enum MapId : unsigned char {
  kGlobals,
  kLinks,
  kVips,
  kEndpoints,
  kRules,
  kCursors,
  kRings,
  kHosts,
  kTimeoutSets,
  kStates4,
  kStates6,
  kSpills4,
  kSpills6,
  kLarge,
  kLoads,
  kSources,
  kSettings,
  kPulse,
  kAnchorInfo,
  kTableInfo,
  kMembers,
  kRuleInfo,
  kReasons,  // from here on per CPU, not mapped
  kRuleStats,
  kHostStats,
  kNetworks4,  // looked up, updated and deleted from by key
  kNetworks6,
  kEvents,  // a ring buffer
  kSweep,   // the sweeper's timer, nobody's to touch
  kMapCount
};

inline constexpr std::array<MapSpec, kMapCount> kMaps = {{
    {"hcd_globals", sizeof(abi::hcd_globals)},
    {"hcd_links", sizeof(abi::hcd_link)},
    {"hcd_vips", sizeof(abi::hcd_index_line)},
    {"hcd_endpoints", sizeof(abi::hcd_index_line)},
    {"hcd_rules", sizeof(abi::hcd_rule)},
    {"hcd_cursors", sizeof(abi::hcd_cursor)},
    {"hcd_rings", sizeof(abi::hcd_ring_line)},
    {"hcd_hosts", sizeof(abi::hcd_host)},
    {"hcd_timeout_sets", sizeof(abi::hcd_timeout_set)},
    {"hcd_states4", sizeof(abi::hcd_bucket4)},
    {"hcd_states6", sizeof(abi::hcd_bucket6)},
    {"hcd_spills4", sizeof(abi::hcd_spill)},
    {"hcd_spills6", sizeof(abi::hcd_spill)},
    {"hcd_large", sizeof(abi::hcd_large)},
    {"hcd_loads", sizeof(abi::hcd_load)},
    {"hcd_sources", sizeof(abi::hcd_source)},
    {"hcd_settings", sizeof(abi::hcd_settings)},
    {"hcd_pulse", sizeof(abi::hcd_pulse)},
    {"hcd_anchor_info", sizeof(abi::hcd_anchor_info)},
    {"hcd_table_info", sizeof(abi::hcd_table_info)},
    {"hcd_members", sizeof(abi::hcd_member)},
    {"hcd_rule_info", sizeof(abi::hcd_rule_info)},
    {"hcd_reasons", sizeof(__u64)},
    {"hcd_rule_stats", sizeof(abi::hcd_stats)},
    {"hcd_host_stats", sizeof(abi::hcd_stats)},
    {"hcd_networks4", sizeof(__u32)},
    {"hcd_networks6", sizeof(__u32)},
    {"hcd_events", 0},
    {"hcd_sweep", 16},
}};

struct MapFds {
  std::array<UniqueFd, kMapCount> fd;

  [[nodiscard]] std::vector<int> raw() const;  // in order, still owned here
  // Takes descriptors in that order, as they came over a socket.
  [[nodiscard]] static Result<MapFds> from(std::vector<UniqueFd> fds);
  // From the pins under `directory`. NotFound: nothing is pinned there; Unsupported: not all that is wanted. Descriptors for reading alone would not do even for
  // who only looks: the kernel does not map them.
  [[nodiscard]] static Result<MapFds> open(const std::string& directory);
};

inline constexpr const char* kPinDirectory = "/sys/fs/bpf/hcd";

}  // namespace hcd::fastpath
