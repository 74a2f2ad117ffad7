#include "fastpath/bpf/sizes.h"

#include <algorithm>
#include <bit>
#include <utility>

#include <bpf/bpf.h>

#include "fastpath/bpf/states.h"

namespace hcd::fastpath {

std::uint32_t entries_of(MapId id, const Sizes& sizes) {
  switch (id) {
    case kGlobals:
    case kSettings:
    case kPulse:
    case kSweep: return 1;
    case kLinks: return abi::HCD_MAX_IFINDEX;
    case kVips: return sizes.vip_lines;
    case kEndpoints: return sizes.endpoint_lines;
    case kRules:
    case kCursors:
    case kRuleInfo:
    case kRuleStats: return sizes.rules;
    case kRings: return sizes.ring_lines;
    case kHosts:
    case kLoads:
    case kHostStats: return sizes.hosts;
    case kStates4:
    case kStates6: return sizes.buckets;
    case kSpills4:
    case kSpills6: return std::max(sizes.buckets / 64, 1U);
    case kLarge: return abi::HCD_LARGE;
    case kSources: return sizes.sources;
    case kAnchorInfo: return sizes.anchors;
    case kTableInfo: return sizes.tables;
    case kMembers: return sizes.members;
    case kTimeoutSets: return abi::HCD_MAX_TIMEOUT_SETS;
    case kNetworks4:
    case kNetworks6: return sizes.networks;
    case kEvents: return sizes.event_bytes;
    case kReasons: return abi::HCD_REASONS;
    case kMapCount: break;
  }
  return 0;
}

Result<Sizes> sizes_of(const MapFds& maps) {
  Sizes out;
  const std::pair<MapId, std::uint32_t*> fields[] = {
      {kRules, &out.rules},      {kHosts, &out.hosts},        {kMembers, &out.members},
      {kTableInfo, &out.tables}, {kAnchorInfo, &out.anchors}, {kRings, &out.ring_lines},
      {kStates4, &out.buckets},  {kVips, &out.vip_lines},     {kEndpoints, &out.endpoint_lines},
      {kSources, &out.sources},  {kNetworks4, &out.networks}, {kEvents, &out.event_bytes}};
  for (const auto& [id, field] : fields) {
    bpf_map_info info{};
    __u32 length = sizeof info;
    if (bpf_obj_get_info_by_fd(maps.fd[id].get(), &info, &length) != 0) return fail_errno(kMaps[id].name);
    *field = info.max_entries;
  }
  return out;
}

abi::hcd_settings default_settings(const Sizes& sizes) {
  const std::uint64_t states = std::uint64_t{sizes.buckets} * abi::HCD_WAYS;
  return {.adaptive_start = static_cast<__u32>(states * 6 / 10), .adaptive_end = static_cast<__u32>(states * 12 / 10)};
}

abi::hcd_timeout_set default_timeouts(const abi::hcd_globals& globals) {
  constexpr int kSeconds[abi::HCD_TM_COUNT] = HCD_TIMEOUT_DEFAULTS;
  abi::hcd_timeout_set out{};
  for (int i = 0; i < abi::HCD_TM_COUNT; i++) out.ticks[i] = ticks_of(globals, Seconds(kSeconds[i]));
  return out;
}

SweepPlan sweep_plan(std::uint32_t buckets) {
  constexpr std::uint64_t kInterval = 10'000'000, kSlice = 512, kShortest = 1000;  // microseconds; buckets
  const std::uint64_t all = 2ULL * buckets, slices = (all + kSlice - 1) / kSlice;
  const std::uint64_t every = std::clamp<std::uint64_t>(kInterval / slices, kShortest, 100'000);
  const std::uint64_t in_one = std::min((all * every + kInterval - 1) / kInterval, kSlice);
  return {static_cast<std::uint32_t>(in_one), static_cast<std::uint32_t>(every)};
}

std::uint32_t buckets_for(std::uint32_t states) {
  const std::uint32_t buckets = (std::max(states, 1U) - 1) / (2 * abi::HCD_WAYS) + 1;
  return std::max<std::uint32_t>(std::bit_ceil(buckets), abi::HCD_RANKS);
}

Status check_sizes(const Sizes& sizes) {
  for (const std::uint32_t lines :
       {sizes.buckets, sizes.vip_lines, sizes.endpoint_lines, sizes.sources, sizes.event_bytes}) {
    if (!std::has_single_bit(lines)) return fail(Code::Invalid, std::to_string(lines) + " is not a power of two");
  }
  if (sizes.buckets < abi::HCD_RANKS) return fail(Code::Invalid, "a client has four buckets");
  if (sizes.rules < 2 || sizes.rules > abi::HCD_RULE_BUSY) return fail(Code::Invalid, "2 to 65535 rules can be had");
  if (sizes.event_bytes < 4096) return fail(Code::Invalid, "the ring buffer of events takes whole pages");
  if (sizes.networks == 0) return fail(Code::Invalid, "there must be room for a network");
  if (sizes.hosts < 2 || sizes.hosts > 1 << 24) return fail(Code::Invalid, "2 to 16777216 hosts can be had");
  return {};
}

}  // namespace hcd::fastpath
