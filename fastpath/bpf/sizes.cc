#include "fastpath/bpf/sizes.h"

#include <bit>

namespace hcd::fastpath {

std::uint32_t entries_of(MapId id, const Sizes& sizes) {
  switch (id) {
    case kGlobals: return 1;
    case kLinks: return abi::HCD_MAX_IFINDEX;
    case kVips: return sizes.vip_lines;
    case kEndpoints: return sizes.endpoint_lines;
    case kRules:
    case kCursors:
    case kRuleInfo:
    case kRuleStats: return sizes.rules;
    case kRings: return sizes.ring_lines;
    case kHosts:
    case kHostStats: return sizes.hosts;
    case kStates4:
    case kStates6: return sizes.buckets;
    case kAnchorInfo: return sizes.anchors;
    case kTableInfo: return sizes.tables;
    case kMembers: return sizes.members;
    case kTimeoutSets: return abi::HCD_MAX_TIMEOUT_SETS;
    case kNetworks4:
    case kNetworks6: return sizes.members;
    case kReasons: return abi::HCD_REASONS;
    case kMapCount: break;
  }
  return 0;
}

Status check_sizes(const Sizes& sizes) {
  for (const std::uint32_t lines : {sizes.buckets, sizes.vip_lines, sizes.endpoint_lines}) {
    if (!std::has_single_bit(lines)) return fail(Code::Invalid, std::to_string(lines) + " is not a power of two");
  }
  if (sizes.rules < 2 || sizes.rules > abi::HCD_RULE_BUSY) return fail(Code::Invalid, "2 to 65535 rules can be had");
  if (sizes.hosts < 2 || sizes.hosts > 1 << 24) return fail(Code::Invalid, "2 to 16777216 hosts can be had");
  return {};
}

}  // namespace hcd::fastpath
