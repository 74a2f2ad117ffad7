#include "fastpath/bpf/names.h"

#include <cstring>
#include <vector>

namespace hcd::fastpath {
namespace {

template <std::size_t N>
void put_name(char (&field)[N], const std::string& name) {
  std::memset(field, 0, N);
  name.copy(field, N - 1);
}

}  // namespace

void NameWriter::write(const std::vector<Change>& changes, const Plan& plan) {
  for (const std::uint32_t index : plan.retired) views_.rule_infos[index].anchor = 0;
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
    if (const auto* set = std::get_if<TableSet>(&change)) write_table(*set);
    if (const auto* set = std::get_if<RulesSet>(&change)) anchor(set->anchor);
  }
  for (const PlannedRule& rule : plan.rules) write_rule(rule);
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
  layout_.table_indexes.release(table.index);
}

void NameWriter::drop_members(const TableSet& set) {
  const auto known = layout_.anchors.find(set.anchor);
  if (known == layout_.anchors.end()) return;
  const auto table = known->second.tables.find(set.table.name);
  if (table == known->second.tables.end()) return;
  auto next = set.table.entries.begin();
  std::erase_if(table->second.members, [&](const MemberSlot& member) {
    while (next != set.table.entries.end() && next->address < member.entry.address) ++next;
    if (next != set.table.entries.end() && next->address == member.entry.address) return false;
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

void NameWriter::write_table(const TableSet& set) {
  AnchorSlot& in = anchor(set.anchor);
  const auto [at, made] = in.tables.try_emplace(set.table.name);
  TableSlot& slot = at->second;
  if (made) slot.index = layout_.table_indexes.take();
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
    if (old != slot.members.end() && old->entry.address == entry.address) {
      views_.members[old->index].weight = entry.weight;
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
  record.cleared = now_;
  record.table = table;
  return index;
}

void NameWriter::write_rule(const PlannedRule& planned) {
  const Rule& rule = *planned.rule;
  AnchorSlot& in = anchor(planned.anchor);
  abi::hcd_rule_info& info = views_.rule_infos[planned.index];
  put_name(info.label, rule.label);
  put_name(info.tag, rule.tag);
  put_name(info.interface, rule.interface);
  info.table = in.tables.at(rule.table).index;
  info.number = planned.number;
  info.established = static_cast<__u32>(rule.established.count());
  info.target_port = htons(rule.target_port);
  info.has_key = rule.key ? 1 : 0;
  info.sloppy = rule.sloppy ? 1 : 0;
  info.anchor = in.index;
  in.rules.insert(planned.index);
}

}  // namespace hcd::fastpath
