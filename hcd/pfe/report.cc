#include "hcd/pfe/report.h"

namespace hcd::pfe {
namespace {

std::optional<ctl::Override> override_of(const Overrides& overrides, ctl::Kind kind, const std::string& name) {
  const auto* found = overrides.find(Overrides::key(kind, name));
  return found == nullptr ? std::nullopt : std::optional(*found);
}

}  // namespace

ctl::HostRow host_row(const Roster& roster, const HostEntry& host, const Overrides& overrides) {
  return {.id = host.conf.id,
          .table = host.table,
          .generation = host.generation,
          .name = host.conf.name,
          .word = roster.word(host),
          .reason = host.last.reason,
          .detail = host.last.detail,
          .latency = host.last.latency,
          .up = host.last.up,
          .total = host.last.total,
          .retries = host.last.retries,
          .since_ms = host.since_ms,
          .weight = host.conf.weight,
          .override = override_of(overrides, ctl::Kind::Host, roster.name(ctl::Kind::Host, host.conf.id))};
}

ctl::TableRow table_row(const Roster& roster, const TableEntry& table, const Overrides& overrides) {
  const std::uint32_t up = roster.up(table);
  return {.id = table.conf.id,
          .generation = table.generation,
          .name = table.conf.name,
          .word = !table.enabled ? ctl::TableWord::Disabled
                  : up == 0      ? ctl::TableWord::Empty
                                 : ctl::TableWord::Active,
          .up = up,
          .hosts = static_cast<std::uint32_t>(table.hosts.size()),
          .port = table.conf.port,
          .check = table.conf.check.type,
          .tls = table.conf.check.tls,
          .interval = table.conf.interval,
          .timeout = table.conf.timeout,
          .override = override_of(overrides, ctl::Kind::Table, table.conf.name)};
}

ctl::ServiceRow service_row(const ServiceEntry& service, const std::string& error, const Overrides& overrides) {
  return {.id = service.conf.id,
          .generation = service.generation,
          .name = service.conf.name,
          .word = service.word,
          .error = error,
          .virtuals = service.conf.virtuals,
          .table = service.conf.table,
          .backup = service.conf.backup,
          .mode = service.conf.mode,
          .sessions = service.rates.sessions(),
          .override = override_of(overrides, ctl::Kind::Service, service.conf.name)};
}

ctl::ServiceWord service_word(const Roster& roster, const ServiceEntry& service, const fastpath::Ruleset& in_force) {
  switch (use_in_force(in_force, roster.prefix(), roster.view(service))) {
    case Use::Table: return ctl::ServiceWord::Active;
    case Use::Backup: return ctl::ServiceWord::Backup;
    case Use::None: break;
  }
  return service.enabled ? ctl::ServiceWord::Down : ctl::ServiceWord::Disabled;
}

}  // namespace hcd::pfe
