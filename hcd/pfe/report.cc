#include "hcd/pfe/report.h"

namespace hcd::pfe {
namespace {

std::optional<ctl::Override> some(ctl::Override override) {
  return override.empty() ? std::nullopt : std::optional(std::move(override));
}

// What there is to say of a host's name. One that the system's file has needs no look-up.
std::string lookup_text(const Roster& roster, const HostEntry& host) {
  if (!host.conf.by_name) return {};
  const auto state = roster.names.find(conf::written_name(host.conf));
  if (host.conf.address.size() > 0) return state == roster.names.end() ? "" : conf::state_text(state->second);
  if (state != roster.names.end() && !state->second.answered) return conf::state_text(state->second);
  return "no address is left for it";
}

}  // namespace

ctl::HostRow host_row(const Roster& roster, const HostEntry& host, const Overrides& overrides) {
  return {
      .id = host.conf.id,
      .table = host.table,
      .generation = host.generation,
      .name = host.conf.name,
      .address = host.conf.address,
      .lookup = lookup_text(roster, host),
      .word = roster.word(host),
      .reason = host.last.reason,
      .detail = host.last.detail,
      .latency = host.last.latency,
      .up = host.last.up,
      .total = host.last.total,
      .retries = host.last.retries,
      .since_ms = host.since_ms,
      .weight = host.weight,
      .configured_weight = host.conf.weight,
      .drained = host.drained,
      .flaps = host.last.memory.held ? static_cast<std::uint16_t>(host.last.memory.changes.size()) : std::uint16_t{},
      .flapped = host.flaps,
      .certificate = roster.certificates.ends(host.conf.id),
      .expiring = roster.certificates.ends_soon(host.conf.id),
      .override = some(overrides.of_host(roster.tables.at(host.table).conf.name, host.conf))};
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
          .minimum = table.conf.minimum,
          .port = table.conf.port,
          .check = table.conf.check.type,
          .tls = table.conf.check.tls.has_value(),
          .interval = table.conf.interval,
          .timeout = table.conf.timeout,
          .override = some(override_of(roster, overrides, ctl::Kind::Table, table.conf.id))};
}

ctl::ServiceRow service_row(const Roster& roster, const ServiceEntry& service, const std::string& error,
                            const Overrides& overrides) {
  return {.id = service.conf.id,
          .generation = service.generation,
          .name = service.conf.name,
          .word = service.word,
          .error = error,
          .virtuals = service.conf.virtuals,
          .table = service.conf.table,
          .backups = service.conf.backups,
          .in_use = service.in_use,
          .mode = service.conf.rule.method,
          .sessions = service.rates.sessions(),
          .override = some(override_of(roster, overrides, ctl::Kind::Service, service.conf.id))};
}

ctl::ServiceWord service_word(const ServiceEntry& service) {
  if (service.in_use) return service.in_use == service.conf.table ? ctl::ServiceWord::Active : ctl::ServiceWord::Backup;
  return service.enabled ? ctl::ServiceWord::Down : ctl::ServiceWord::Disabled;
}

}  // namespace hcd::pfe
