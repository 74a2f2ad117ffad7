#include "hcd/conf/ids.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "hcd/conf/names.h"

namespace hcd::conf {
namespace {

// Hands out ids of one kind. Names are offered twice: all that are known first, so that a new one takes no known id.
class Keeper {
 public:
  void was(const std::string& name, Id id) {
    known_.emplace(name, id);
    taken_.insert(id);
  }
  // `heir_of`: whose id it takes over, the first of them, if it has none of its own.
  [[nodiscard]] Id id(const std::string& name, const std::string& heir_of = {}) {
    const auto found = known_.find(name);
    if (found != known_.end()) return found->second;
    if (auto left = known_.extract(heir_of)) return known_.emplace(name, left.mapped()).first->second;
    while (taken_.contains(next_)) next_++;
    return known_.emplace(name, next_++).first->second;
  }

 private:
  std::map<std::string, Id> known_;
  std::set<Id> taken_;
  Id next_ = 0;
};

std::string host_key(const Table& table, const Host& host) {  // neither holds a blank
  return table.name + " " + host.name + (host.by_name && host.address.size() > 0 ? " " + host.address.text() : "");
}

// As it was while its name had no address.
std::string heir_key(const Table& table, const Host& host) {
  return host.by_name && host.address.size() > 0 ? table.name + " " + written_name(host) : "";
}

struct Moved {  // from the id in the file to the one that is kept
  std::map<Id, Id> tables, hosts;
};

void renumber(std::vector<Table>& tables, Keeper& table_ids, Keeper& host_ids, Moved& moved) {
  for (auto& table : tables) {
    const Id id = table_ids.id(table.name);
    moved.tables[table.id] = id;
    table.id = id;
    for (auto& host : table.hosts) {
      const Id host_id = host_ids.id(host_key(table, host), heir_key(table, host));
      moved.hosts[host.id] = host_id;
      host.id = host_id;
    }
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

  Moved moved;
  renumber(fresh.templates, tables, hosts, moved);
  renumber(fresh.tables, tables, hosts, moved);
  for (auto& service : fresh.services) {
    service.id = services.id(service.name);
    service.table = moved.tables.at(service.table);
    for (auto& backup : service.backups) backup = moved.tables.at(backup);
    for (auto& condition : service.conditions) {
      condition.use = moved.tables.at(condition.use);
      condition.watch = moved.tables.at(condition.watch);
    }
  }
  for (auto* list : {&fresh.templates, &fresh.tables})
    for (auto& table : *list)
      for (auto& host : table.hosts)
        if (host.parent) host.parent = moved.hosts.at(*host.parent);
}

}  // namespace hcd::conf
