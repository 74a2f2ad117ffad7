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
#include "fastpath/bpf/timeout_sets.h"
#include "fastpath/table.h"

namespace hcd::fastpath {

// What names a rule for the packet path: all of it that does not change while it is in force. A rule that keeps its key keeps
// its index, and with it its states.
struct RuleKey {
  Endpoint to;
  std::string interface;
  std::uint16_t last_port = 0;         // of a range
  std::uint16_t port = 0, target = 0;  // of a rule for many ports
  bool shift = false;                  // target_range
  bool least_states = false;           // such a ring is unlike others
  bool sticky = false;
  SourceTrack track = SourceTrack::None;
  From from;
  friend bool operator==(const RuleKey&, const RuleKey&) = default;
};
[[nodiscard]] inline RuleKey key_of(const Rule& rule) {
  const bool many = rule.many_ports();
  From from = rule.from;
  std::ranges::sort(from.networks);  // in whatever order they were named
  return {.to = destination_of(rule),
          .interface = rule.interface,
          .last_port = rule.last_port,
          .port = many ? rule.port : std::uint16_t{0},
          .target = many ? rule.target_port : std::uint16_t{0},
          .shift = rule.target_range,
          .least_states = rule.method == Method::LeastStates,
          .sticky = rule.sticky,
          .track = rule.limits.source_track,
          .from = std::move(from)};
}
struct KeyHash {
  std::size_t operator()(const RuleKey& key) const {
    return EndpointHash()(key.to) ^ std::hash<std::string>()(key.interface) ^ (std::size_t{key.port} << 16) ^
           (key.from.networks.empty() ? 0 : EndpointHash()({key.from.networks.front().address}));
  }
};

struct MemberSlot {
  TableEntry entry{};
  std::uint32_t index = 0;
};

struct TableSlot {
  std::uint32_t index = 0;
  bool source = false;              // a rule's source: its entries are in the packet path's networks too
  std::vector<MemberSlot> members;  // in the table's order
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
  std::uint32_t timeouts = 0;        // its set
  TableSlot own;                     // of the networks that it names as its source itself; index 0: none
};

struct HostSlot {
  Endpoint at;              // of no family: the index is free
  std::uint32_t rules = 0;  // in whose rings it is; with 0 it only serves the states it has
  std::uint32_t sum = 0;    // of those rules' indexes: with one rule, it
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
        timeout_sets(views.timeout_sets.size()),
        hosts(views.hosts.size()) {}

  [[nodiscard]] RuleSlot* find(const RuleKey& key) {
    const auto found = rule_of.find(key);
    return found == rule_of.end() ? nullptr : &rules.at(found->second);
  }

  IndexSet rule_indexes, host_indexes, anchor_indexes, table_indexes, member_indexes;
  RingSpace rings;
  TimeoutSets timeout_sets;
  std::unordered_map<std::uint32_t, RuleSlot> rules;  // by index
  // The rules of one destination in the order in which packets meet them, retired ones among them; the index has the first.
  std::unordered_map<Endpoint, std::vector<std::uint32_t>, EndpointHash> chains;
  std::unordered_map<RuleKey, std::uint32_t, KeyHash> rule_of;  // a retired one as long as no other has its key
  std::vector<HostSlot> hosts;                                  // by index
  std::unordered_map<Endpoint, std::uint32_t, EndpointHash> host_of;
  std::map<std::string, AnchorSlot> anchors;
  std::size_t retired_rules = 0;  // of `rules`, those out of force
  std::size_t idle_hosts = 0;     // those in no ring
};

}  // namespace hcd::fastpath
