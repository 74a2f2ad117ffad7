#include "fastpath/bpf/names.h"

#include <cstring>
#include <vector>

#include <unistd.h>

namespace hcd::fastpath {

void NameWriter::write(const std::vector<Change>& changes, const Plan& plan) {
  reused_ = &plan.reused;
  for (const std::uint32_t index : plan.retired) {
    views_.rule_infos[index].anchor = 0;
    TableSlot& own = layout_.rules.at(index).own;
    if (own.index != 0) forget(own);
    own = {};
  }
  for (const Change& change : changes) {
    if (const auto* set = std::get_if<TableSet>(&change)) drop_members(*set);
    if (const auto* removed = std::get_if<AnchorRemoved>(&change)) remove_anchor(removed->anchor);
    if (const auto* gone = std::get_if<TableRemoved>(&change)) {
      auto& tables = layout_.anchors.at(gone->anchor).tables;
      forget(tables.at(gone->table));
      tables.erase(gone->table);
    }
  }
  for (const Change& change : changes) {
    if (const auto* set = std::get_if<TableSet>(&change)) write_table(*set, plan);
    if (const auto* set = std::get_if<RulesSet>(&change)) anchor(set->anchor);
  }
  for (const auto& [name, sources] : plan.sources) mark_sources(name, sources);
  for (const PlannedRule& rule : plan.rules) write_rule(rule);
}

void NameWriter::mark_sources(const std::string& name, const std::set<std::string>& sources) {
  const auto known = layout_.anchors.find(name);
  if (known == layout_.anchors.end()) return;
  for (auto& [table, slot] : known->second.tables) {
    slot.source = sources.contains(table);
    __u32& flags = views_.tables[slot.index].flags;
    const auto bit = static_cast<__u32>(abi::HCD_TABLE_SOURCE);
    flags = slot.source ? flags | bit : flags & ~bit;
  }
}

void NameWriter::remove_anchor(const std::string& name) {
  const auto at = layout_.anchors.find(name);
  for (const auto& [key, table] : at->second.tables) forget(table);
  views_.anchors[at->second.index] = {};
  layout_.anchor_indexes.release(at->second.index);
  layout_.anchors.erase(at);
}

void NameWriter::forget(const TableSlot& table) {
  for (const MemberSlot& member : table.members) {
    views_.members[member.index] = {};
    layout_.member_indexes.release(member.index);
  }
  views_.tables[table.index] = {};
  if (!reused_->contains(table.index)) layout_.table_indexes.release(table.index);
}

void NameWriter::drop_members(const TableSet& set) {
  const auto known = layout_.anchors.find(set.anchor);
  if (known == layout_.anchors.end()) return;
  const auto table = known->second.tables.find(set.table.name);
  if (table == known->second.tables.end()) return;
  auto next = set.table.entries.begin();
  std::erase_if(table->second.members, [&](const MemberSlot& member) {
    while (next != set.table.entries.end() && next->place() < member.entry.place()) ++next;
    if (next != set.table.entries.end() && next->place() == member.entry.place()) return false;
    views_.members[member.index] = {};
    layout_.member_indexes.release(member.index);
    return true;
  });
}

AnchorSlot& NameWriter::anchor(const std::string& name) {
  const auto [at, made] = layout_.anchors.try_emplace(name);
  if (made) {
    at->second.index = layout_.anchor_indexes.take();
    put_name(views_.anchors[at->second.index].name, name);
  }
  return at->second;
}

void NameWriter::write_table(const TableSet& set, const Plan& plan) {
  AnchorSlot& in = anchor(set.anchor);
  const auto [at, made] = in.tables.try_emplace(set.table.name);
  TableSlot& slot = at->second;
  if (made) slot.index = plan.tables.at({set.anchor, set.table.name});
  abi::hcd_table_info& info = views_.tables[slot.index];
  if (made) {
    put_name(info.name, set.table.name);
    info.cleared = now_;
    info.anchor = in.index;
  }
  info.addresses = static_cast<__u32>(set.table.entries.size());
  info.flags = (set.table.persist ? static_cast<__u32>(abi::HCD_TABLE_PERSIST) : 0) |
               (set.table.constant ? static_cast<__u32>(abi::HCD_TABLE_CONST) : 0);
  std::vector<MemberSlot> members;
  members.reserve(set.table.entries.size());
  auto old = slot.members.begin();  // all of them are to stay
  for (const TableEntry& entry : set.table.entries) {
    if (old != slot.members.end() && old->entry.place() == entry.place()) {
      views_.members[old->index].weight = entry.weight;
      views_.members[old->index].negated = entry.negated ? 1 : 0;
      members.push_back({entry, old++->index});
    } else {
      members.push_back({entry, write_member(slot.index, entry)});
    }
  }
  slot.members = std::move(members);
}

std::uint32_t NameWriter::write_member(std::uint32_t table, const TableEntry& entry) {
  const std::uint32_t index = layout_.member_indexes.take();
  abi::hcd_member& record = views_.members[index];
  std::memcpy(record.addr, entry.address.bytes.data(), sizeof record.addr);
  record.weight = entry.weight;
  record.family = static_cast<__u8>(entry.address.family);
  record.prefix = entry.network().length;
  record.negated = entry.negated ? 1 : 0;
  record.cleared = now_;
  record.table = table;
  return index;
}

void NameWriter::write_rule(const PlannedRule& planned) {
  AnchorSlot& in = anchor(planned.anchor);
  abi::hcd_rule_info& info = views_.rule_infos[planned.index];
  describe(*planned.rule, info);
  info.table = in.tables.at(planned.rule->table).index;
  info.number = planned.number;
  if (planned.renewed) {
    info.inserted_pid = static_cast<__u32>(getpid());
    info.inserted_uid = getuid();
  }
  info.anchor = in.index;
  in.rules.insert(planned.index);
  TableSlot& own = layout_.rules.at(planned.index).own;
  if (planned.own != 0) {
    own = {.index = planned.own, .source = true, .members = {}};
    views_.tables[own.index].cleared = now_;
    for (const TableEntry& entry : entries_of(planned.rule->from)) {
      own.members.push_back({entry, write_member(own.index, entry)});
    }
  }
  if (own.index == 0) return;
  abi::hcd_table_info& names = views_.tables[own.index];
  put_name(names.name, std::to_string(planned.number));
  names.addresses = static_cast<__u32>(own.members.size());
  names.flags = static_cast<__u32>(abi::HCD_TABLE_HIDDEN) | static_cast<__u32>(abi::HCD_TABLE_SOURCE);
  names.anchor = in.index;
}

}  // namespace hcd::fastpath
