#include "fastpath/bpf/plan.h"

#include <algorithm>
#include <cstring>

#include "fastpath/ring.h"

namespace hcd::fastpath {
namespace {

Status no_room(const char* what, std::size_t wanted, std::size_t limit) {
  return fail(Code::Limit, std::to_string(wanted) + " " + what + " are more than the " + std::to_string(limit) +
                               " that the kernel's maps were made for");
}

std::vector<std::uint32_t> distinct(std::vector<std::uint32_t> hosts) {
  std::ranges::sort(hosts);
  const auto rest = std::ranges::unique(hosts);
  hosts.erase(rest.begin(), rest.end());
  return hosts;
}

}  // namespace

std::uint64_t PlannedRule::word() const {
  return count == 0 ? ring_word(UINT32_MAX, 0)
                    : ring_word(lines.base, count);  // an empty table has a base, but no slot
}

Result<Plan> Planner::plan(const std::vector<Change>& changes, const Ruleset& after) {
  plan_ = {};
  claimed_.clear();
  std::map<std::string, Touched> touched;
  for (const Change& change : changes) {
    std::visit([&](const auto& it) { touched[it.anchor]; }, change);
    if (const auto* set = std::get_if<TableSet>(&change)) touched[set->anchor].tables.insert(set->table.name);
    if (std::holds_alternative<RulesSet>(change) || std::holds_alternative<AnchorRemoved>(change)) {
      std::visit([&](const auto& it) { touched[it.anchor].rules = true; }, change);
    }
  }
  Status status = check_names(after);
  for (const auto& [name, what] : touched) {
    const auto anchor = after.find(name);
    if (status && anchor != after.end()) status = plan_anchor(name, what, anchor->second);
  }
  if (!status) {
    abandon(plan_);
    return std::unexpected(status.error());
  }
  retire_rest(touched);
  return std::move(plan_);
}

void Planner::abandon(const Plan& plan) {
  for (const PlannedHost& host : plan.hosts) {
    layout_.host_indexes.release(host.index);
    layout_.host_of.erase(host.at);
    layout_.hosts.erase(host.index);
  }
  for (const PlannedRule& rule : plan.rules) {
    if (rule.fresh) layout_.rule_indexes.release(rule.index);
    if (rule.rebuilt) layout_.rings.release(rule.lines);
  }
}

Status Planner::check_names(const Ruleset& after) const {
  std::size_t tables = 0, members = 0;
  for (const auto& [name, anchor] : after) {
    tables += anchor.tables.size();
    for (const auto& [key, table] : anchor.tables) members += table.entries.size();
  }
  if (after.size() > layout_.anchor_indexes.limit()) {
    return no_room("anchors", after.size(), layout_.anchor_indexes.limit());
  }
  if (tables > layout_.table_indexes.limit()) return no_room("tables", tables, layout_.table_indexes.limit());
  if (members > layout_.member_indexes.limit()) {
    return no_room("addresses in tables", members, layout_.member_indexes.limit());
  }
  return {};
}

Status Planner::plan_anchor(const std::string& name, const Touched& touched, const Anchor& anchor) {
  for (std::uint32_t number = 0; number < anchor.rules.size(); number++) {
    const Rule& rule = anchor.rules[number];
    PlannedRule planned{.key = key_of(rule), .anchor = name, .number = number, .rule = rule};
    claimed_.insert(planned.key);
    const auto now = layout_.rules.find(planned.key);
    if (now != layout_.rules.end()) {
      const RuleSlot& slot = now->second;
      const bool same = slot.in_force && slot.anchor == name && slot.number == number && slot.rule == rule;
      if (same && !touched.tables.contains(rule.table)) continue;
      planned.index = slot.index;
    }
    plan_.rules.push_back(std::move(planned));
    if (auto status = plan_rule(plan_.rules.back(), anchor.tables.at(rule.table)); !status) {
      return fail_in("rule for " + key_of(rule).to.text(), status.error());
    }
  }
  return {};
}

Status Planner::plan_rule(PlannedRule& planned, const Table& table) {
  const Rule& rule = planned.rule;
  if (rule.proto != Proto::Tcp) return fail(Code::Unsupported, "the Linux engine redirects tcp alone");
  const bool simple = !rule.many_ports() && rule.from.any() && rule.limits == StateLimits{} && rule.timeouts.empty() &&
                      !rule.sticky && rule.on_down == OnDown::Keep && !rule.keep_ttl && !rule.sloppy &&
                      (rule.method == Method::RoundRobin || rule.method == Method::SourceHash);
  if (!simple) return fail(Code::Unsupported, "the Linux engine cannot do this yet");
  if (!rule.interface.empty() && rule.ifindex == 0) {
    return fail(Code::NotFound, "interface " + rule.interface + " does not exist");
  }
  const auto known = layout_.rules.find(planned.key);
  const RuleSlot* now = known == layout_.rules.end() ? nullptr : &known->second;
  if (now == nullptr) {
    planned.index = layout_.rule_indexes.take();
    if (planned.index == 0) {
      return no_room("rules", layout_.rule_indexes.taken() + 1, layout_.rule_indexes.limit());
    }
    planned.fresh = true;
  }
  if (planned.rule.key) {
    std::memcpy(planned.hash_key, planned.rule.key->data(), sizeof planned.hash_key);
  } else if (now != nullptr && now->rule.method == Method::SourceHash && !now->rule.key) {
    std::ranges::copy(views_.rules[planned.index].hash_key, planned.hash_key);
  } else {
    for (std::uint64_t& word : planned.hash_key) word = random_();
  }
  return plan_ring(planned, table, now);
}

Status Planner::plan_ring(PlannedRule& planned, const Table& table, const RuleSlot* now) {
  if (table.entries.size() > kRingMax) return no_room("addresses in one table", table.entries.size(), kRingMax);
  const std::uint16_t port = planned.rule.target_port != 0 ? planned.rule.target_port : planned.rule.port;
  std::vector<Share> shares;
  for (const TableEntry& entry : table.entries) {
    const auto host = host_for({entry.address, port, planned.rule.proto});
    if (!host) return std::unexpected(host.error());
    shares.push_back({*host, entry.weight, host_identity(entry.address, port)});
    planned.hosts.push_back(*host);
  }
  planned.hosts = distinct(std::move(planned.hosts));
  const bool hashed = planned.rule.method == Method::SourceHash;
  const bool was_hashed = now != nullptr && now->rule.method == Method::SourceHash;
  planned.slots =
      hashed ? hash_ring(shares, hash_ring_size(shares, was_hashed ? now->slots : 0)) : round_robin_ring(shares);
  planned.count = planned.slots.size();
  if (planned.count == 0) return {};
  if (now != nullptr && same_ring(*now, planned.slots)) {
    planned.lines = now->lines;
    return {};
  }
  const auto lines = layout_.rings.take(planned.count);
  if (!lines) {
    return fail(Code::Limit, "no room for a ring of " + std::to_string(planned.count) +
                                 " slots: " + std::to_string(layout_.rings.free()) + " of " +
                                 std::to_string(views_.rings.size()) + " lines are free");
  }
  planned.rebuilt = true;
  planned.lines = *lines;
  return {};
}

Result<std::uint32_t> Planner::host_for(const Endpoint& at) {
  if (const auto known = layout_.host_of.find(at); known != layout_.host_of.end()) return known->second;
  const std::uint32_t index = layout_.host_indexes.take();
  if (index == 0) {
    return std::unexpected(no_room("hosts", layout_.host_indexes.taken() + 1, layout_.host_indexes.limit()).error());
  }
  plan_.hosts.push_back({index, at});
  layout_.host_of[at] = index;
  layout_.hosts[index] = {.at = at};
  return index;
}

bool Planner::same_ring(const RuleSlot& now, const std::vector<std::uint32_t>& slots) const {
  if (now.slots != slots.size() || now.lines.count == 0) return false;
  for (std::size_t i = 0; i < slots.size(); i++) {
    if (views_.rings[now.lines.base + i / abi::HCD_RING_LINE].host[i % abi::HCD_RING_LINE] != slots[i]) return false;
  }
  return true;
}

void Planner::retire_rest(const std::map<std::string, Touched>& touched) {
  for (const auto& [key, slot] : layout_.rules) {
    if (!slot.in_force || claimed_.contains(key)) continue;
    const auto anchor = touched.find(slot.anchor);
    if (anchor != touched.end() && anchor->second.rules) plan_.retired.push_back(key);
  }
}

}  // namespace hcd::fastpath
