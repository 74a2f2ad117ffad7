#include "hcd/conf/ids.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

namespace hcd::conf {
namespace {

// Hands out ids of one kind. Names are offered twice: all that are known first, so that a new one takes no known id.
class Keeper {
 public:
  void was(const std::string& name, Id id) {
    known_.emplace(name, id);
    taken_.insert(id);
  }
  [[nodiscard]] Id id(const std::string& name) {
    const auto found = known_.find(name);
    if (found != known_.end()) return found->second;
    while (taken_.contains(next_)) next_++;
    return known_.emplace(name, next_++).first->second;
  }

 private:
  std::map<std::string, Id> known_;
  std::set<Id> taken_;
  Id next_ = 0;
};

std::string host_key(const Table& table, const Host& host) {
  return table.name + " " + host.name;  // neither holds a blank
}

void renumber(std::vector<Table>& tables, Keeper& table_ids, Keeper& host_ids, std::map<Id, Id>& moved) {
  for (auto& table : tables) {
    const Id id = table_ids.id(table.name);
    moved[table.id] = id;
    table.id = id;
    for (auto& host : table.hosts) host.id = host_ids.id(host_key(table, host));
  }
  std::ranges::sort(tables, {}, &Table::id);
}

}  // namespace

void keep_ids(Config& fresh, const Config& running) {
  Keeper tables, hosts, services;
  for (const auto* list : {&running.templates, &running.tables})
    for (const auto& table : *list) {
      tables.was(table.name, table.id);
      for (const auto& host : table.hosts) hosts.was(host_key(table, host), host.id);
    }
  for (const auto& service : running.services) services.was(service.name, service.id);

  std::map<Id, Id> moved;
  renumber(fresh.templates, tables, hosts, moved);
  renumber(fresh.tables, tables, hosts, moved);
  for (auto& service : fresh.services) {
    service.id = services.id(service.name);
    service.table = moved.at(service.table);
    if (service.backup) service.backup = moved.at(*service.backup);
  }
}

}  // namespace hcd::conf
