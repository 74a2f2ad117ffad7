#include "tools/hcctl/index.h"

#include <algorithm>
#include <functional>

namespace hcd::hcctl {
namespace {

template <class T>
const T* find(const std::unordered_map<ctl::Id, const T*>& map, ctl::Id id) {
  const auto found = map.find(id);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

Index::Index(const ctl::Snapshot& snapshot) {
  for (const auto& table : snapshot.tables) tables_[table.id] = &table;
  for (const auto& host : snapshot.hosts) hosts_[host.table].push_back(&host);
  for (auto& [table, list] : hosts_) std::ranges::sort(list, std::greater(), &ctl::HostRow::id);
  for (const auto& numbers : snapshot.numbers.services) service_numbers_[numbers.id] = &numbers;
  for (const auto& numbers : snapshot.numbers.tables) table_numbers_[numbers.id] = &numbers;
  for (const auto& numbers : snapshot.numbers.hosts) host_numbers_[numbers.id] = &numbers;
}

const ctl::TableRow* Index::table(ctl::Id id) const {
  return find(tables_, id);
}

const std::vector<const ctl::HostRow*>& Index::hosts(ctl::Id table) const {
  static const std::vector<const ctl::HostRow*> kNone;
  const auto found = hosts_.find(table);
  return found == hosts_.end() ? kNone : found->second;
}

const ctl::ServiceNumbers* Index::numbers(const ctl::ServiceRow& service) const {
  return find(service_numbers_, service.id);
}
const ctl::TableNumbers* Index::numbers(const ctl::TableRow& table) const {
  return find(table_numbers_, table.id);
}
const ctl::HostNumbers* Index::numbers(const ctl::HostRow& host) const {
  return find(host_numbers_, host.id);
}

std::string Index::name(const ctl::HostRow& host) const {
  const auto* in = table(host.table);
  return in == nullptr ? host.name : in->name + "/" + host.name;
}

}  // namespace hcd::hcctl
