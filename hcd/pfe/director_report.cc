// The part of the Director that tells subscribers what has changed.
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
  return service_row(service, enforcer_.error(anchor_name(roster_.prefix(), service.conf)), overrides_);
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
  outlet_.event({.wall_ms = wall_ms(), .kind = kind, .subject = std::move(subject), .text = std::move(text)});
}

ctl::Snapshot Director::snapshot() const {
  ctl::Snapshot out{.header = {.generation = generation_,
                               .config_generation = roster_.generation(),
                               .anchor = roster_.prefix(),
                               .engine = engine_->name(),
                               .started_ms = started_ms_},
                    .services = {},
                    .tables = {},
                    .hosts = {}};
  for (const auto& [id, service] : roster_.services) out.services.push_back(row(service));
  for (const auto& [id, table] : roster_.tables) out.tables.push_back(table_row(roster_, table, overrides_));
  for (const auto& [id, host] : roster_.hosts) out.hosts.push_back(host_row(roster_, host, overrides_));
  return out;
}

}  // namespace hcd::pfe
