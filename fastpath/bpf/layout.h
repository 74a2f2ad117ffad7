// What is where in the maps: userland's own account, so that nothing need be believed that is read from them.
#pragma once
#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fastpath/bpf/endpoint.h"
#include "fastpath/bpf/index_set.h"
#include "fastpath/bpf/maps.h"
#include "fastpath/bpf/ring_space.h"

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

struct RuleSlot {
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
  Endpoint at;
  std::uint32_t rules = 0;  // in whose rings it is; with 0 it only serves the states it has
};

struct TableSlot {
  std::uint32_t index = 0;
  std::map<Address, std::uint32_t> members;
};

struct Layout {
  explicit Layout(const Views& views)
      : rule_indexes(std::min<std::size_t>(views.rules.size(), abi::HCD_RULE_BUSY)),
        host_indexes(std::min<std::size_t>(views.hosts.size(), 1 << 24)),
        anchor_indexes(views.anchors.size()),
        table_indexes(views.tables.size()),
        member_indexes(views.members.size()),
        rings(static_cast<std::uint32_t>(views.rings.size())) {}

  IndexSet rule_indexes, host_indexes, anchor_indexes, table_indexes, member_indexes;
  RingSpace rings;
  std::map<RuleKey, RuleSlot> rules;
  std::map<Endpoint, std::uint32_t> host_of;
  std::map<std::uint32_t, HostSlot> hosts;
  std::map<std::string, std::uint32_t> anchors;
  std::map<std::pair<std::string, std::string>, TableSlot> tables;  // by anchor and name
};

}  // namespace hcd::fastpath
