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

void Builder::build_hosts(const ast::Table& from, Table& table) {
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
    host->id = next_host_++;
    if (entry.parent) parents_.emplace_back(host->id, *entry.parent);
    table.hosts.push_back(std::move(*host));
  }
}

void Builder::check_complete(const ast::Table& from) {
  const std::string subject = "table '" + from.name.value + "' has no ";
  if (from.broken) return;
  if (from.hosts.empty()) error(from.name.at, subject + "host");
  if (!from.check) error(from.name.at, subject + "check");
}

bool Builder::room_for(const Table& table, Position at) {
  host_count_ += table.hosts.size();
  if (next_table_ <= kTablesMax && host_count_ <= kHostsMax) return true;
  error(at, next_table_ > kTablesMax ? "more than " + std::to_string(kTablesMax) + " tables"
                                     : "more than " + std::to_string(kHostsMax) + " hosts in all tables");
  return false;
}

void Builder::build(const ast::Table& from) {
  auto& known = known_.at(from.name.value);
  if (known.declared) {
    error(from.name.at,
          "table '" + from.name.value + "' is defined twice, first on line " + std::to_string(known.at.line));
    return;
  }
  Table table;
  table.id = next_table_++;
  table.name = from.name.value;
  known.declared = true;
  known.broken = from.broken;
  tables_broken_ |= from.broken;
  check_complete(from);
  build_hosts(from, table);
  set_timing(from, table);
  set_judgement(from, table);
  if (from.port) table.port = from.port->value;
  if (from.check) table.check = from.check->value;
  if (from.demote) table.demote = from.demote->value;
  table.disabled = from.disabled;
  known.table = table;
  if (room_for(table, from.name.at)) (table.port != 0 ? config_.tables : config_.templates).push_back(std::move(table));
}

}  // namespace hcd::conf
