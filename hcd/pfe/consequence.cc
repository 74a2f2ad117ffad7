#include "hcd/pfe/consequence.h"

namespace hcd::pfe {
namespace {

ctl::ServiceWord word_of(const ServiceEntry& service, std::optional<Id> use) {
  if (!service.enabled) return ctl::ServiceWord::Disabled;
  if (!use) return ctl::ServiceWord::Down;
  return *use == service.conf.table ? ctl::ServiceWord::Active : ctl::ServiceWord::Backup;
}

}  // namespace

Measure::Measure(const Roster& roster, ctl::Kind kind, const std::vector<Id>& ids, const Sessions& sessions) {
  std::set<Id> services;
  const auto touch = [&](Id table) {
    add_table(roster, table, sessions);
    for (const Id service : roster.tables.at(table).services) services.insert(service);
  };
  for (const Id id : ids) {
    if (kind == ctl::Kind::Service) {
      services.insert(id);
    } else if (kind == ctl::Kind::Table) {
      touch(id);
      tables_.at(id).changed.insert(roster.tables.at(id).hosts.begin(), roster.tables.at(id).hosts.end());
    } else {
      const Id table = roster.hosts.at(id).table;
      touch(table);
      tables_.at(table).changed.insert(id);
      if (const auto children = roster.children.find(id); children != roster.children.end())
        for (const Id child : children->second) touch(roster.hosts.at(child).table);
    }
  }
  for (const Id id : services) {
    const ServiceEntry& service = roster.services.at(id);
    const auto use = foretold(roster, service);
    services_.push_back({id, word_of(service, use), use});
    if (service.in_use)
      for (const Id host : roster.tables.at(*service.in_use).hosts) sessions_[id] += sessions(host);
  }
}

void Measure::add_table(const Roster& roster, Id id, const Sessions& sessions) {
  if (tables_.contains(id)) return;
  const TableEntry& table = roster.tables.at(id);
  TableBefore& before = tables_[id];
  before.effect = {.id = id,
                   .name = table.conf.name,
                   .hosts = static_cast<std::uint32_t>(table.hosts.size()),
                   .minimum = table.conf.minimum,
                   .left = {}};
  for (const Id host_id : table.hosts) {
    const HostEntry& host = roster.hosts.at(host_id);
    const std::uint64_t there = sessions(host_id);
    before.effect.sessions += there;
    if (!roster.in_place(host)) continue;
    before.live.emplace_back(host_id, there);
    before.effect.up_before++;
    before.effect.weight_before += host.weight;
  }
}

std::optional<Id> Measure::foretold(const Roster& roster, const ServiceEntry& service) {
  if (!service.enabled) return std::nullopt;
  std::vector<bool> on;
  for (const auto& latch : service.conditions) on.push_back(latch.on());
  for (const Id id : order_of_choice(service.conf, on)) {
    const TableEntry& table = roster.tables.at(id);
    const std::size_t live = roster.live(table);
    if (table.enabled && live > 0 && !is_short(table.conf, live)) return id;
  }
  return std::nullopt;
}

void Measure::compare(const Roster& roster, ctl::Consequence& out) const {
  for (const auto& [id, before] : tables_) {
    const TableEntry& table = roster.tables.at(id);
    ctl::TableEffect effect = before.effect;
    effect.changed = static_cast<std::uint32_t>(before.changed.size());
    for (const Id host_id : table.hosts) {
      const HostEntry& host = roster.hosts.at(host_id);
      if (!roster.in_place(host)) continue;
      effect.up_after++;
      effect.weight_after += host.weight;
      if (effect.left.size() <= ctl::Consequence::kLeftMax) effect.left.push_back(host.conf.name);
    }
    for (const auto& [host, sessions] : before.live)
      if (!roster.in_place(roster.hosts.at(host))) effect.sessions_hit += sessions;
    if (effect.left.size() > ctl::Consequence::kLeftMax) effect.left.clear();
    if (effect.up_before == effect.up_after && effect.weight_before == effect.weight_after) continue;
    if (out.tables.size() < ctl::Consequence::kTablesMax)
      out.tables.push_back(std::move(effect));
    else
      out.tables_more++;
  }
  for (const auto& [id, word, use] : services_) {
    const ServiceEntry& service = roster.services.at(id);
    const auto next = foretold(roster, service);
    const ctl::ServiceWord after = word_of(service, next);
    if (word == after && use == next) continue;
    const auto sessions = sessions_.find(id);
    if (out.services.size() < ctl::Consequence::kServicesMax)
      out.services.push_back({.id = id,
                              .name = service.conf.name,
                              .before = word,
                              .after = after,
                              .table = next ? roster.name(ctl::Kind::Table, *next) : "",
                              .sessions = sessions == sessions_.end() ? 0 : sessions->second});
    else
      out.services_more++;
  }
}

}  // namespace hcd::pfe
