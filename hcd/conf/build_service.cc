#include <algorithm>

#include "fastpath/anchor.h"
#include "hcd/conf/builder.h"
#include "hcd/conf/names.h"
#include "hcd/conf/rules.h"

namespace hcd::conf {

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
      service.virtuals.push_back({.address = address,
                                  .proto = entry.proto,
                                  .port = entry.port,
                                  .last_port = entry.last_port,
                                  .interface = entry.interface});
      virtuals_at_[service.id].push_back(entry.host.at);
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
  if (service.virtuals.empty()) return nullptr;
  const std::uint16_t port = service.virtuals.front().port;
  if (port != 0) return instantiate(known.table, port, name.at);
  error(name.at, "table '" + name.value + "' has no real port at which its hosts can be checked, and service '" +
                     service.name + "' has any");
  return nullptr;
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
  service.rule = from.rule;
  if (from.tag) service.rule.tag = from.tag->value;
  if (from.session_timeout) set_session_timeout(*from.session_timeout, service);
  check_sources(from, service);
  service.disabled = from.disabled;
  config_.services.push_back(std::move(service));
}

// It is of established connections, which UDP has none of.
void Builder::set_session_timeout(const At<Seconds>& timeout, Service& service) {
  if (service.rule.established.count() != 0)
    error(timeout.at, "the session timeout is given by 'keep state' too, as tcp.established");
  service.rule.established = timeout.value;
  const auto udp = [](const Virtual& added) { return added.proto == Proto::Udp; };
  if (!service.virtuals.empty() && std::ranges::all_of(service.virtuals, udp))
    error(timeout.at, "service '" + service.name + "' has a session timeout, but no virtual host of TCP");
}

// A virtual host whose family has no source would be for nobody.
void Builder::check_sources(const ast::Service& from, const Service& service) {
  const fastpath::From& sources = service.rule.from;
  for (const std::string* table : {&sources.table, &service.rule.limits.overload})
    for (const Family family : {Family::Inet, Family::Inet6})
      if (!service.virtuals.empty() && *table == table_name(service, family))
        return error(from.name.at, "table <" + *table + "> of sources has the name of the table of hosts");
  if (sources.networks.empty() || sources.negated) return;
  for (const auto& to : service.virtuals)
    if (std::ranges::none_of(sources.networks,
                             [&](const auto& source) { return source.address.family == to.address.family; }))
      return error(from.from ? from.from->at : from.name.at, "service '" + service.name + "' has the virtual host " +
                                                                 to.address.text() + ", but no source of that family");
}

// What each virtual host comes to is sound, and no two services claim the same: where one of two that overlap leaves nothing
// to the other, that is refused. They are asked in the order of their names, as pf evaluates anchors.
void Builder::check_rules() {
  struct Claimed {
    const Service* service;
    Position at;
    fastpath::Rule rule;
  };
  std::vector<Claimed> all;
  for (const auto& service : config_.services) {
    const auto* table = config_.table(service.table);
    const auto begin = static_cast<std::ptrdiff_t>(all.size());
    for (std::size_t i = 0; i < service.virtuals.size(); i++) {
      const Service one{.name = service.name, .virtuals = {service.virtuals[i]}, .rule = service.rule};
      Claimed& claimed = all.emplace_back(Claimed{&service, virtuals_at_[service.id].at(i), {}});
      claimed.rule = rules_of(one, table == nullptr ? std::uint16_t{0} : table->port).front();
      claimed.rule.table = service.name;
      if (const auto sound = validate(claimed.rule); !sound) error(claimed.at, sound.error().text);
    }
    std::stable_partition(all.begin() + begin, all.end(),
                          [](const Claimed& claimed) { return !claimed.rule.interface.empty(); });
  }
  std::ranges::stable_sort(all, {}, [](const Claimed& claimed) { return std::string_view(claimed.service->name); });
  while (!diagnostics_.full()) {
    fastpath::Claims claims;
    for (const auto& claimed : all) claims.add(claimed.service->name, claimed.rule);
    const auto clash = claims.find_clash();
    if (!clash) return;
    const auto place = [&](const fastpath::Rule* rule) {
      return std::ranges::find(all, rule, [](const Claimed& claimed) { return &claimed.rule; });
    };
    auto first = place(clash->earlier), second = place(clash->later);
    if (first->at > second->at) std::swap(first, second);  // the file's order is that of its reader
    std::string what = destination_text(second->rule) + (second->rule.proto == fastpath::Proto::Udp ? "/udp" : "");
    if (!second->rule.interface.empty()) what += " on interface " + second->rule.interface;
    const bool many = clash->error.code == Code::Limit;
    error(second->at, many ? clash->error.text : what + " is taken by service '" + first->service->name + "'");
    all.erase(second);
  }
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
