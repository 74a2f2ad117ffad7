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

const TableSlot* find_in(const std::map<std::string, TableSlot>& tables, const std::string& name) {
  const auto found = tables.find(name);
  return found == tables.end() ? nullptr : &found->second;
}

}  // namespace

std::uint64_t PlannedRule::word() const {
  return ring->slots.empty() ? ring_word(UINT32_MAX, 0)
                             : ring_word(lines.base, ring->slots.size());  // an empty table has a base, but no slot
}

Result<Plan> Planner::plan(const std::vector<Change>& changes, const Transaction& transaction) {
  plan_ = {};
  kept_.clear();
  last_wanted_.reset();
  std::map<std::string, Touched> touched;
  for (const Change& change : changes) {
    Touched& what = touched[std::visit([](const auto& it) { return it.anchor; }, change)];
    if (const auto* set = std::get_if<TableSet>(&change)) what.tables.insert(set->table.name);
    if (std::holds_alternative<RulesSet>(change) || std::holds_alternative<AnchorRemoved>(change)) what.rules = true;
  }
  Status status = check_names(changes);
  for (const auto& [name, what] : touched) {
    const auto anchor = transaction.find(name);
    if (status && anchor) status = plan_anchor(name, what, *anchor);
  }
  if (!status) {
    abandon(plan_);
    return std::unexpected(status.error());
  }
  for (const auto& [name, what] : touched) {
    if (what.rules) retire_rest(name);
  }
  return std::move(plan_);
}

void Planner::abandon(const Plan& plan) {
  for (const PlannedHost& host : plan.hosts) {
    layout_.host_indexes.release(host.index);
    layout_.host_of.erase(host.at);
    layout_.hosts[host.index] = {};
    layout_.idle_hosts--;
  }
  for (const PlannedRule& rule : plan.rules) {
    if (rule.fresh) layout_.rule_indexes.release(rule.index);
    if (rule.rebuilt) layout_.rings.release(rule.lines);
  }
}

// Removals are written first and make room for the rest.
Status Planner::check_names(const std::vector<Change>& changes) const {
  std::size_t anchors = layout_.anchors.size(), tables = layout_.table_indexes.taken(),
              members = layout_.member_indexes.taken();
  const auto drop = [&](const TableSlot& table) {
    tables--;
    members -= table.members.size();
  };
  std::set<std::string> fresh;
  for (const Change& change : changes) {
    const std::string& name = std::visit([](const auto& it) -> const std::string& { return it.anchor; }, change);
    const auto anchor = layout_.anchors.find(name);
    const bool known = anchor != layout_.anchors.end();
    if (!known && fresh.insert(name).second) anchors++;
    if (const auto* set = std::get_if<TableSet>(&change)) {
      const auto* now = known ? find_in(anchor->second.tables, set->table.name) : nullptr;
      if (now != nullptr) drop(*now);
      tables++;
      members += set->table.entries.size();
      if (!std::ranges::all_of(set->table.entries, &TableEntry::is_address)) {
        return fail(Code::Unsupported,
                    "table " + set->table.name + ": the Linux engine holds addresses alone, no networks");
      }
    } else if (const auto* gone = std::get_if<TableRemoved>(&change); gone != nullptr && known) {
      if (const auto* now = find_in(anchor->second.tables, gone->table)) drop(*now);
    } else if (std::holds_alternative<AnchorRemoved>(change) && known) {
      for (const auto& [key, table] : anchor->second.tables) drop(table);
      anchors--;
    }
  }
  if (anchors > layout_.anchor_indexes.limit()) return no_room("anchors", anchors, layout_.anchor_indexes.limit());
  if (tables > layout_.table_indexes.limit()) return no_room("tables", tables, layout_.table_indexes.limit());
  if (members <= layout_.member_indexes.limit()) return {};
  return no_room("addresses in tables", members, layout_.member_indexes.limit());
}

Status Planner::plan_anchor(const std::string& name, const Touched& touched, const AnchorView& anchor) {
  const std::vector<Rule>& rules = anchor.rules();
  for (std::uint32_t number = 0; number < rules.size(); number++) {
    const Rule& rule = rules[number];
    PlannedRule planned{.key = key_of(rule), .anchor = name, .number = number, .rule = &rule};
    if (const RuleSlot* slot = layout_.find(planned.key); slot != nullptr) {
      kept_.insert(slot->index);
      const bool same = slot->in_force && slot->anchor == name && slot->number == number && slot->rule == rule;
      if (same && !touched.tables.contains(rule.table)) continue;
      planned.index = slot->index;
    }
    plan_.rules.push_back(std::move(planned));
    if (auto status = plan_rule(plan_.rules.back(), *anchor.table(rule.table)); !status) {
      return fail_in("rule for " + key_of(rule).to.text(), status.error());
    }
  }
  return {};
}

