#include "fastpath/bpf/plan.h"

#include <algorithm>
#include <cstring>

#include "fastpath/ring.h"

namespace hcd::fastpath {

Status no_room(const char* what, std::size_t wanted, std::size_t limit) {
  return fail(Code::Limit, std::to_string(wanted) + " " + what + " are more than the " + std::to_string(limit) +
                               " that the kernel's maps were made for");
}

namespace {

const TableSlot* find_in(const std::map<std::string, TableSlot>& tables, const std::string& name) {
  const auto found = tables.find(name);
  return found == tables.end() ? nullptr : &found->second;
}

bool is_hashed(Method method) {
  return method == Method::SourceHash || method == Method::Hash;
}

// Each host once, and its weight behind it.
std::vector<std::uint32_t> pairs_of(const std::vector<Share>& shares) {
  std::vector<std::uint32_t> out;
  out.reserve(2 * shares.size());
  for (const Share& share : shares) {
    out.push_back(share.host);
    out.push_back(share.weight);
  }
  return out;
}

}  // namespace

std::uint64_t PlannedRule::word() const {
  return ring->slots.empty() ? ring_word(UINT32_MAX, 0)
                             : ring_word(lines.base, ring->slots.size());  // an empty table has a base, but no slot
}

Result<Plan> Planner::plan(const std::vector<Change>& changes, const Transaction& transaction) {
  plan_ = {};
  kept_.clear();
  given_up_.clear();
  last_wanted_.reset();
  TouchedAnchors touched;
  for (const Change& change : changes) {
    Touched& what = touched[std::visit([](const auto& it) { return it.anchor; }, change)];
    if (const auto* set = std::get_if<TableSet>(&change)) what.tables.insert(set->table.name);
    if (std::holds_alternative<RulesSet>(change) || std::holds_alternative<AnchorRemoved>(change)) what.rules = true;
  }
  if (const Status done = plan_all(changes, transaction, touched); !done) {
    abandon(plan_);
    return std::unexpected(done.error());
  }
  return std::move(plan_);
}

Status Planner::plan_all(const std::vector<Change>& changes, const Transaction& transaction,
                         const TouchedAnchors& touched) {
  if (auto status = plan_names(changes); !status) return status;
  std::vector<Wanted> wanted;
  for (const auto& [name, what] : touched) {
    const auto anchor = transaction.find(name);
    if (!anchor) continue;
    const std::vector<Rule>& rules = anchor->rules();
    for (std::uint32_t number = 0; number < rules.size(); number++) {
      const Rule& rule = rules[number];
      wanted.push_back({&name, number, &rule, anchor->table(rule.table), layout_.find(key_of(rule))});
    }
  }
  if (auto status = place(wanted, touched); !status) return status;
  if (auto status = plan_rules(wanted, touched); !status) return status;
  retire_rest(touched);
  plan_networks(transaction, touched);
  return check_members();
}

Status Planner::check_members() const {
  if (members_ <= layout_.member_indexes.limit()) return {};
  return no_room("addresses in tables", members_, layout_.member_indexes.limit());
}

void Planner::abandon(const Plan& plan) {
  for (const PlannedHost& host : plan.hosts) {
    layout_.host_indexes.release(host.index);
    layout_.host_of.erase(host.at);
    layout_.hosts[host.index] = {};
    layout_.idle_hosts--;
  }
  for (const std::uint32_t index : plan.fresh) layout_.rule_indexes.release(index);
  for (const PlannedRule& rule : plan.rules) {
    if (rule.rebuilt) layout_.rings.release(rule.lines);
    layout_.timeout_sets.release(rule.links.timeouts);
  }
  for (const std::uint32_t index : plan.new_tables) layout_.table_indexes.release(index);
}

// Removals are written first and make room for the rest.
Status Planner::plan_names(const std::vector<Change>& changes) {
  std::size_t anchors = layout_.anchors.size();
  members_ = layout_.member_indexes.taken();
  const auto give_up = [&](const TableSlot& table) {
    members_ -= table.members.size();
    if (!table.source) given_up_.push_back(table.index);
  };
  std::set<std::string> fresh;
  for (const Change& change : changes) {
    const std::string& name = std::visit([](const auto& it) -> const std::string& { return it.anchor; }, change);
    const auto anchor = layout_.anchors.find(name);
    const bool known = anchor != layout_.anchors.end();
    if (!known && fresh.insert(name).second) anchors++;
    if (const auto* set = std::get_if<TableSet>(&change)) {
      const auto* now = known ? find_in(anchor->second.tables, set->table.name) : nullptr;
      members_ += set->table.entries.size() - (now != nullptr ? now->members.size() : 0);
    } else if (const auto* gone = std::get_if<TableRemoved>(&change); gone != nullptr && known) {
      if (const auto* now = find_in(anchor->second.tables, gone->table)) give_up(*now);
    } else if (std::holds_alternative<AnchorRemoved>(change) && known) {
      for (const auto& [key, table] : anchor->second.tables) give_up(table);
      anchors--;
    }
  }
  if (anchors > layout_.anchor_indexes.limit()) return no_room("anchors", anchors, layout_.anchor_indexes.limit());
  for (const Change& change : changes) {
    const auto* set = std::get_if<TableSet>(&change);
    if (set == nullptr) continue;
    const auto anchor = layout_.anchors.find(set->anchor);
    if (anchor != layout_.anchors.end() && find_in(anchor->second.tables, set->table.name) != nullptr) continue;
    const auto index = take_table();
    if (!index) return std::unexpected(index.error());
    plan_.tables[{set->anchor, set->table.name}] = *index;
  }
  return check_members();
}

// One that goes at the same time serves as well, if no packet looks at it.
Result<std::uint32_t> Planner::take_table() {
  std::uint32_t index = layout_.table_indexes.take();
  if (index != 0) {
    plan_.new_tables.push_back(index);
    return index;
  }
  if (given_up_.empty()) {
    return std::unexpected(no_room("tables", layout_.table_indexes.taken() + 1, layout_.table_indexes.limit()).error());
  }
  index = given_up_.back();
  given_up_.pop_back();
  plan_.reused.insert(index);
  return index;
}

std::uint32_t Planner::table_index(const std::string& anchor, const std::string& table) const {
  if (const auto made = plan_.tables.find({anchor, table}); made != plan_.tables.end()) return made->second;
  const auto in = layout_.anchors.find(anchor);
  const auto* known = in == layout_.anchors.end() ? nullptr : find_in(in->second.tables, table);
  return known == nullptr ? 0 : known->index;
}

Status Planner::plan_rules(std::vector<Wanted>& wanted, const TouchedAnchors& touched) {
  for (Wanted& one : wanted) {
    const Rule& rule = *one.rule;
    if (one.slot != nullptr) {
      const RuleSlot& slot = *one.slot;
      kept_.insert(slot.index);
      const bool same = slot.in_force && slot.anchor == *one.anchor && slot.number == one.number && slot.rule == rule;
      if (same && !touched.at(*one.anchor).tables.contains(rule.table)) continue;
      one.index = slot.index;
    }
    PlannedRule& planned = plan_.rules.emplace_back();
    planned.key = key_of(rule);
    planned.index = one.index;
    planned.fresh = one.slot == nullptr;
    planned.after = one.after;
    planned.first_of_place = one.first_of_place;
    planned.renewed = one.slot == nullptr || !one.slot->in_force || one.slot->rule != rule;
    planned.anchor = *one.anchor;
    planned.number = one.number;
    planned.rule = &rule;
    if (auto status = plan_rule(planned, *one.table, one.slot); !status) {
      return fail_in("rule for " + destination_text(rule), status.error());
    }
  }
  return {};
}

Status Planner::plan_rule(PlannedRule& planned, const Table& table, const RuleSlot* now) {
  const Rule& rule = *planned.rule;
  if (!rule.interface.empty() && rule.ifindex == 0) {
    return fail(Code::NotFound, "interface " + rule.interface + " does not exist");
  }
  if (auto status = plan_links(planned, now); !status) return status;
  plan_key(planned, now);
  return plan_ring(planned, table, now);
}

Status Planner::plan_links(PlannedRule& planned, const RuleSlot* now) {
  const Rule& rule = *planned.rule;
  if (!rule.limits.overload.empty()) planned.links.overload = table_index(planned.anchor, rule.limits.overload);
  if (!rule.from.table.empty()) planned.links.from = table_index(planned.anchor, rule.from.table);
  if (!rule.from.networks.empty()) {
    planned.links.from = now == nullptr ? 0 : now->own.index;
    if (planned.links.from == 0) {
      const auto index = take_table();
      if (!index) return std::unexpected(index.error());
      planned.links.from = planned.own = *index;
      members_ += rule.from.networks.size();
    }
  }
  planned.links.timeouts = layout_.timeout_sets.take(rule.timeouts);
  if (planned.links.timeouts != 0 || rule.timeouts.empty()) return {};
  return fail(Code::Limit, "there are " + std::to_string(views_.timeout_sets.size() - 1) + " sets of timeouts already");
}

void Planner::plan_key(PlannedRule& planned, const RuleSlot* now) {
  const Rule& rule = *planned.rule;
  if (!is_hashed(rule.method)) return;
  if (rule.key) {
    std::memcpy(planned.hash_key, rule.key->data(), sizeof planned.hash_key);
  } else if (now != nullptr && is_hashed(now->rule.method) && !now->rule.key) {
    std::ranges::copy(views_.rules[planned.index].hash_key, planned.hash_key);
  } else {
    for (std::uint64_t& word : planned.hash_key) word = random_();
  }
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
  const bool was_hashed = now != nullptr && is_hashed(now->rule.method);
  const RingWanted wanted{.table = &table,
                          .port = rule.host_port(),
                          .proto = rule.proto,
                          .pairs = rule.method == Method::LeastStates,
                          .hash_slots = is_hashed(rule.method) ? 1 + (was_hashed ? now->slots : 0) : 0};
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
  ring.slots = wanted.pairs             ? pairs_of(shares)
               : wanted.hash_slots != 0 ? hash_ring(shares, hash_ring_size(shares, wanted.hash_slots - 1))
                                        : round_robin_ring(shares);
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
void Planner::retire_rest(const TouchedAnchors& touched) {
  for (const auto& [name, what] : touched) {
    const auto anchor = layout_.anchors.find(name);
    if (!what.rules || anchor == layout_.anchors.end()) continue;
    for (const std::uint32_t index : anchor->second.rules) {
      if (!kept_.contains(index)) plan_.retired.push_back(index);
    }
  }
  std::ranges::sort(plan_.retired, std::greater{}, [&](std::uint32_t index) {
    const RuleSlot& slot = layout_.rules.at(index);
    return std::tuple(std::string_view(slot.anchor), slot.number, index);
  });
}

}  // namespace hcd::fastpath
