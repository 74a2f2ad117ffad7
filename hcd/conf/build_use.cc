// Which table a service or redirect means where it names one, and what becomes of it there.
#include <algorithm>
#include <tuple>

#include "hcd/conf/builder.h"

namespace hcd::conf {
namespace {

std::optional<Position> first_option(const ast::TableOptions& from) {
  std::optional<Position> first;
  const auto look = [&first](const auto& option) {
    if (option && (!first || option->at < *first)) first = option->at;
  };
  std::apply([&](const auto&... options) { (look(options), ...); },
             std::tie(from.check, from.timeout, from.interval, from.interval_down, from.interval_changing, from.jitter,
                      from.rise, from.fall, from.flap, from.passive, from.slow_start, from.minimum, from.demote));
  return first;
}

// Two uses of one list at one port: are they the same table?
bool same_options(const Table& a, const Table& b) {
  const auto options = [](const Table& t) {
    return std::tie(t.check, t.timeout, t.interval, t.demote, t.pace, t.judgement, t.slow_start, t.minimum,
                    t.minimum_for);
  };
  return options(a) == options(b);
}

}  // namespace

// Without one of its own, a table's hosts are checked at the first port of the service.
std::optional<std::uint16_t> Builder::port_of(const Owner& owner, const ast::Use& use) {
  if (use.port) return use.port->value;
  if (owner.service.virtuals.empty()) return std::nullopt;
  const auto port = owner.service.virtuals.front().port;
  if (port != 0) return port;
  error(use.name.at, "table '" + use.name.value + "' has no real port at which its hosts can be checked, and " +
                         owner.subject + " has any");
  return std::nullopt;
}

const Table* Builder::add_instance(Table table, Position at) {
  return room_for(table, at) ? &config_.tables.emplace_back(std::move(table)) : nullptr;
}

// A table without a port becomes `name:port`, once for all services that agree on it.
const Table* Builder::instantiate(Known& known, const Owner& owner, const ast::Use& use) {
  const auto port = port_of(owner, use);
  if (!port) return nullptr;
  Table table = known.table;
  table.name += ":" + std::to_string(*port);
  const auto same = std::ranges::find(config_.tables, table.name, &Table::name);
  if (same != config_.tables.end()) return &*same;
  table.id = next_table_++;
  table.port = *port;
  number_hosts(known, table, false);
  return add_instance(std::move(table), use.name.at);
}

// So does a list, with the options of this use: once for all uses that say the same, and a number behind each further name.
const Table* Builder::instantiate_list(Known& known, const Owner& owner, const ast::Use& use) {
  const auto port = port_of(owner, use);
  if (!use.check)
    error(use.name.at,
          "table '" + use.name.value +
              (owner.from.redirect
                   ? "' needs a 'check' here: a list of hosts has none"
                   : "' is a list of hosts as relayd has it: a redirect uses it, and says how they are checked"));
  if (!port || !use.check) return nullptr;
  Table table = known.table;
  table.port = *port;
  set_options(use, false, table);
  const std::string name = known.table.name + ":" + std::to_string(*port);
  table.name = name;
  for (unsigned further = 2;; further++) {
    const auto same = std::ranges::find(config_.tables, table.name, &Table::name);
    if (same == config_.tables.end()) break;
    if (same_options(*same, table)) return &*same;
    table.name = name + ":" + std::to_string(further);
  }
  table.id = next_table_++;
  number_hosts(known, table, true);
  return add_instance(std::move(table), use.name.at);
}

// The table that is meant; null after an error, or when the table itself was refused.
const Table* Builder::find_table(Owner& owner, const ast::Use& use) {
  const auto& name = use.name;
  const auto found = known_.find(name.value);
  if (found == known_.end()) {
    error(name.at, "table '" + name.value + "' is not defined");
    return nullptr;
  }
  auto& known = found->second;
  known.used = true;
  if (!known.declared) {
    error(name.at, "table '" + name.value + "' is defined only on line " + std::to_string(known.at.line) +
                       ", below this use of it");
    return nullptr;
  }
  if (known.list) return known.broken ? nullptr : instantiate_list(known, owner, use);
  if (const auto option = first_option(use))
    error(*option, "table '" + name.value + "' is no list: it says itself how its hosts are checked");
  if (known.broken) return nullptr;
  if (known.table.port == 0) return instantiate(known, owner, use);
  if (use.port && use.port->value != known.table.port)
    error(use.port->at, "table '" + name.value + "' has the real port " + std::to_string(known.table.port));
  const auto table = std::ranges::find(config_.tables, known.table.id, &Table::id);
  return table == config_.tables.end() ? nullptr : &*table;
}

std::optional<Id> Builder::use_table(Owner& owner, const Role& role) {
  const auto* table = find_table(owner, role.use);
  check_family(Family::Inet, owner, table, role);
  check_family(Family::Inet6, owner, table, role);
  if (table == nullptr) return std::nullopt;
  owner.tables.try_emplace(role.use.name.value, table->id);
  return table->id;
}

void Builder::build_backups(Owner& owner) {
  const auto& from = owner.from;
  std::set<std::string_view> names;
  if (from.table) names.insert(from.table->name.value);
  for (const auto& backup : from.backups) {
    const auto& name = backup.name;
    const std::string what = owner.subject + " has table '" + name.value + "' as ";
    if (from.table && from.table->name.value == name.value)
      error(name.at, what + "its own backup");
    else if (!names.insert(name.value).second)
      error(name.at, what + "a backup twice");
    else if (const auto id = use_table(owner, {backup, "backup table"}))
      owner.service.backups.push_back(*id);
  }
}

// One that the service uses already, at that port and with those options; else as find_table() has it.
const Table* Builder::find_watched(Owner& owner, const At<std::string>& name) {
  if (const auto used = owner.tables.find(name.value); used != owner.tables.end()) return config_.table(used->second);
  const auto known = known_.find(name.value);
  if (known != known_.end() && known->second.list) {
    error(name.at, owner.subject + " does not use table '" + name.value + "', and as a list alone nothing checks it");
    return nullptr;
  }
  ast::Use use;
  use.name = name;
  return find_table(owner, use);
}

void Builder::build_condition(Owner& owner, const ast::Condition& from) {
  const auto& name = from.use.name;
  if (name.value == from.watch.value) return error(name.at, "table '" + name.value + "' cannot stand in for itself");
  const auto used = owner.tables.find(name.value);
  const bool again = used != owner.tables.end() && !from.use.port && !first_option(from.use);
  const auto use = again ? std::optional(used->second) : use_table(owner, {from.use, "table"});
  const auto* watched = find_watched(owner, from.watch);
  if (!use || watched == nullptr) return;
  const auto hosts = watched->hosts.size();
  if (!from.percent && from.below.value > hosts && !grows(*watched))
    return error(from.below.at, "table '" + watched->name + "' has " + std::to_string(hosts) +
                                    " hosts: it is always below " + std::to_string(from.below.value));
  owner.service.conditions.push_back(
      {.use = *use, .watch = watched->id, .below = from.below.value, .percent = from.percent, .hold = from.hold});
}

}  // namespace hcd::conf