Status Planner::plan_rule(PlannedRule& planned, const Table& table) {
  const Rule& rule = *planned.rule;
  const bool simple = !rule.many_ports() && rule.from.any() && rule.limits == StateLimits{} && rule.timeouts.empty() &&
                      !rule.sticky && rule.on_down == OnDown::Keep &&
                      (rule.method == Method::RoundRobin || rule.method == Method::SourceHash);
  if (!simple) return fail(Code::Unsupported, "the Linux engine cannot do this yet");
  if (!rule.interface.empty() && rule.ifindex == 0) {
    return fail(Code::NotFound, "interface " + rule.interface + " does not exist");
  }
  const RuleSlot* now = layout_.find(planned.key);
  if (now == nullptr) {
    planned.index = layout_.rule_indexes.take();
    if (planned.index == 0) {
      return no_room("rules", layout_.rule_indexes.taken() + 1, layout_.rule_indexes.limit());
    }
    planned.fresh = true;
  }
  if (rule.method != Method::SourceHash) {
    // no key
  } else if (rule.key) {
    std::memcpy(planned.hash_key, rule.key->data(), sizeof planned.hash_key);
  } else if (now != nullptr && now->rule.method == Method::SourceHash && !now->rule.key) {
    std::ranges::copy(views_.rules[planned.index].hash_key, planned.hash_key);
  } else {
    for (std::uint64_t& word : planned.hash_key) word = random_();
  }
  return plan_ring(planned, table, now);
}

Status Planner::plan_ring(PlannedRule& planned, const Table& table, const RuleSlot* now) {
  auto ring = build(*planned.rule, table, now);
  if (!ring) return std::unexpected(ring.error());
  planned.ring = std::move(*ring);
  const std::size_t count = planned.ring->slots.size();
  if (count == 0) return {};
  if (now != nullptr && same_ring(*now, planned.ring->slots)) {
    planned.lines = now->lines;
    return {};
  }
  const auto lines = layout_.rings.take(count);
  if (!lines) {
    return fail(Code::Limit, "no room for a ring of " + std::to_string(count) +
                                 " slots: " + std::to_string(layout_.rings.free()) + " of " +
                                 std::to_string(views_.rings.size()) + " lines are free");
  }
  planned.rebuilt = true;
  planned.lines = *lines;
  return {};
}

Result<std::shared_ptr<const PlannedRing>> Planner::build(const Rule& rule, const Table& table, const RuleSlot* now) {
  if (table.entries.size() > kRingMax) {
    return std::unexpected(no_room("addresses in one table", table.entries.size(), kRingMax).error());
  }
  const bool hashed = rule.method == Method::SourceHash;
  const bool was_hashed = now != nullptr && now->rule.method == Method::SourceHash;
  const RingWanted wanted{&table, rule.host_port(), rule.proto, hashed ? 1 + (was_hashed ? now->slots : 0) : 0};
  if (last_wanted_ == wanted) return last_ring_;
  PlannedRing ring;
  std::vector<Share> shares;
  shares.reserve(table.entries.size());
  for (const TableEntry& entry : table.entries) {
    const auto host = host_for({entry.address, wanted.port, rule.proto});
    if (!host) return std::unexpected(host.error());
    shares.push_back({*host, entry.weight, host_identity(entry.address, wanted.port)});
    ring.hosts.push_back(*host);
  }
  std::ranges::sort(ring.hosts);
  ring.slots = hashed ? hash_ring(shares, hash_ring_size(shares, wanted.hash_slots - 1)) : round_robin_ring(shares);
  last_wanted_ = wanted;
  return last_ring_ = std::make_shared<const PlannedRing>(std::move(ring));
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
  layout_.idle_hosts++;
  return index;
}

bool Planner::same_ring(const RuleSlot& now, const std::vector<std::uint32_t>& slots) const {
  if (now.slots != slots.size() || now.lines.count == 0) return false;
  for (std::size_t i = 0; i < slots.size(); i++) {
    if (views_.rings[now.lines.base + i / abi::HCD_RING_LINE].host[i % abi::HCD_RING_LINE] != slots[i]) return false;
  }
  return true;
}

// Those that no touched anchor has any more.
void Planner::retire_rest(const std::string& name) {
  const auto anchor = layout_.anchors.find(name);
  if (anchor == layout_.anchors.end()) return;
  for (const std::uint32_t index : anchor->second.rules) {
    if (!kept_.contains(index)) plan_.retired.push_back(index);
  }
}

}  // namespace hcd::fastpath
