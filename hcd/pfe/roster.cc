#include "hcd/pfe/roster.h"

#include <algorithm>

#include "hcd/conf/rules.h"

namespace hcd::pfe {
namespace {

void earliest(std::optional<TimePoint>& least, std::optional<TimePoint> other) {
  if (other && (!least || *other < *least)) least = other;
}

bool is_due(std::optional<TimePoint> when, TimePoint now) {
  return when && *when <= now;
}

}  // namespace

ctl::Override override_of(const Roster& roster, const Overrides& overrides, ctl::Kind kind, Id id) {
  if (overrides.empty()) return {};
  if (kind == ctl::Kind::Host) {
    const HostEntry& host = roster.hosts.at(id);
    return overrides.of_host(roster.tables.at(host.table).conf.name, host.conf);
  }
  return overrides.of(Overrides::key(kind, roster.name(kind, id)));
}

Setting setting_of(const Roster& roster, const Overrides& overrides, ctl::Kind kind, Id id) {
  const auto wishes = override_of(roster, overrides, kind, id);
  switch (kind) {
    case ctl::Kind::Service: return setting_of(wishes, roster.services.at(id).conf.disabled);
    case ctl::Kind::Table: return setting_of(wishes, roster.tables.at(id).conf.disabled);
    case ctl::Kind::Host: break;
  }
  const conf::Host& host = roster.hosts.at(id).conf;
  return setting_of(wishes, host.disabled, host.weight);
}

void put(Roster& roster, ctl::Kind kind, Id id, const Setting& setting) {
  if (kind == ctl::Kind::Service) {
    roster.services.at(id).enabled = setting.enabled;
  } else if (kind == ctl::Kind::Table) {
    roster.tables.at(id).enabled = setting.enabled;
  } else {
    HostEntry& host = roster.hosts.at(id);
    host.enabled = setting.enabled;
    host.drained = setting.drained;
    host.weight = setting.weight;
  }
}

Roster::Roster(Incoming incoming, const Roster& old, const Overrides& overrides, const fastpath::Ruleset& adopted,
               TimePoint now)
    : prefix_(std::move(incoming.anchor)), generation_(incoming.generation) {
  std::size_t count = 0;
  for (const auto& conf : incoming.tables) count += conf.hosts.size();
  hosts.reserve(count);
  for (auto& conf : incoming.tables) add(std::move(conf), old, overrides);
  for (auto& conf : incoming.services) add(std::move(conf), old, overrides);
  link();
  for (const auto& [name, ids] : named)
    if (const auto said = old.names.find(name); said != old.names.end()) names.insert(*said);
  adopt(adopted);
  linger(old, adopted, now);
  for (auto& [id, host] : hosts) {
    if (!checked(host)) forget(host);
    begin_slow_start(host);
  }
  keep_certificates(old);
}

void Roster::add(conf::Table conf, const Roster& old, const Overrides& overrides) {
  TableEntry table{.hosts = {}, .services = {}};
  table.enabled = setting_of(overrides.of(Overrides::key(ctl::Kind::Table, conf.name)), conf.disabled).enabled;
  for (auto& host : std::exchange(conf.hosts, {})) {
    table.hosts.push_back(host.id);
    HostEntry entry{.conf = std::move(host), .table = conf.id, .last = {.memory = {.changes = {}}}};
    const Setting setting =
        setting_of(overrides.of_host(conf.name, entry.conf), entry.conf.disabled, entry.conf.weight);
    entry.enabled = setting.enabled;
    entry.drained = setting.drained;
    entry.weight = setting.weight;
    keep(entry, old);
    const Id id = entry.conf.id;
    hosts.emplace(id, std::move(entry));
  }
  if (const auto was = old.tables.find(conf.id); was != old.tables.end()) {
    keep_switched(ctl::Kind::Table, conf.id, old);
    table.latencies = was->second.latencies;
    table.too_few = was->second.too_few;
  }
  table.conf = std::move(conf);
  tables.emplace(table.conf.id, std::move(table));
}

void Roster::add(conf::Service conf, const Roster& old, const Overrides& overrides) {
  ServiceEntry service;
  service.enabled = setting_of(overrides.of(Overrides::key(ctl::Kind::Service, conf.name)), conf.disabled).enabled;
  service.conditions.resize(conf.conditions.size());
  if (const auto was = old.services.find(conf.id); was != old.services.end() && was->second.conf.name == conf.name) {
    service.word = was->second.word;
    service.in_use = was->second.in_use;
    service.rates = was->second.rates;
    keep_switched(ctl::Kind::Service, conf.id, old);
    for (std::size_t i = 0; i < conf.conditions.size(); i++) {
      const auto same = std::ranges::find(was->second.conf.conditions, conf.conditions[i]);
      if (same == was->second.conf.conditions.end()) continue;
      service.conditions[i] = was->second.conditions[same - was->second.conf.conditions.begin()];
    }
  }
  service.conf = std::move(conf);
  services.emplace(service.conf.id, std::move(service));
}

void Roster::link() {
  for (auto& [id, host] : hosts) {
    if (host.conf.parent) children[*host.conf.parent].push_back(id);
    if (host.conf.by_name) named[conf::written_name(host.conf)].push_back(id);
  }
  for (auto& [id, service] : services) {
    by_anchor_.emplace(anchor_name(prefix_, service.conf), id);
    for (const Id table_id : tables_named(service.conf)) {
      TableEntry& table = tables.at(table_id);
      table.services.push_back(id);
      for (const auto& rule : conf::rules_of(service.conf, table.conf.port))
        table.ports.emplace(rule.host_port(), rule.proto);
    }
  }
}

void Roster::keep(HostEntry& host, const Roster& old) {
  const auto was = old.hosts.find(host.conf.id);
  if (was == old.hosts.end() || was->second.conf.address != host.conf.address) return;
  host.told = was->second.told;
  host.last = was->second.last;
  host.evidence = was->second.evidence;
  host.kept = was->second.kept;
  host.adopted = was->second.adopted;
  host.warm = was->second.warm;
  host.since_ms = was->second.since_ms;
  host.flaps = was->second.flaps;
  host.uptime = was->second.uptime;
  keep_switched(ctl::Kind::Host, host.conf.id, old);
}

void Roster::keep_switched(ctl::Kind kind, Id id, const Roster& old) {
  if (const auto was = old.switched.find({kind, id}); was != old.switched.end()) switched.insert(*was);
}

// Those of hosts that are checked over TLS still, and that were none yet or the same.
void Roster::keep_certificates(const Roster& old) {
  certificates = old.certificates;
  certificates.prune([&](Id id) {
    const auto host = hosts.find(id);
    if (host == hosts.end() || !checked(host->second) || !tables.at(host->second.table).conf.check.tls) return false;
    const auto was = old.hosts.find(id);
    return was == old.hosts.end() || was->second.conf.address == host->second.conf.address;
  });
}

// What another process left in the engine, or what another configuration put there under other names.
void Roster::adopt(const fastpath::Ruleset& adopted) {
  for (auto& [id, service] : services) {
    const std::string anchor = anchor_name(prefix_, service.conf);
    for (const Id table_id : tables_named(service.conf)) {
      const TableEntry& table = tables.at(table_id);
      for (const Id host_id : table.hosts) {
        HostEntry& host = hosts.at(host_id);
        if (host.last.total != 0 || !has_place(adopted, anchor, host.conf.address, table.conf.port)) continue;
        host.kept = host.adopted = true;
      }
    }
    if (service.in_use) continue;
    service.in_use = use_in_force(adopted, prefix_, every_table(service));
    for (std::size_t i = 0; i < service.conditions.size(); i++)
      if (service.conf.conditions[i].use == service.in_use && service.in_use != service.conf.table)
        service.conditions[i] = Latch(true);
  }
}

bool Roster::checked(const HostEntry& host) const {
  if (!host.enabled || !tables.at(host.table).enabled) return false;
  return !host.conf.parent || checked(hosts.at(*host.conf.parent));
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
  for (const Id id : table.hosts) {
    const HostEntry& host = hosts.at(id);
    count += !host.drained && word(host) == ctl::HostWord::Up ? 1 : 0;
  }
  return count;
}

bool Roster::in_place(const HostEntry& host) const {
  return takes_sessions(
      {.address = {}, .state = host.last.state, .enabled = checked(host), .kept = host.kept, .drained = host.drained});
}

std::size_t Roster::live(const TableEntry& table) const {
  return table.leaving.size() + static_cast<std::size_t>(std::ranges::count_if(
                                    table.hosts, [this](const Id id) { return in_place(hosts.at(id)); }));
}

// Only the hosts that take sessions: the others would be left out anyway.
TableView Roster::view(const TableEntry& table, TimePoint now) const {
  TableView out{.id = table.conf.id, .port = table.conf.port, .enabled = table.enabled, .hosts = {}};
  for (const Id id : table.hosts) {
    const HostEntry& host = hosts.at(id);
    if (!in_place(host)) continue;
    const Duration since = host.last.memory.since;
    const bool warming = since.count() != 0 && since != host.warm;
    out.hosts.push_back({.address = host.conf.address,
                         .weight = host.weight,
                         .state = host.last.state,
                         .kept = host.kept,
                         .step = warming ? ramp_step(TimePoint(since), now, table.conf.slow_start) : kRampSteps});
  }
  for (const auto& host : table.leaving)
    out.hosts.push_back({.address = host.address, .weight = host.weight, .state = ipc::HostState::Up});
  return out;
}

ServiceView Roster::view(ServiceEntry& service, TimePoint now) {
  for (const Id id : tables_named(service.conf)) {
    TableEntry& table = tables.at(id);
    let_go(table, now);
    if (table.conf.minimum > 0) table.too_few.update(is_short(table.conf, live(table)), now, table.conf.minimum_for);
  }
  std::vector<bool> on;
  for (std::size_t i = 0; i < service.conditions.size(); i++) {
    const auto& condition = service.conf.conditions[i];
    const TableEntry& watched = tables.at(condition.watch);
    const Strength strength{.live = live(watched), .hosts = watched.hosts.size()};
    on.push_back(service.conditions[i].update(is_below(condition, strength), now, condition.hold));
  }
  ServiceView out{.conf = service.conf, .enabled = service.enabled, .tables = {}};
  for (const Id id : order_of_choice(service.conf, on)) {
    const TableEntry& table = tables.at(id);
    const bool few = table.conf.minimum > 0 && table.too_few.on();
    if (!few) out.tables.push_back(view(table, now));
  }
  return out;
}

ServiceView Roster::every_table(const ServiceEntry& service) const {
  ServiceView out{.conf = service.conf, .enabled = service.enabled, .tables = {}};
  for (const Id id : tables_named(service.conf)) {
    const TableEntry& table = tables.at(id);
    TableView view{.id = id, .port = table.conf.port, .enabled = table.enabled, .hosts = {}};
    view.open = unresolved(table) != nullptr;
    for (const Id host : table.hosts) view.hosts.push_back({.address = hosts.at(host).conf.address});
    out.tables.push_back(std::move(view));
  }
  return out;
}

ServiceEntry* Roster::service_at(const std::string& anchor) {
  const auto found = by_anchor_.find(anchor);
  return found == by_anchor_.end() ? nullptr : &services.at(found->second);
}

std::optional<TimePoint> Roster::next_due(TimePoint now) const {
  std::optional<TimePoint> least;
  for (const auto& [id, table] : tables) {
    earliest(least, table.too_few.due(table.conf.minimum_for));
    if (table.warming_until != TimePoint())
      earliest(least, std::min(next_ramp_step(now, table.conf.slow_start), table.warming_until));
    for (const auto& host : table.leaving) earliest(least, host.until);
  }
  for (const auto& [id, service] : services)
    for (std::size_t i = 0; i < service.conditions.size(); i++)
      earliest(least, service.conditions[i].due(service.conf.conditions[i].hold));
  return least;
}

std::vector<Id> Roster::due(TimePoint now) {
  std::vector<Id> out;
  for (auto& [id, table] : tables) {
    const bool warming = table.warming_until != TimePoint();
    const bool parting = std::ranges::any_of(table.leaving, [now](const Leaving& l) { return l.until <= now; });
    if (warming || parting || is_due(table.too_few.due(table.conf.minimum_for), now))
      out.insert(out.end(), table.services.begin(), table.services.end());
    if (warming && table.warming_until <= now) table.warming_until = {};
  }
  for (const auto& [id, service] : services)
    for (std::size_t i = 0; i < service.conditions.size(); i++)
      if (is_due(service.conditions[i].due(service.conf.conditions[i].hold), now)) out.push_back(id);
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
bool Roster::record(HostEntry& host, const ipc::HostStatus& status, TimePoint now, TimePoint started) {
  using ipc::HostState;
  const bool before = in_place(host);
  if (status.memory.held && !host.last.memory.held) host.flaps++;
  host.last = status;
  auto& since = host.last.memory.since;
  since = std::clamp(since, Duration(0), now.time_since_epoch());
  // It served before it had a result: the first one of a new check engine, or of one that went on while pfe was away.
  const bool first = status.total <= 1 || TimePoint(since) >= started;
  if (host.adopted && status.state == HostState::Up && first) host.warm = since;
  const bool known = host.adopted && status.state != HostState::Unknown;  // now, for the first time
  if (known) host.adopted = false;
  host.kept = before && status.state == HostState::Unknown;
  const bool moved = in_place(host) != before;
  if (moved || known) begin_slow_start(host);
  if (host.conf.by_name && !tables.at(host.table).leaving.empty()) return true;
  return moved || (known && since != host.warm);
}

void Roster::begin_slow_start(const HostEntry& host) {
  TableEntry& table = tables.at(host.table);
  const Duration since = host.last.memory.since;
  if (table.conf.slow_start.count() == 0 || since.count() == 0 || since == host.warm || !in_place(host)) return;
  table.warming_until = std::max(table.warming_until, TimePoint(since) + table.conf.slow_start);
}

void Roster::forget(HostEntry& host) {
  host.last = {.host = host.conf.id, .memory = {.changes = {}}};
  host.kept = host.adopted = false;
  host.warm = {};
  certificates.forget(host.conf.id);
}

}  // namespace hcd::pfe
