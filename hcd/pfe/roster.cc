#include "hcd/pfe/roster.h"

#include <set>

namespace hcd::pfe {
namespace {

bool in_place(const HostEntry& host) {
  return takes_sessions({.address = {}, .state = host.last.state, .enabled = host.enabled, .kept = host.kept});
}

}  // namespace

Status validate(const Incoming& incoming) {
  std::set<Id> tables, hosts, services;
  for (const auto& table : incoming.tables) {
    if (!tables.insert(table.id).second) return fail(Code::Protocol, "a configuration with a table twice");
    for (const auto& host : table.hosts)
      if (!hosts.insert(host.id).second) return fail(Code::Protocol, "a configuration with a host twice");
  }
  for (const auto& service : incoming.services) {
    if (!services.insert(service.id).second) return fail(Code::Protocol, "a configuration with a service twice");
    if (service.virtuals.empty()) return fail(Code::Protocol, "a configuration with a service without an address");
    if (!tables.contains(service.table) || (service.backup && !tables.contains(*service.backup)))
      return fail(Code::Protocol, "a configuration with a service without its table");
  }
  return {};
}

bool enabled_by(const Overrides& overrides, ctl::Kind kind, const std::string& name, bool disabled) {
  const auto* override = overrides.find(Overrides::key(kind, name));
  return override != nullptr ? override->enabled : !disabled;
}

Roster::Roster(Incoming incoming, const Roster& old, const Overrides& overrides, const fastpath::Ruleset& adopted)
    : prefix_(std::move(incoming.anchor)), generation_(incoming.generation) {
  for (auto& conf : incoming.tables) {
    TableEntry table{.hosts = {}};
    table.enabled = enabled_by(overrides, ctl::Kind::Table, conf.name, conf.disabled);
    for (auto& host : std::exchange(conf.hosts, {})) {
      table.hosts.push_back(host.id);
      HostEntry entry{.conf = std::move(host), .table = conf.id};
      entry.enabled = enabled_by(overrides, ctl::Kind::Host, conf.name + "/" + entry.conf.name, entry.conf.disabled);
      keep(entry, old);
      hosts.emplace(entry.conf.id, std::move(entry));
    }
    if (const auto was = old.tables.find(conf.id); was != old.tables.end()) table.switched = was->second.switched;
    table.conf = std::move(conf);
    tables.emplace(table.conf.id, std::move(table));
  }
  for (auto& conf : incoming.services) {
    ServiceEntry service;
    service.enabled = enabled_by(overrides, ctl::Kind::Service, conf.name, conf.disabled);
    if (const auto was = old.services.find(conf.id); was != old.services.end() && was->second.conf.name == conf.name) {
      service.word = was->second.word;
      service.rates = was->second.rates;
      service.switched = was->second.switched;
    }
    service.conf = std::move(conf);
    services.emplace(service.conf.id, std::move(service));
  }
  adopt(adopted);
  for (auto& [id, host] : hosts)
    if (!checked(host)) forget(host);
}

void Roster::keep(HostEntry& host, const Roster& old) {
  const auto was = old.hosts.find(host.conf.id);
  if (was == old.hosts.end() || was->second.conf.address != host.conf.address) return;
  host.told = was->second.told;
  host.last = was->second.last;
  host.kept = was->second.kept;
  host.since_ms = was->second.since_ms;
  host.switched = was->second.switched;
}

void Roster::adopt(const fastpath::Ruleset& adopted) {
  for (const auto& [id, service] : services) {
    const std::string anchor = anchor_name(prefix_, service.conf);
    for (const auto& table_id : {std::optional(service.conf.table), service.conf.backup}) {
      if (!table_id) continue;
      const TableEntry& table = tables.at(*table_id);
      for (const Id host_id : table.hosts) {
        HostEntry& host = hosts.at(host_id);
        if (host.last.total == 0 && has_place(adopted, anchor, host.conf.address, table.conf.port)) host.kept = true;
      }
    }
  }
}

bool Roster::checked(const HostEntry& host) const {
  return host.enabled && tables.at(host.table).enabled;
}

ctl::HostWord Roster::word(const HostEntry& host) const {
  if (!checked(host)) return ctl::HostWord::Disabled;
  switch (host.last.state) {
    case ipc::HostState::Up: return ctl::HostWord::Up;
    case ipc::HostState::Down: return ctl::HostWord::Down;
    case ipc::HostState::Unknown: break;
  }
  return ctl::HostWord::Unknown;
}

std::uint32_t Roster::up(const TableEntry& table) const {
  std::uint32_t count = 0;
  for (const Id id : table.hosts) count += word(hosts.at(id)) == ctl::HostWord::Up ? 1 : 0;
  return count;
}

TableView Roster::view(Id id) const {
  const TableEntry& table = tables.at(id);
  TableView out{.port = table.conf.port, .enabled = table.enabled, .hosts = {}};
  for (const Id host_id : table.hosts) {
    const HostEntry& host = hosts.at(host_id);
    out.hosts.push_back({.address = host.conf.address,
                         .weight = host.conf.weight,
                         .state = host.last.state,
                         .enabled = host.enabled,
                         .kept = host.kept});
  }
  return out;
}

ServiceView Roster::view(const ServiceEntry& service) const {
  ServiceView out{.conf = service.conf, .enabled = service.enabled, .table = view(service.conf.table), .backup = {}};
  if (service.conf.backup) out.backup = view(*service.conf.backup);
  return out;
}

std::vector<Id> Roster::services_of(Id table) const {
  std::vector<Id> out;
  for (const auto& [id, service] : services)
    if (service.conf.table == table || service.conf.backup == table) out.push_back(id);
  return out;
}

std::string Roster::name(ctl::Kind kind, Id id) const {
  switch (kind) {
    case ctl::Kind::Service: return services.contains(id) ? services.at(id).conf.name : "";
    case ctl::Kind::Table: return tables.contains(id) ? tables.at(id).conf.name : "";
    case ctl::Kind::Host: break;
  }
  const auto host = hosts.find(id);
  return host == hosts.end() ? "" : tables.at(host->second.table).conf.name + "/" + host->second.conf.name;
}

// An unknown result (the check could not be run) says nothing of the host: it keeps the place that it has.
bool Roster::record(HostEntry& host, const ipc::HostStatus& status) const {
  const bool before = in_place(host);
  host.last = status;
  host.kept = before && status.state == ipc::HostState::Unknown;
  return in_place(host) != before;
}

void Roster::forget(HostEntry& host) {
  host.last = {.host = host.conf.id};
  host.kept = false;
}

}  // namespace hcd::pfe
