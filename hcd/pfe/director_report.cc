// The part of the Director that tells subscribers what has changed.
#include <algorithm>

#include "hcd/pfe/director.h"
#include "hcd/pfe/report.h"

namespace hcd::pfe {

void Director::touch(ctl::Kind kind, Id id) {
  generation_++;
  switch (kind) {
    case ctl::Kind::Service: roster_.services.at(id).generation = generation_; break;
    case ctl::Kind::Table: roster_.tables.at(id).generation = generation_; break;
    case ctl::Kind::Host: roster_.hosts.at(id).generation = generation_; break;
  }
  touched_[static_cast<std::size_t>(kind)].insert(id);
  if (std::exchange(publishing_, true)) return;
  loop_.defer([this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) publish();
  });
}

void Director::note_name(const conf::NameState& state) {
  const auto hosts = roster_.named.find(state.name);
  if (hosts == roster_.named.end()) return;
  for (const Id id : hosts->second) touch(ctl::Kind::Host, id);
  const auto before = roster_.names.find(state.name);
  const bool news = before == roster_.names.end() || before->second.fault != state.fault;
  roster_.names.insert_or_assign(state.name, state);
  const std::string text = conf::state_text(state);
  if (news) event(ctl::EventKind::Host, state.name, text.empty() ? "its name is answered" : "its name: " + text);
}

void Director::touch_all() {
  for (const auto& [id, service] : roster_.services) touch(ctl::Kind::Service, id);
  for (const auto& [id, table] : roster_.tables) touch(ctl::Kind::Table, id);
  for (const auto& [id, host] : roster_.hosts) touch(ctl::Kind::Host, id);
}

void Director::publish() {
  publishing_ = false;
  if (outlet_.watched && !outlet_.watched()) {
    for (auto& ids : touched_) ids.clear();
    return;
  }
  ctl::Rows rows{.generation = generation_, .services = {}, .tables = {}, .hosts = {}};
  for (const Id id : std::exchange(touched_[static_cast<std::size_t>(ctl::Kind::Service)], {}))
    if (const auto it = roster_.services.find(id); it != roster_.services.end())
      rows.services.push_back(row(it->second));
  for (const Id id : std::exchange(touched_[static_cast<std::size_t>(ctl::Kind::Table)], {}))
    if (const auto it = roster_.tables.find(id); it != roster_.tables.end())
      rows.tables.push_back(table_row(roster_, it->second, overrides_));
  for (const Id id : std::exchange(touched_[static_cast<std::size_t>(ctl::Kind::Host)], {}))
    if (const auto it = roster_.hosts.find(id); it != roster_.hosts.end())
      rows.hosts.push_back(host_row(roster_, it->second, overrides_));
  if (!rows.empty()) outlet_.rows(rows);
}

ctl::ServiceRow Director::row(const ServiceEntry& service) const {
  return service_row(roster_, service, enforcer_.error(anchor_name(roster_.prefix(), service.conf)), overrides_);
}

void Director::announce_gone(const Roster& old) {
  for (const auto& [id, service] : old.services)
    if (!roster_.services.contains(id)) outlet_.gone({ctl::Kind::Service, id});
  for (const auto& [id, table] : old.tables)
    if (!roster_.tables.contains(id)) outlet_.gone({ctl::Kind::Table, id});
  for (const auto& [id, host] : old.hosts)
    if (!roster_.hosts.contains(id)) outlet_.gone({ctl::Kind::Host, id});
}

void Director::event(ctl::EventKind kind, std::string subject, std::string text) {
  outlet_.event({.wall_ms = loop_.wall_ms(), .kind = kind, .subject = std::move(subject), .text = std::move(text)});
}

ctl::Snapshot Director::snapshot(bool rows) const {
  ctl::Snapshot out{.header = {.version = HCD_VERSION,
                               .hostname = origin_.hostname,
                               .pid = origin_.pid,
                               .anchor = roster_.prefix(),
                               .engine = engine_->name(),
                               .started_ms = standing_.started_ms,
                               .vitals = vitals()},
                    .services = {},
                    .tables = {},
                    .hosts = {},
                    .numbers = {},
                    .checks = {},
                    .events = {}};
  if (!rows) return out;
  for (const auto& [id, service] : roster_.services) out.services.push_back(row(service));
  for (const auto& [id, table] : roster_.tables) out.tables.push_back(table_row(roster_, table, overrides_));
  for (const auto& [id, host] : roster_.hosts) out.hosts.push_back(host_row(roster_, host, overrides_));
  return out;
}

ctl::Vitals Director::vitals() const {
  std::string fault = enforcer_.fault();
  const bool in_sync = fault.empty() && configured_;
  return {.wall_ms = loop_.wall_ms(),
          .generation = generation_,
          .config_generation = roster_.generation(),
          .config_since_ms = standing_.since_ms,
          .config_by = standing_.by,
          .reload_refused = standing_.refused,
          .confirm_until_ms = standing_.confirm_until_ms,
          .in_sync = in_sync,
          .fault = std::move(fault),
          .checking = checking_,
          .states = meter_.traffic().states,
          .states_limit = engine_->states_limit(),
          .checks = checks_,
          .checks_per_s = meter_.checks_per_s(),
          .traffic = meter_.traffic()};
}

void Director::note_standing(const ipc::Standing& standing) {
  standing_ = standing;
}

void Director::tell_pressure() {
  for (const auto& news : pressure_.look(engine_->pressure())) {
    news.begins ? log::warning(news.text) : log::notice(news.text);
    event(ctl::EventKind::Engine, engine_->name(), news.text);
  }
}

void Director::look() {
  meter_.look(roster_, *engine_, loop_.now(), loop_.wall_ms(), checks_);
}

ctl::Look Director::numbers(std::uint64_t since) const {
  return {.number = meter_.number(), .numbers = meter_.numbers(since), .vitals = vitals()};
}

std::vector<ctl::HostChecks> Director::evidence(std::uint8_t last) const {
  std::vector<ctl::HostChecks> out;
  out.reserve(roster_.hosts.size());
  for (const auto& [id, host] : roster_.hosts) {
    ctl::HostChecks one{.id = id, .table = host.table, .name = {}, .checks = {}, .changes = {}};
    host.evidence.tell(one);
    one.changes.clear();
    if (one.checks.empty()) continue;
    if (one.checks.size() > last) one.checks.erase(one.checks.begin(), one.checks.end() - last);
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<ctl::TableDurations> Director::durations() const {
  std::vector<ctl::TableDurations> out;
  for (const auto& [id, table] : roster_.tables) {
    out.push_back(table.latencies.ever());
    out.back().id = id;
  }
  return out;
}

void Director::keep_beat(const HostEntry& host, std::int64_t now_ms) {
  constexpr std::size_t kBeatsMax = 65536;  // beyond it nobody has taken them for long
  if (beats_.size() == kBeatsMax) return;
  if (beats_.empty()) first_beat_ms_ = now_ms;
  beats_.push_back(
      {.host = host.conf.id,
       .after_ms = static_cast<std::uint16_t>(std::clamp<std::int64_t>(now_ms - first_beat_ms_, 0, UINT16_MAX)),
       .latency_us = ipc::microseconds(host.last.latency),
       .code = host.last.code,
       .reason = host.last.reason,
       .state = host.last.state});
}

ctl::Beats Director::take_beats() {
  return {.wall_ms = first_beat_ms_, .beats = std::exchange(beats_, {})};
}

}  // namespace hcd::pfe
