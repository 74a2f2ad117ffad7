#include "tools/hcctl/fields.h"

#include <array>
#include <ctime>

#include <fmt/format.h>

#include "fastpath/base/text.h"

namespace hcd::hcctl {
namespace {

using ctl::Checked;
using ctl::Event;

constexpr std::array kEvent = std::to_array<Field<Event>>({
    {"number", "it grows, also across a restart", [](const Event& event, const Index&) { return Json(event.number); }},
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
    {"id", "its number", [](const OverrideRow& row, const Index&) { return Json(row.id); }},
    {"name", "its name", [](const OverrideRow& row, const Index&) { return Json(row.name); }},
    {"wish", "disabled, enabled, drained, or a weight",
     [](const OverrideRow& row, const Index&) { return Json(row.wish); }},
    {"configured", "what the configuration says",
     [](const OverrideRow& row, const Index&) { return Json(row.configured); }},
    {"by", "who wants it", [](const OverrideRow& row, const Index&) { return text_value(row.note.by); }},
    {"reason", "the operator's own words",
     [](const OverrideRow& row, const Index&) { return text_value(row.note.reason); }},
    {"since", "when it was said", [](const OverrideRow& row, const Index&) { return time_value(row.note.since_ms); }},
    {"until", "when it ends by itself",
     [](const OverrideRow& row, const Index&) { return time_value(row.note.until_ms); }},
});

constexpr std::array kVersion = std::to_array<Field<Version>>({
    {"client", "this program", [](const Version& version, const Index&) { return Json(version.client); }},
    {"daemon", "the daemon", [](const Version& version, const Index&) { return Json(version.daemon); }},
    {"hostname", "the machine it runs on", [](const Version& version, const Index&) { return text_value(version.header.hostname); }},
    {"pid", "of its parent process", [](const Version& version, const Index&) { return version.header.pid == 0 ? Json() : Json(version.header.pid); }},
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
    {"config_since", "it has been in force since", [](const Version& version, const Index&) { return time_value(version.header.vitals.config_since_ms); }},
    {"config_by", "how it came into force", [](const Version& version, const Index&) { return text_value(version.header.vitals.config_by); }},
    {"confirm_until", "it is taken back then, unless it is confirmed", [](const Version& version, const Index&) { return time_value(version.header.vitals.confirm_until_ms); }},
    {"in_sync", "the engine has what it should", [](const Version& version, const Index&) { return Json(version.header.vitals.in_sync); }},
    {"fault", "why it has not", [](const Version& version, const Index&) { return text_value(version.header.vitals.fault); }},
    {"checking", "the check engine is there", [](const Version& version, const Index&) { return Json(version.header.vitals.checking); }},
    {"states", "connections and flows there now", [](const Version& version, const Index&) { return Json(version.header.vitals.states); }},
    {"states_limit", "the most that there can be", [](const Version& version, const Index&) { return version.header.vitals.states_limit == 0 ? Json() : Json(version.header.vitals.states_limit); }},
    {"generation", "of the state: it grows with every change",
     [](const Version& version, const Index&) { return Json(version.header.vitals.generation); }},
});

}  // namespace

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

Json text_value(std::string_view text) {
  return text.empty() ? Json() : Json(text);
}

Json milliseconds(Duration latency) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(latency).count();
  return us <= 0 ? Json() : Json(static_cast<double>(us) / 1000);
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
