#include "tools/hcctl/fields.h"

#include <array>
#include <ctime>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "hcd/conf/print.h"

namespace hcd::hcctl {
namespace {

using ctl::Checked;
using ctl::Event;
using ctl::HostRow;
using ctl::ServiceRow;
using ctl::TableRow;

Json text_value(std::string_view text) {
  return text.empty() ? Json() : Json(text);
}

Json table_name(const Index& index, std::optional<ctl::Id> id) {
  const auto* table = id ? index.table(*id) : nullptr;
  return table == nullptr ? Json() : Json(table->name);
}

Json milliseconds(Duration latency) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(latency).count();
  return us <= 0 ? Json() : Json(static_cast<double>(us) / 1000);
}

// In hundredths, as the text has it.
Json percent(std::uint64_t up, std::uint64_t total) {
  if (total == 0) return {};
  return static_cast<double>(up * 10000 / total) / 100;
}

Json end_of_certificate(const HostRow& host) {
  return time_value(std::int64_t{host.certificate} * 60'000);
}

std::string virtual_text(const conf::Virtual& at) {
  std::string port = at.port == 0 ? "any" : std::to_string(at.port);
  if (at.last_port != 0) port += ":" + std::to_string(at.last_port);
  return fmt::format("{} {} port {}", at.address.text(), at.proto == conf::Proto::Udp ? "udp" : "tcp", port);
}

std::string_view word_text(ctl::ServiceWord word) {
  switch (word) {
    case ctl::ServiceWord::Disabled: return "disabled";
    case ctl::ServiceWord::Down: return "down";
    case ctl::ServiceWord::Backup: return "backup";
    case ctl::ServiceWord::Active: return "active";
  }
  return "";
}

std::string_view word_text(ctl::TableWord word) {
  switch (word) {
    case ctl::TableWord::Disabled: return "disabled";
    case ctl::TableWord::Empty: return "empty";
    case ctl::TableWord::Active: return "active";
  }
  return "";
}

// What every kind of row begins with, and what an override adds at its end.
template <class Row>
constexpr Field<Row> kId = {"id", "its number", [](const Row& row, const Index&) { return Json(row.id); }};
template <class Row>
constexpr Field<Row> kName = {"name", "its name", [](const Row& row, const Index&) { return Json(row.name); }};
template <class Row>
constexpr Field<Row> kStatus = {"status", "the status words of the text",
                                [](const Row& row, const Index&) { return Json(status_text(row)); }};
template <class Row>
constexpr Field<Row> kGeneration = {"generation", "of the state, at its last change",
                                    [](const Row& row, const Index&) { return Json(row.generation); }};
template <class Row>
constexpr Field<Row> kBy = {"override_by", "who has changed it last", [](const Row& row, const Index&) {
                              return row.override ? text_value(row.override->latest()->by) : Json();
                            }};
template <class Row>
constexpr Field<Row> kWhy = {"override_reason", "the operator's own words", [](const Row& row, const Index&) {
                               return row.override ? text_value(row.override->latest()->reason) : Json();
                             }};
template <class Row>
constexpr Field<Row> kSince = {"override_since", "when that was", [](const Row& row, const Index&) {
                                 return row.override ? time_value(row.override->latest()->since_ms) : Json();
                               }};

constexpr std::array kService = std::to_array<Field<ServiceRow>>({
    kId<ServiceRow>,
    kName<ServiceRow>,
    kStatus<ServiceRow>,
    {"state", "active, backup, down or disabled",
     [](const ServiceRow& row, const Index&) { return Json(word_text(row.word)); }},
    {"admin", "what is wanted: on or off",
     [](const ServiceRow& row, const Index&) {
       return Json(
           admin_text(row.override ? row.override->turned_off() : row.word == ctl::ServiceWord::Disabled, false));
     }},
    {"error", "why the engine has not what it should",
     [](const ServiceRow& row, const Index&) { return text_value(row.error); }},
    {"virtual", "the addresses and ports it listens on",
     [](const ServiceRow& row, const Index&) {
       Json out = Json::array();
       for (const auto& at : row.virtuals) out.push_back(virtual_text(at));
       return out;
     }},
    {"table", "its own table", [](const ServiceRow& row, const Index& index) { return table_name(index, row.table); }},
    {"backups", "its backup tables",
     [](const ServiceRow& row, const Index& index) {
       Json out = Json::array();
       for (const auto id : row.backups) out.push_back(table_name(index, id));
       return out;
     }},
    {"in_use", "the table in force",
     [](const ServiceRow& row, const Index& index) { return table_name(index, row.in_use); }},
    {"mode", "how a host is chosen",
     [](const ServiceRow& row, const Index&) { return Json(conf::mode_text(row.mode)); }},
    {"sessions", "sessions made, in all", [](const ServiceRow& row, const Index&) { return Json(row.sessions.total); }},
    {"last_minute", "of them in the past minute",
     [](const ServiceRow& row, const Index&) { return Json(row.sessions.last_minute); }},
    {"last_hour", "in the past hour", [](const ServiceRow& row, const Index&) { return Json(row.sessions.last_hour); }},
    {"last_day", "in the past day", [](const ServiceRow& row, const Index&) { return Json(row.sessions.last_day); }},
    {"mean_minute", "on average, a minute",
     [](const ServiceRow& row, const Index&) { return Json(row.sessions.mean_minute); }},
    {"mean_hour", "an hour", [](const ServiceRow& row, const Index&) { return Json(row.sessions.mean_hour); }},
    {"mean_day", "a day", [](const ServiceRow& row, const Index&) { return Json(row.sessions.mean_day); }},
    kBy<ServiceRow>,
    kWhy<ServiceRow>,
    kSince<ServiceRow>,
    kGeneration<ServiceRow>,
});

constexpr std::array kTable = std::to_array<Field<TableRow>>({
    kId<TableRow>,
    kName<TableRow>,
    kStatus<TableRow>,
    {"state", "active, empty or disabled", [](const TableRow& row, const Index&) { return Json(word_text(row.word)); }},
    {"admin", "what is wanted: on or off",
     [](const TableRow& row, const Index&) { return Json(admin_text(row.word == ctl::TableWord::Disabled, false)); }},
    {"up", "hosts that may get sessions", [](const TableRow& row, const Index&) { return Json(row.up); }},
    {"hosts", "hosts it has", [](const TableRow& row, const Index&) { return Json(row.hosts); }},
    {"port", "the port of its hosts",
     [](const TableRow& row, const Index&) { return row.port == 0 ? Json() : Json(row.port); }},
    {"interval_ms", "between checks", [](const TableRow& row, const Index&) { return Json(row.interval.count()); }},
    {"timeout_ms", "of a check", [](const TableRow& row, const Index&) { return Json(row.timeout.count()); }},
    {"tls", "checked over TLS", [](const TableRow& row, const Index&) { return Json(row.tls); }},
    kBy<TableRow>,
    kWhy<TableRow>,
    kSince<TableRow>,
    kGeneration<TableRow>,
});

constexpr std::array kHost = std::to_array<Field<HostRow>>({
    kId<HostRow>,
    kName<HostRow>,
    kStatus<HostRow>,
    {"table", "the table it is in",
     [](const HostRow& row, const Index& index) { return table_name(index, row.table); }},
    {"address", "the address it has",
     [](const HostRow& row, const Index&) { return row.address.size() == 0 ? Json() : Json(row.address.text()); }},
    {"lookup", "what there is to say of its DNS name",
     [](const HostRow& row, const Index&) { return text_value(row.lookup); }},
    {"state", "up, down, unknown or disabled",
     [](const HostRow& row, const Index&) { return Json(ctl::word_text(row.word)); }},
    {"admin", "what is wanted: on, drained or off",
     [](const HostRow& row, const Index&) {
       return Json(admin_text(row.word == ctl::HostWord::Disabled, row.drained));
     }},
    {"reason", "how its last check ended",
     [](const HostRow& row, const Index&) {
       return row.reason == ipc::Reason::None ? Json() : Json(ipc::reason_text(row.reason));
     }},
    {"detail", "the error or code of that", [](const HostRow& row, const Index&) { return text_value(row.detail); }},
    {"latency_ms", "how long it took", [](const HostRow& row, const Index&) { return milliseconds(row.latency); }},
    {"passed", "checks passed since it was enabled", [](const HostRow& row, const Index&) { return Json(row.up); }},
    {"checks", "checks since then", [](const HostRow& row, const Index&) { return Json(row.total); }},
    {"retries", "failures tolerated", [](const HostRow& row, const Index&) { return Json(row.retries); }},
    {"availability", "passed in a hundred checks",
     [](const HostRow& row, const Index&) { return percent(row.up, row.total); }},
    {"since", "its last change of state", [](const HostRow& row, const Index&) { return time_value(row.since_ms); }},
    {"weight", "its share of sessions", [](const HostRow& row, const Index&) { return Json(row.weight); }},
    {"flaps", "changes counted while it is held down for them",
     [](const HostRow& row, const Index&) { return Json(row.flaps); }},
    {"certificate_ends", "when its certificate ends",
     [](const HostRow& row, const Index&) { return end_of_certificate(row); }},
    {"certificate_expiring", "which is soon, or was",
     [](const HostRow& row, const Index&) { return Json(row.expiring); }},
    kBy<HostRow>,
    kWhy<HostRow>,
    kSince<HostRow>,
    kGeneration<HostRow>,
});

constexpr std::array kEvent = std::to_array<Field<Event>>({
    {"time", "when it happened", [](const Event& event, const Index&) { return time_value(event.wall_ms); }},
    {"kind", "host, service, admin, config or engine",
     [](const Event& event, const Index&) { return Json(ctl::event_text(event.kind)); }},
    {"subject", "whom it happened to", [](const Event& event, const Index&) { return text_value(event.subject); }},
    {"text", "what happened", [](const Event& event, const Index&) { return Json(event.text); }},
});

constexpr std::array kChecked = std::to_array<Field<Checked>>({
    {"id", "the host's number", [](const Checked& checked, const Index&) { return Json(checked.row.id); }},
    {"name", "table/host", [](const Checked& checked, const Index&) { return Json(checked.name); }},
    {"state", "of the host after the check",
     [](const Checked& checked, const Index&) { return Json(ctl::word_text(checked.row.word)); }},
    {"checked", "it was: a disabled host is not",
     [](const Checked& checked, const Index&) { return Json(checked.row.word != ctl::HostWord::Disabled); }},
    {"latency_ms", "how long that took",
     [](const Checked& checked, const Index&) { return milliseconds(checked.row.latency); }},
    {"reason", "how the check ended",
     [](const Checked& checked, const Index&) { return Json(ipc::reason_text(checked.row.reason)); }},
    {"detail", "the error or code of that",
     [](const Checked& checked, const Index&) { return text_value(checked.row.detail); }},
});

constexpr std::array kOverride = std::to_array<Field<OverrideRow>>({
    {"kind", "service, table or host",
     [](const OverrideRow& row, const Index&) { return Json(ctl::kind_text(row.kind)); }},
    kId<OverrideRow>,
    kName<OverrideRow>,
    {"admin", "what is wanted: on, drained or off",
     [](const OverrideRow& row, const Index&) {
       return Json(admin_text(row.override.turned_off(), row.override.drained.has_value()));
     }},
    {"by", "who wants it", [](const OverrideRow& row, const Index&) { return text_value(row.override.latest()->by); }},
    {"reason", "the operator's own words",
     [](const OverrideRow& row, const Index&) { return text_value(row.override.latest()->reason); }},
    {"since", "when it was said",
     [](const OverrideRow& row, const Index&) { return time_value(row.override.latest()->since_ms); }},
});

constexpr std::array kVersion = std::to_array<Field<Version>>({
    {"client", "this program", [](const Version& version, const Index&) { return Json(version.client); }},
    {"daemon", "the daemon", [](const Version& version, const Index&) { return Json(version.daemon); }},
    {"protocol", "the version of the protocol they speak",
     [](const Version& version, const Index&) { return Json(version.protocol); }},
    {"read_only", "this socket takes no changes",
     [](const Version& version, const Index&) { return Json(version.read_only); }},
    {"engine", "what moves the packets",
     [](const Version& version, const Index&) { return text_value(version.header.engine); }},
    {"anchor", "of the daemon's rules there",
     [](const Version& version, const Index&) { return text_value(version.header.anchor); }},
    {"started", "when the daemon began",
     [](const Version& version, const Index&) { return time_value(version.header.started_ms); }},
    {"config_generation", "of the configuration in force",
     [](const Version& version, const Index&) { return Json(version.header.vitals.config_generation); }},
    {"generation", "of the state: it grows with every change",
     [](const Version& version, const Index&) { return Json(version.header.vitals.generation); }},
});

}  // namespace

template <>
std::span<const Field<ServiceRow>> fields() {
  return kService;
}
template <>
std::span<const Field<TableRow>> fields() {
  return kTable;
}
template <>
std::span<const Field<HostRow>> fields() {
  return kHost;
}
template <>
std::span<const Field<Event>> fields() {
  return kEvent;
}
template <>
std::span<const Field<Checked>> fields() {
  return kChecked;
}
template <>
std::span<const Field<OverrideRow>> fields() {
  return kOverride;
}
template <>
std::span<const Field<Version>> fields() {
  return kVersion;
}

Json time_value(std::int64_t wall_ms) {
  if (wall_ms == 0) return {};
  const std::time_t seconds = wall_ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                     utc.tm_hour, utc.tm_min, utc.tm_sec, wall_ms % 1000);
}

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string cell(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (!value.is_array()) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    return text.empty() ? "-" : printable(text, text.size());
  }
  std::vector<std::string> parts;
  for (const auto& part : value) parts.push_back(cell(part));
  return parts.empty() ? "-" : join(parts, ",");
}

}  // namespace hcd::hcctl
