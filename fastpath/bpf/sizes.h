// How much each map shall hold. They are made once; other sizes later mean other maps.
#pragma once
#include <cstdint>

#include "fastpath/base/error.h"
#include "fastpath/bpf/map_fds.h"
#include "kmod/hcd_abi.h"

namespace hcd::fastpath {

struct Sizes {
  std::uint32_t rules = abi::HCD_MAX_RULES, hosts = abi::HCD_MAX_HOSTS, members = abi::HCD_MAX_MEMBERS,
                tables = abi::HCD_MAX_TABLES, anchors = abi::HCD_MAX_ANCHORS, ring_lines = abi::HCD_RING_LINES,
                buckets = abi::HCD_STATE_BUCKETS, vip_lines = abi::HCD_INDEX_LINES,
                endpoint_lines = abi::HCD_INDEX_LINES, sources = abi::HCD_MAX_SOURCES, networks = abi::HCD_MAX_NETWORKS,
                event_bytes = abi::HCD_EVENT_BYTES;
};

[[nodiscard]] std::uint32_t entries_of(MapId id, const Sizes& sizes);
[[nodiscard]] Result<Sizes> sizes_of(const MapFds& maps);  // that they were made with
// What the maps are made with; userland may change both later.
[[nodiscard]] abi::hcd_settings default_settings(const Sizes& sizes);
[[nodiscard]] abi::hcd_timeout_set default_timeouts(const abi::hcd_globals& globals);

// How the sweeper walks both state tables: a whole turn takes pf's interval, or longer where slices would not stay short.
struct SweepPlan {
  std::uint32_t buckets, every_us;  // of a slice
};
[[nodiscard]] SweepPlan sweep_plan(std::uint32_t buckets);

// Buckets of each family for so many states of both together, at least.
[[nodiscard]] std::uint32_t buckets_for(std::uint32_t states);
[[nodiscard]] Status check_sizes(const Sizes& sizes);

}  // namespace hcd::fastpath
