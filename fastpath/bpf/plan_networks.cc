// What becomes of the networks that the packet path looks sources up in: those of tables that rules name as their source or
// for overload, and those that rules name themselves.
#include <algorithm>
#include <ranges>

#include "fastpath/bpf/plan.h"

namespace hcd::fastpath {
std::vector<TableEntry> entries_of(const From& from) {
  std::vector<TableEntry> out;
  for (const Network& network : from.networks) out.push_back(entry_of(network));
  std::ranges::sort(out, {}, &TableEntry::place);
  return out;
}

void Planner::plan_networks(const Transaction& transaction, const TouchedAnchors& touched) {
  for (const auto& [name, what] : touched) {
    const auto anchor = transaction.find(name);
    plan_sources(name, what, anchor ? &*anchor : nullptr);
  }
  for (const PlannedRule& rule : plan_.rules) {
    if (rule.own != 0) differ(rule.own, {}, entries_of(rule.rule->from));
  }
  for (const std::uint32_t index : plan_.retired) {
    const TableSlot& own = layout_.rules.at(index).own;
    if (own.index == 0) continue;
    differ(own.index, own.members, {});
    members_ -= own.members.size();
  }
  const auto length = [](const NetworkChange& change) { return change.entry.network().length; };
  std::ranges::stable_sort(plan_.networks_in, std::greater{}, length);
  std::ranges::stable_sort(plan_.networks_out, {}, length);
}

void Planner::plan_sources(const std::string& name, const Touched& touched, const AnchorView* anchor) {
  std::set<std::string>& sources = plan_.sources[name];
  const auto slot = layout_.anchors.find(name);
  static const std::map<std::string, TableSlot> kNone;
  const auto& before = slot == layout_.anchors.end() ? kNone : slot->second.tables;
  if (touched.rules && anchor != nullptr) {
    for (const Rule& rule : anchor->rules()) {
      for (const std::string* table : {&rule.from.table, &rule.limits.overload}) {
        if (!table->empty()) sources.insert(*table);
      }
    }
  } else if (!touched.rules) {
    for (const auto& [table, known] : before) {
      if (known.source) sources.insert(table);
    }
  }
  for (const auto& [table, known] : before) {
    const bool is_source = sources.contains(table);
    if (!known.source || is_source) continue;
    differ(known.index, known.members, {});
    plan_.sources_gone.insert(known.index);
  }
  for (const std::string& table : sources) {
    const auto known = before.find(table);
    const bool was_source = known != before.end() && known->second.source;
    if (was_source && !touched.tables.contains(table)) continue;
    const std::vector<MemberSlot> none;
    differ(table_index(name, table), was_source ? known->second.members : none, anchor->table(table)->entries);
  }
}

// Both in the table's order.
void Planner::differ(std::uint32_t table, const std::vector<MemberSlot>& before, const std::vector<TableEntry>& after) {
  auto old = before.begin();
  for (const TableEntry& entry : after) {
    for (; old != before.end() && old->entry.place() < entry.place(); ++old) {
      plan_.networks_out.push_back({table, old->entry, {}});
    }
    const bool known = old != before.end() && old->entry.place() == entry.place();
    if (!known) plan_.networks_in.push_back({table, entry, {}});
    if (known && old->entry.negated != entry.negated) plan_.networks_in.push_back({table, entry, old->entry.negated});
    if (known) ++old;
  }
  for (; old != before.end(); ++old) plan_.networks_out.push_back({table, old->entry, {}});
}

}  // namespace hcd::fastpath
