#include "fastpath/bpf/names.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace hcd::fastpath {
namespace {

template <std::size_t N>
void put_name(char (&field)[N], const std::string& name) {
  std::memset(field, 0, N);
  name.copy(field, N - 1);
}

}  // namespace

void NameWriter::write(const std::vector<Change>& changes, const Ruleset& after, const Plan& plan) {
  for (const RuleKey& key : plan.retired) views_.rule_infos[layout_.rules.at(key).index].anchor = 0;
  for (const Change& change : changes) {
    if (const auto* set = std::get_if<TableSet>(&change)) drop_members(*set);
    if (const auto* gone = std::get_if<TableRemoved>(&change)) remove_table(gone->anchor, gone->table);
    const auto* removed = std::get_if<AnchorRemoved>(&change);
    const auto anchor = removed == nullptr ? layout_.anchors.end() : layout_.anchors.find(removed->anchor);
    if (anchor == layout_.anchors.end()) continue;
    while (true) {
      const auto table = layout_.tables.lower_bound({removed->anchor, ""});
      if (table == layout_.tables.end() || table->first.first != removed->anchor) break;
      remove_table(removed->anchor, table->first.second);
    }
    views_.anchors[anchor->second] = {};
    layout_.anchor_indexes.release(anchor->second);
    layout_.anchors.erase(anchor);
  }
  for (const auto& [name, anchor] : after) anchor_index(name);
  for (const Change& change : changes) {
    if (const auto* set = std::get_if<TableSet>(&change)) write_table(*set);
  }
  for (const PlannedRule& rule : plan.rules) write_rule(rule);
}

void NameWriter::remove_table(const std::string& anchor, const std::string& table) {
  const auto at = layout_.tables.find({anchor, table});
  if (at == layout_.tables.end()) return;
  for (const auto& [address, member] : at->second.members) {
    views_.members[member] = {};
    layout_.member_indexes.release(member);
  }
  views_.tables[at->second.index] = {};
  layout_.table_indexes.release(at->second.index);
  layout_.tables.erase(at);
}

void NameWriter::drop_members(const TableSet& set) {
  const auto at = layout_.tables.find({set.anchor, set.table.name});
  if (at == layout_.tables.end()) return;
  std::set<Address> stay;
  for (const TableEntry& entry : set.table.entries) stay.insert(entry.address);
  std::erase_if(at->second.members, [&](const auto& member) {
    if (stay.contains(member.first)) return false;
    views_.members[member.second] = {};
    layout_.member_indexes.release(member.second);
    return true;
  });
}

std::uint32_t NameWriter::anchor_index(const std::string& name) {
  const auto [at, made] = layout_.anchors.try_emplace(name, 0);
  if (made) {
    at->second = layout_.anchor_indexes.take();
    put_name(views_.anchors[at->second].name, name);
  }
  return at->second;
}

void NameWriter::write_table(const TableSet& set) {
  const auto [at, made] = layout_.tables.try_emplace({set.anchor, set.table.name});
  TableSlot& slot = at->second;
  if (made) slot.index = layout_.table_indexes.take();
  abi::hcd_table_info& info = views_.tables[slot.index];
  if (made) {
    put_name(info.name, set.table.name);
    info.cleared = now_;
    info.anchor = anchor_index(set.anchor);
  }
  info.addresses = static_cast<__u32>(set.table.entries.size());
  for (const TableEntry& entry : set.table.entries) {
    const auto [member, fresh] = slot.members.try_emplace(entry.address, 0);
    if (fresh) member->second = layout_.member_indexes.take();
    abi::hcd_member& record = views_.members[member->second];
    record.weight = entry.weight;
    if (!fresh) continue;
    std::memcpy(record.addr, entry.address.bytes.data(), sizeof record.addr);
    record.family = static_cast<__u8>(entry.address.family);
    record.cleared = now_;
    record.table = slot.index;
  }
}

void NameWriter::write_rule(const PlannedRule& planned) {
  abi::hcd_rule_info& info = views_.rule_infos[planned.index];
  put_name(info.label, planned.rule.label);
  put_name(info.tag, planned.rule.tag);
  put_name(info.interface, planned.rule.interface);
  info.table = layout_.tables.at({planned.anchor, planned.rule.table}).index;
  info.number = planned.number;
  info.established = static_cast<__u32>(planned.rule.established.count());
  info.target_port = htons(planned.rule.target_port);
  info.has_key = planned.rule.key ? 1 : 0;
  info.anchor = anchor_index(planned.anchor);
}

}  // namespace hcd::fastpath
