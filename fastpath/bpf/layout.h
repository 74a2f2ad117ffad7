// What is where in the maps: userland's own account, so that nothing need be believed that is read from them.
#pragma once
#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "fastpath/bpf/endpoint.h"
#include "fastpath/bpf/index_set.h"
#include "fastpath/bpf/maps.h"
#include "fastpath/bpf/ring_space.h"
#include "fastpath/table.h"

namespace hcd::fastpath {

// What names a rule for the packet path. A rule that keeps its key keeps its index, and with it its states.
struct RuleKey {
  Endpoint to;
  std::string interface;
  friend auto operator<=>(const RuleKey&, const RuleKey&) = default;
};
[[nodiscard]] inline RuleKey key_of(const Rule& rule) {
  return {{rule.to, rule.port, rule.proto}, rule.interface};
}
struct KeyHash {
  std::size_t operator()(const RuleKey& key) const {
    return EndpointHash()(key.to) ^ std::hash<std::string>()(key.interface);
  }
};

struct RuleSlot {
  RuleKey key;
  std::uint32_t index = 0;
  bool in_force = false;  // otherwise retired: it only serves the states it has
  std::string anchor;
  std::uint32_t number = 0;
  Rule rule;
  Lines lines;
  std::size_t slots = 0;
  std::vector<std::uint32_t> hosts;  // those in its ring, ascending, each once
};

struct HostSlot {
  Endpoint at;              // of no family: the index is free
  std::uint32_t rules = 0;  // in whose rings it is; with 0 it only serves the states it has
};

struct MemberSlot {
  TableEntry entry{};
  std::uint32_t index = 0;
};

struct TableSlot {
  std::uint32_t index = 0;
  std::vector<MemberSlot> members;  // in the table's order
};

struct AnchorSlot {
  std::uint32_t index = 0;
  std::map<std::string, TableSlot> tables;
  std::set<std::uint32_t> rules;  // indexes of those in force
};

struct Layout {
  explicit Layout(const Views& views)
      : rule_indexes(std::min<std::size_t>(views.rules.size(), abi::HCD_RULE_BUSY)),
        host_indexes(std::min<std::size_t>(views.hosts.size(), 1 << 24)),
        anchor_indexes(views.anchors.size()),
        table_indexes(views.tables.size()),
        member_indexes(views.members.size()),
        rings(static_cast<std::uint32_t>(views.rings.size())),
        hosts(views.hosts.size()) {}

  [[nodiscard]] RuleSlot* find(const RuleKey& key) {
    const auto found = rule_of.find(key);
    return found == rule_of.end() ? nullptr : &rules.at(found->second);
  }

  IndexSet rule_indexes, host_indexes, anchor_indexes, table_indexes, member_indexes;
  RingSpace rings;
  std::unordered_map<std::uint32_t, RuleSlot> rules;  // by index
  std::unordered_map<RuleKey, std::uint32_t, KeyHash> rule_of;
  std::vector<HostSlot> hosts;  // by index
  std::unordered_map<Endpoint, std::uint32_t, EndpointHash> host_of;
  std::map<std::string, AnchorSlot> anchors;
  std::size_t retired_rules = 0;  // of `rules`, those out of force
  std::size_t idle_hosts = 0;     // those in no ring
};

}  // namespace hcd::fastpath
