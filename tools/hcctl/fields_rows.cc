// The fields of services, tables and hosts.
#include <array>

#include <fmt/format.h>

#include "hcd/conf/print.h"
#include "tools/hcctl/fields.h"

namespace hcd::hcctl {
namespace {

using ctl::HostRow;
using ctl::ServiceRow;
using ctl::TableRow;

Json table_name(const Index& index, std::optional<ctl::Id> id) {
  const auto* table = id ? index.table(*id) : nullptr;
  return table == nullptr ? Json() : Json(table->name);
}

Json latency(const ctl::TableNumbers* numbers, std::uint32_t ctl::TableNumbers::* us) {
  return numbers == nullptr ? Json() : milliseconds(std::chrono::microseconds(numbers->*us));
}

// In hundredths, as the text has it.
Json percent(std::uint64_t up, std::uint64_t total) {
  if (total == 0) return {};
  const std::uint64_t hundredths = up * 10000 / total;
  return static_cast<double>(hundredths) / 100;
}

Json lately(const HostRow& row, const Index& index, std::uint16_t ctl::Availability::* hundredths) {
  const auto* numbers = index.numbers(row);
  if (numbers == nullptr || numbers->availability.*hundredths == ctl::Availability::kNone) return {};
  return static_cast<double>(numbers->availability.*hundredths) / 100;
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

// What every kind of row begins with, and what is counted and overridden of each.
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
// What is counted of a row; rows that came without numbers have none.
template <class Row, auto Member>
Json counted(const Row& row, const Index& index) {
  const auto* numbers = index.numbers(row);
  return numbers == nullptr ? Json() : Json(numbers->traffic.*Member);
}
template <class Row>
constexpr Field<Row> kStates = {"states", "connections and flows there now", counted<Row, &ctl::Traffic::states>};
template <class Row>
constexpr Field<Row> kPacketsIn = {"packets_in", "packets from clients", counted<Row, &ctl::Traffic::packets_in>};
template <class Row>
constexpr Field<Row> kPacketsOut = {"packets_out", "packets to them", counted<Row, &ctl::Traffic::packets_out>};
template <class Row>
constexpr Field<Row> kBytesIn = {"bytes_in", "bytes of the former", counted<Row, &ctl::Traffic::bytes_in>};
template <class Row>
constexpr Field<Row> kBytesOut = {"bytes_out", "bytes of the latter", counted<Row, &ctl::Traffic::bytes_out>};
template <class Row>
constexpr Field<Row> kMade = {"sessions", "sessions made, in all", counted<Row, &ctl::Traffic::sessions>};

// The newest of an operator's wishes; `show overrides` has each.
template <class Row>
const ctl::Note* latest(const Row& row) {
  return row.override ? row.override->latest() : nullptr;
}
template <class Row>
constexpr Field<Row> kBy = {"override_by", "which operator has changed it last", [](const Row& row, const Index&) {
                              return latest(row) == nullptr ? Json() : text_value(latest(row)->by);
                            }};
template <class Row>
constexpr Field<Row> kWhy = {"override_reason", "the operator's own words", [](const Row& row, const Index&) {
                               return latest(row) == nullptr ? Json() : text_value(latest(row)->reason);
                             }};
template <class Row>
constexpr Field<Row> kSince = {"override_since", "when that was", [](const Row& row, const Index&) {
                                 return latest(row) == nullptr ? Json() : time_value(latest(row)->since_ms);
                               }};
template <class Row>
constexpr Field<Row> kUntil = {"override_until", "when it ends by itself", [](const Row& row, const Index&) {
                                 return latest(row) == nullptr ? Json() : time_value(latest(row)->until_ms);
                               }};

constexpr std::array kService = std::to_array<Field<ServiceRow>>({
    kId<ServiceRow>,
    kName<ServiceRow>,
    kStatus<ServiceRow>,
    {"state", "active, backup, down or disabled",
     [](const ServiceRow& row, const Index&) { return Json(word_text(row.word)); }},
    {"admin", "what is wanted: on or off",
     [](const ServiceRow& row, const Index&) {
       return Json(admin_text(
           row.override && row.override->enabled ? row.override->turned_off() : row.word == ctl::ServiceWord::Disabled,
           false));
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
    kStates<ServiceRow>,
    kPacketsIn<ServiceRow>,
    kPacketsOut<ServiceRow>,
    kBytesIn<ServiceRow>,
    kBytesOut<ServiceRow>,
    kBy<ServiceRow>,
    kWhy<ServiceRow>,
    kSince<ServiceRow>,
    kUntil<ServiceRow>,
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
    {"minimum", "hosts up below which no service uses it",
     [](const TableRow& row, const Index&) { return row.minimum == 0 ? Json() : Json(row.minimum); }},
    {"port", "the port of its hosts",
     [](const TableRow& row, const Index&) { return row.port == 0 ? Json() : Json(row.port); }},
    {"interval_ms", "between checks", [](const TableRow& row, const Index&) { return Json(row.interval.count()); }},
    {"timeout_ms", "of a check", [](const TableRow& row, const Index&) { return Json(row.timeout.count()); }},
    {"tls", "checked over TLS", [](const TableRow& row, const Index&) { return Json(row.tls); }},
    {"p50_ms", "half of the checks that passed lately took at most",
     [](const TableRow& row, const Index& index) { return latency(index.numbers(row), &ctl::TableNumbers::p50_us); }},
    {"p99_ms", "99 in 100 of them",
     [](const TableRow& row, const Index& index) { return latency(index.numbers(row), &ctl::TableNumbers::p99_us); }},
    kMade<TableRow>,
    kStates<TableRow>,
    kPacketsIn<TableRow>,
    kPacketsOut<TableRow>,
    kBytesIn<TableRow>,
    kBytesOut<TableRow>,
    kBy<TableRow>,
    kWhy<TableRow>,
    kSince<TableRow>,
    kUntil<TableRow>,
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
    {"availability_1h", "of those in the last hour",
     [](const HostRow& row, const Index& index) { return lately(row, index, &ctl::Availability::hour); }},
    {"availability_24h", "in the last day",
     [](const HostRow& row, const Index& index) { return lately(row, index, &ctl::Availability::day); }},
    {"since", "its last change of state", [](const HostRow& row, const Index&) { return time_value(row.since_ms); }},
    {"weight", "its share of sessions", [](const HostRow& row, const Index&) { return Json(row.weight); }},
    {"configured_weight", "the same by the configuration",
     [](const HostRow& row, const Index&) { return Json(row.configured_weight); }},
    {"flaps", "changes counted while it is held down for them",
     [](const HostRow& row, const Index&) { return Json(row.flaps); }},
    {"certificate_ends", "when its certificate ends",
     [](const HostRow& row, const Index&) { return end_of_certificate(row); }},
    {"certificate_expiring", "which is soon, or was",
     [](const HostRow& row, const Index&) { return Json(row.expiring); }},
    kMade<HostRow>,
    kStates<HostRow>,
    kPacketsIn<HostRow>,
    kPacketsOut<HostRow>,
    kBytesIn<HostRow>,
    kBytesOut<HostRow>,
    kBy<HostRow>,
    kWhy<HostRow>,
    kSince<HostRow>,
    kUntil<HostRow>,
    kGeneration<HostRow>,
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

}  // namespace hcd::hcctl
