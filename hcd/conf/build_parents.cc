// `parent` of a host: an id or a name becomes the id of the host that is meant, in each instance of a table its own.
#include <algorithm>

#include "fastpath/base/text.h"
#include "hcd/conf/builder.h"

namespace hcd::conf {
namespace {

const Host* host_named(const Table& table, std::string_view name) {
  const auto found = std::ranges::find(table.hosts, name, &Host::name);
  return found == table.hosts.end() ? nullptr : &*found;
}

}  // namespace

// Instances are made of tables whose parents are not looked up yet, so all of this comes last.
void Builder::build_parents() {
  std::map<Id, Host*> hosts;
  std::map<Id, const Table*> table_of;
  for (auto* list : {&config_.templates, &config_.tables})
    for (auto& table : *list)
      for (auto& host : table.hosts) {
        hosts[host.id] = &host;
        table_of[host.id] = &table;
      }
  for (const auto& [id, parent] : parents_) {
    const auto child = hosts.find(id);
    if (child == hosts.end()) continue;  // its table did not fit
    child->second->parent = find_parent(*table_of.at(id), parent);
    const auto found = child->second->parent ? hosts.find(*child->second->parent) : hosts.end();
    if (found != hosts.end() && found->second->by_name.all())
      error(parent.at, "host '" + found->second->name + "' is given with 'all': it may be several, and no parent");
  }
  for (auto& table : config_.tables) inherit_parents(table);
  check_cycles(hosts);
}

std::optional<Id> Builder::find_parent(const Table& own, const At<std::string>& parent) {
  const std::string& text = parent.value;
  if (const auto* here = host_named(own, text)) return here->id;
  for (const auto& host : own.hosts)
    if (const auto id = parse_number<Id>(text, 0, UINT32_MAX); id && host.id == *id) return host.id;
  const auto slash = text.rfind('/');
  for (const auto& table : config_.tables) {
    if (slash != std::string::npos && table.name == text.substr(0, slash))
      if (const auto* host = host_named(table, text.substr(slash + 1))) return host->id;
    for (const auto& host : table.hosts)
      if (std::to_string(host.id) == text) return host.id;
  }
  if (!tables_broken_)  // a refused line may have named it
    error(parent.at,
          "no checked host has the id or name '" + printable(text) +
              "': a host of another table is written table/host, with the instance's name for one without a port");
  return std::nullopt;
}

// The hosts of an instance stand in the order of the table that it was made of.
void Builder::inherit_parents(Table& table) {
  const auto colon = table.name.find(':');
  if (colon == std::string::npos) return;
  const auto from = std::ranges::find(config_.templates, table.name.substr(0, colon), &Table::name);
  if (from == config_.templates.end() || from->hosts.size() != table.hosts.size()) return;
  for (std::size_t i = 0; i < table.hosts.size(); i++) {
    const auto parent = from->hosts[i].parent;
    if (!parent) continue;
    const auto local = std::ranges::find(from->hosts, *parent, &Host::id);
    table.hosts[i].parent = local == from->hosts.end() ? parent : table.hosts[local - from->hosts.begin()].id;
  }
}

void Builder::check_cycles(const std::map<Id, Host*>& hosts) {
  std::map<Id, Id> seen;  // by host: the one whose walk came along first
  for (const auto& [start, parent] : parents_) {
    Id at = start;
    while (seen.try_emplace(at, start).second) {
      const auto host = hosts.find(at);
      if (host == hosts.end() || !host->second->parent) break;
      at = *host->second->parent;
      if (const auto again = seen.find(at); again == seen.end() || again->second != start) continue;
      error(parent.at, "host '" + hosts.at(start)->name + "' is its own parent" +
                           (at == start && hosts.at(start)->parent == start ? "" : ", by way of others"));
      break;
    }
  }
}

}  // namespace hcd::conf
