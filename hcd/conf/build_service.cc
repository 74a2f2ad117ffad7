#include <algorithm>

#include "hcd/conf/builder.h"
#include "hcd/conf/names.h"

namespace hcd::conf {

// One place in the network belongs to one service. Without an interface a service takes every interface, so a second
// one that names an interface shares it: allowed, but it deserves a word.
void Builder::claim(const Virtual& added, const ast::Service& from, Position at) {
  const std::string place = endpoint_text(added.address, added.port) + (added.proto == Proto::Udp ? "/udp" : "");
  auto& owners = claims_[{added.address, added.port, added.proto}];
  const auto [owner, fresh] = owners.try_emplace(added.interface, from.name.value);
  if (!fresh)
    return error(at, place + (added.interface.empty() ? "" : " on interface " + added.interface) +
                         " is taken by service '" + owner->second + "'");
  const auto any = owners.find("");
  if (owners.size() > 1 && any != owners.end())
    diagnostics_.warning(at, place + " is also given without an interface, in service '" + any->second + "'");
}

// The addresses of a virtual host as written; none after an error.
std::vector<Address> Builder::resolve(const At<std::string>& name) {
  std::vector<Address> found;
  if (const auto address = Address::parse(name.value)) {
    found.push_back(*address);
  } else if (!is_host_name(name.value)) {
    error(name.at, "'" + name.value + "' is neither an IP address nor a DNS name");
  } else if (auto addresses = resolver_.addresses(name.value)) {
    found = std::move(*addresses);
  } else {
    error(name.at, addresses.error().text);
  }
  for (const auto& address : found) {
    const auto problem = unusable(address);
    if (problem.empty()) continue;
    error(name.at, problem);
    return {};
  }
  return found;
}

void Builder::build_virtuals(const ast::Service& from, Service& service) {
  for (const auto& entry : from.virtuals)
    for (const auto& address : resolve(entry.host)) {
      service.virtuals.push_back(
          {.address = address, .proto = entry.proto, .port = entry.port, .interface = entry.interface});
      claim(service.virtuals.back(), from, entry.host.at);
    }
  if (service.virtuals.size() > kVirtualsMax)
    error(from.name.at, "service '" + service.name + "' has " + std::to_string(service.virtuals.size()) +
                            " virtual hosts, more than " + std::to_string(kVirtualsMax));
  if (from.virtuals.empty() && !from.broken) error(from.name.at, "service '" + service.name + "' has no virtual host");
}

// A table without a port becomes `name:port` with the port of the service, once for all services that agree on it.
const Table* Builder::instantiate(const Table& from, std::uint16_t port, Position at) {
  Table table = from;
  table.name += ":" + std::to_string(port);
  const auto same = std::ranges::find(config_.tables, table.name, &Table::name);
  if (same != config_.tables.end()) return &*same;
  table.id = next_table_++;
  table.port = port;
  for (auto& host : table.hosts) host.id = next_host_++;
  if (!room_for(table, at)) return nullptr;
  return &config_.tables.emplace_back(std::move(table));
}

// The table that a service means; null after an error, or when the table itself was refused.
const Table* Builder::find_table(const At<std::string>& name, const Service& service) {
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
  if (known.broken) return nullptr;
  if (known.table.port != 0) {
    const auto table = std::ranges::find(config_.tables, known.table.id, &Table::id);
    return table == config_.tables.end() ? nullptr : &*table;
  }
  return service.virtuals.empty() ? nullptr : instantiate(known.table, service.virtuals.front().port, name.at);
}

// Each virtual host needs hosts of its family: the fast path does not translate between them.
void Builder::check_family(Family family, const Service& service, const Table* table, const Use& use) {
  if (table == nullptr || table->hosts.empty()) return;
  const auto same = [family](const Virtual& entry) { return entry.address.family == family; };
  const auto may_be = [family](const Host& host) {
    return host.by_name ? host.by_name.takes(family) : host.address.family == family;
  };
  if (std::ranges::none_of(service.virtuals, same) || std::ranges::any_of(table->hosts, may_be)) return;
  const std::string word = family == Family::Inet ? "IPv4" : "IPv6";
  error(use.name.at, "service '" + service.name + "' has an " + word + " virtual host, but its " +
                         std::string(use.role) + " '" + table->name + "' has no " + word + " host");
}

void Builder::build(const ast::Service& from) {
  const auto [first, fresh] = services_.try_emplace(from.name.value, from.name.at);
  if (!fresh)
    return error(from.name.at, "service '" + from.name.value + "' is defined twice, first on line " +
                                   std::to_string(first->second.line));
  if (config_.services.size() == kServicesMax)
    return error(from.name.at, "more than " + std::to_string(kServicesMax) + " services");
  services_broken_ |= from.broken;
  Service service;
  service.id = static_cast<Id>(config_.services.size());
  service.name = from.name.value;
  build_virtuals(from, service);
  if (from.table)
    service.table = use_table({*from.table, "table"}, service).value_or(0);
  else if (!from.broken)
    error(from.name.at, "service '" + service.name + "' has no table");
  build_backups(from, service);
  for (const auto& condition : from.conditions) build_condition(condition, service);
  if (from.tag) service.tag = from.tag->value;
  if (from.mode) service.mode = from.mode->value;
  if (from.session_timeout) set_session_timeout(*from.session_timeout, service);
  service.key = from.key;
  service.disabled = from.disabled;
  config_.services.push_back(std::move(service));
}

// It is of established connections, which UDP has none of.
void Builder::set_session_timeout(const At<Seconds>& timeout, Service& service) {
  service.session_timeout = timeout.value;
  const auto udp = [](const Virtual& added) { return added.proto == Proto::Udp; };
  if (!service.virtuals.empty() && std::ranges::all_of(service.virtuals, udp))
    error(timeout.at, "service '" + service.name + "' has a session timeout, but no virtual host of TCP");
}

void Builder::build_backups(const ast::Service& from, Service& service) {
  std::set<std::string_view> names;
  if (from.table) names.insert(from.table->value);
  for (const auto& backup : from.backups) {
    const std::string what = "service '" + service.name + "' has table '" + backup.value + "' as ";
    if (from.table && from.table->value == backup.value)
      error(backup.at, what + "its own backup");
    else if (!names.insert(backup.value).second)
      error(backup.at, what + "a backup twice");
    else if (const auto id = use_table({backup, "backup table"}, service))
      service.backups.push_back(*id);
  }
}

void Builder::build_condition(const ast::Condition& from, Service& service) {
  if (from.use.value == from.watch.value)
    return error(from.use.at, "table '" + from.use.value + "' cannot stand in for itself");
  const auto use = use_table({from.use, "table"}, service);
  const auto* watched = find_table(from.watch, service);
  if (!use || watched == nullptr) return;
  const auto hosts = watched->hosts.size();
  if (!from.percent && from.below.value > hosts && !grows(*watched))
    return error(from.below.at, "table '" + watched->name + "' has " + std::to_string(hosts) +
                                    " hosts: it is always below " + std::to_string(from.below.value));
  service.conditions.push_back(
      {.use = *use, .watch = watched->id, .below = from.below.value, .percent = from.percent, .hold = from.hold});
}

std::optional<Id> Builder::use_table(const Use& use, const Service& service) {
  const auto* table = find_table(use.name, service);
  check_family(Family::Inet, service, table, use);
  check_family(Family::Inet6, service, table, use);
  return table == nullptr ? std::nullopt : std::optional(table->id);
}

}  // namespace hcd::conf
