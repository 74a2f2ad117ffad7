#include "tools/hcctl/index.h"

#include <algorithm>
#include <functional>

namespace hcd::hcctl {

Index::Index(const ctl::Snapshot& snapshot) {
  for (const auto& table : snapshot.tables) tables_[table.id] = &table;
  for (const auto& host : snapshot.hosts) hosts_[host.table].push_back(&host);
  for (auto& [table, list] : hosts_) std::ranges::sort(list, std::greater(), &ctl::HostRow::id);
}

const ctl::TableRow* Index::table(ctl::Id id) const {
  const auto found = tables_.find(id);
  return found == tables_.end() ? nullptr : found->second;
}

const std::vector<const ctl::HostRow*>& Index::hosts(ctl::Id table) const {
  static const std::vector<const ctl::HostRow*> kNone;
  const auto found = hosts_.find(table);
  return found == hosts_.end() ? kNone : found->second;
}

std::string Index::name(const ctl::HostRow& host) const {
  const auto* in = table(host.table);
  return in == nullptr ? host.name : in->name + "/" + host.name;
}

}  // namespace hcd::hcctl
