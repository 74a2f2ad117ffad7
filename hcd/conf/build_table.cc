#include <map>

#include "hcd/conf/builder.h"
#include "hcd/conf/names.h"

namespace hcd::conf {

// A name's addresses are nobody's business yet.
std::optional<Host> Builder::build_host(const ast::Host& from) {
  Host host{.name = from.name.value, .address = {}, .parent = {}};
  host.retry = from.retry;
  host.weight = from.weight;
  host.disabled = from.disabled;
  if (from.ttl) host.ttl = from.ttl->value;
  if (const auto address = Address::parse(host.name)) {
    host.address = *address;
    const auto problem = unusable(*address);
    if (!problem.empty()) error(from.name.at, problem);
    for (const auto& word :
         {from.all.transform([](auto a) { return a.at; }), from.family.transform([](auto f) { return f.at; })})
      if (word) error(*word, "this is of hosts that are given by name");
    return problem.empty() ? std::optional(host) : std::nullopt;
  }
  if (!is_host_name(host.name)) {
    error(from.name.at, "'" + host.name + "' is neither an IP address nor a DNS name");
    return std::nullopt;
  }
  const Family family = from.family ? from.family->value : Family::None;
  host.by_name =
      ByName({.all = from.all.has_value(), .inet = family != Family::Inet6, .inet6 = family != Family::Inet});
  return host;
}

void Builder::build_hosts(const ast::Table& from, Known& known) {
  Table& table = known.table;
  std::map<Address, std::string> addresses;
  std::set<std::string> names;
  for (const auto& entry : from.hosts) {
    auto host = build_host(entry);
    if (!host) continue;
    const auto [other, fresh] = host->by_name ? std::pair(addresses.end(), names.insert(host->name).second)
                                              : addresses.try_emplace(host->address, host->name);
    if (!fresh) {
      const auto as = host->by_name || other->second == host->name ? "" : " as '" + other->second + "'";
      error(entry.name.at, "host '" + host->name + "' is given twice in table '" + table.name + "'" + as);
      continue;
    }
    if (entry.parent) known.parents.emplace_back(table.hosts.size(), *entry.parent);
    table.hosts.push_back(std::move(*host));
  }
}

void Builder::number_hosts(const Known& known, Table& table, bool with_parents) {
  for (auto& host : table.hosts) host.id = next_host_++;
  if (!with_parents) return;
  for (const auto& [place, parent] : known.parents) parents_.emplace_back(table.hosts[place].id, parent);
}

void Builder::check_complete(const ast::Table& from) {
  const std::string subject = "table '" + from.name.value + "' has no ";
  if (from.broken) return;
  if (from.hosts.empty()) error(from.name.at, subject + "host");
  if (!from.check && !from.list) error(from.name.at, subject + "check");
}

bool Builder::room_for(const Table& table, Position at) {
  host_count_ += table.hosts.size();
  const bool tables = config_.tables.size() + config_.templates.size() < kTablesMax;
  if (tables && host_count_ <= kHostsMax) return true;
  error(at, tables ? "more than " + std::to_string(kHostsMax) + " hosts in all tables"
                   : "more than " + std::to_string(kTablesMax) + " tables");
  return false;
}

// relayd's list is no table yet: it becomes one where it is used.
void Builder::build(const ast::Table& from) {
  auto& known = known_.at(from.name.value);
  if (known.declared) {
    error(from.name.at,
          "table '" + from.name.value + "' is defined twice, first on line " + std::to_string(known.at.line));
    return;
  }
  known.declared = true;
  known.broken = from.broken;
  tables_broken_ |= from.broken;
  known.table.name = from.name.value;
  known.table.disabled = from.disabled;
  check_complete(from);
  build_hosts(from, known);
  if (known.list) return;
  known.table.id = next_table_++;
  number_hosts(known, known.table, true);
  set_options(from, from.broken, known.table);
  if (from.port) known.table.port = from.port->value;
  if (!room_for(known.table, from.name.at)) return;
  (known.table.port != 0 ? config_.tables : config_.templates).push_back(known.table);
}

}  // namespace hcd::conf
