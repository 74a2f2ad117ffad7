#include "ui/model/mirror.h"

#include <algorithm>

namespace hcd::ui {
namespace {

template <class T>
const T* find(const std::map<Id, T>& all, Id id) {
  const auto it = all.find(id);
  return it == all.end() ? nullptr : &it->second;
}

// Takes the row over; when the word is another one now, that is its age. The first row says nothing of it.
template <class Entry, class Row>
void renew(Entry& entry, const Row& row, std::int64_t now_ms) {
  const bool known = entry.row.generation != 0;
  if (known && entry.row.word != row.word) entry.since_ms = now_ms;
  entry.row = row;
  entry.fresh = true;
}

Load load_of(const ctl::Traffic& traffic) {
  return {.known = true,
          .states = traffic.states,
          .sessions_per_s = traffic.sessions_per_s,
          .packets_per_s = traffic.packets_per_s,
          .bytes_per_s = traffic.bytes_per_s};
}

}  // namespace

const Service* Mirror::service(Id id) const {
  return find(services_, id);
}
const Table* Mirror::table(Id id) const {
  return find(tables_, id);
}
const Host* Mirror::host(Id id) const {
  return find(hosts_, id);
}

std::unique_ptr<Mirror> Mirror::copy() const {
  std::unique_ptr<Mirror> out(new Mirror(*this));
  out->dirty_.clear();
  out->reshaped_ = true;
  for (auto& [id, table] : out->tables_)
    for (Host*& host : table.hosts) host = &out->hosts_.find(host->row.id)->second;
  for (auto& [id, host] : out->hosts_) host.dirty = false;
  return out;
}

void Mirror::apply(const ctl::Update& update, std::int64_t now_ms) {
  // What comes after the rows of a snapshot says that they are complete; the rest may take longer.
  if (!current_ && !std::holds_alternative<ctl::Begin>(update) && !std::holds_alternative<ctl::Rows>(update))
    complete();
  std::visit([&](const auto& message) { on(message, now_ms); }, update);
}

void Mirror::on(const ctl::Begin& begin, std::int64_t) {
  header_ = begin.header;
  current_ = false;
  for (auto& [id, entry] : services_) entry.fresh = false;
  for (auto& [id, entry] : tables_) entry.fresh = false;
  for (auto& [id, entry] : hosts_) entry.fresh = false;
}

void Mirror::on(const ctl::Rows& rows, std::int64_t now_ms) {
  for (const auto& row : rows.services) take(row, now_ms);
  for (const auto& row : rows.tables) take(row, now_ms);
  for (const auto& row : rows.hosts) take(row, now_ms);
  if (unlinked_ && current_) link_services();
}

void Mirror::on(const ctl::End&, std::int64_t) {}

void Mirror::complete() {
  current_ = whole_ = true;
  reshaped_ = true;
  std::erase_if(services_, [](const auto& item) { return !item.second.fresh; });
  for (auto it = hosts_.begin(); it != hosts_.end();) {
    const auto old = it++;
    if (!old->second.fresh) drop_host(old);
  }
  std::erase_if(tables_, [](const auto& item) { return !item.second.fresh && item.second.hosts.empty(); });
  link_services();
}

void Mirror::on(const ctl::Gone& gone, std::int64_t) {
  reshaped_ = true;
  switch (gone.kind) {
    case ctl::Kind::Service: services_.erase(gone.id); break;
    case ctl::Kind::Host:
      if (const auto it = hosts_.find(gone.id); it != hosts_.end()) drop_host(it);
      break;
    case ctl::Kind::Table:
      if (const auto it = tables_.find(gone.id); it != tables_.end()) {
        while (!it->second.hosts.empty()) drop_host(hosts_.find(it->second.hosts.back()->row.id));
        tables_.erase(it);
      }
      break;
  }
  link_services();
}

// Those that were told before come again with a new snapshot.
void Mirror::on(const ctl::Event& event, std::int64_t) {
  if (!events_.empty() && event.number <= events_.back().number) return;
  events_.push_back(event);
  if (events_.size() > kEventsMax) events_.pop_front();
}

void Mirror::on(const ctl::Numbers& numbers, std::int64_t) {
  for (const auto& told : numbers.services)
    if (const auto it = services_.find(told.id); it != services_.end()) it->second.load = load_of(told.traffic);
  for (const auto& told : numbers.tables) {
    const auto it = tables_.find(told.id);
    if (it == tables_.end()) continue;
    it->second.load = load_of(told.traffic);
    it->second.p50_us = told.p50_us;
    it->second.p99_us = told.p99_us;
  }
  for (const auto& told : numbers.hosts) {
    const auto it = hosts_.find(told.id);
    if (it == hosts_.end()) continue;
    Host& host = it->second;
    host.load = load_of(told.traffic);
    host.row.up = told.up;
    host.row.total = told.total;
    host.row.latency = std::chrono::microseconds(told.latency_us);
    host.lately = told.availability;
    soil(host);
  }
}

void Mirror::on(const ctl::Beats& beats, std::int64_t) {
  for (const auto& beat : beats.beats) {
    const auto it = hosts_.find(beat.host);
    if (it == hosts_.end()) continue;
    it->second.trail.add(ipc::succeeded(beat.reason) ? std::optional(beat.latency_us) : std::nullopt);
    soil(it->second);
  }
}

void Mirror::on(const ctl::Vitals& vitals, std::int64_t) {
  header_.vitals = vitals;
  sessions_per_s_.add(vitals.traffic.sessions_per_s);
  bits_per_s_.add(vitals.traffic.bytes_per_s * 8);
}

// The checks before anybody watched.
void Mirror::on(const ctl::Evidence& evidence, std::int64_t) {
  for (const auto& told : evidence.hosts) {
    const auto it = hosts_.find(told.id);
    if (it == hosts_.end() || it->second.trail.size() >= told.checks.size()) continue;
    Host& host = it->second;
    host.trail.clear();
    for (const auto& check : told.checks)
      host.trail.add(ipc::succeeded(check.reason) ? std::optional(check.latency_us) : std::nullopt);
    soil(host);
  }
}

void Mirror::take(const ctl::ServiceRow& row, std::int64_t now_ms) {
  const auto [it, added] = services_.try_emplace(row.id);
  reshaped_ |= added;
  unlinked_ |= added || it->second.row.table != row.table || it->second.row.backups != row.backups;
  renew(it->second, row, now_ms);
}

void Mirror::take(const ctl::TableRow& row, std::int64_t now_ms) {
  const auto [it, added] = tables_.try_emplace(row.id);
  reshaped_ |= added;
  unlinked_ |= added;
  renew(it->second, row, now_ms);
}

void Mirror::take(const ctl::HostRow& row, std::int64_t now_ms) {
  const auto [it, added] = hosts_.try_emplace(row.id);
  Host& host = it->second;
  if (added || host.row.table != row.table) {
    if (!added) std::erase(tables_[host.row.table].hosts, &host);
    tables_[row.table].hosts.push_back(&host);
    reshaped_ = true;
  }
  if (!added) count(host.row, false);
  count(row, true);
  renew(host, row, now_ms);
  if (row.since_ms != 0) host.since_ms = row.since_ms;
  soil(host);
}

void Mirror::drop_host(std::map<Id, Host>::iterator it) {
  count(it->second.row, false);
  std::erase(tables_[it->second.row.table].hosts, &it->second);
  std::erase(dirty_, &it->second);
  hosts_.erase(it);
}

void Mirror::count(const ctl::HostRow& row, bool in) {
  const auto add = [in](std::uint32_t& counter) { in ? counter++ : counter--; };
  add(counts_.all);
  switch (row.word) {
    case ctl::HostWord::Up: add(counts_.up); break;
    case ctl::HostWord::Down: add(counts_.down); break;
    case ctl::HostWord::Unknown: add(counts_.unknown); break;
    case ctl::HostWord::Disabled: add(counts_.off); break;
  }
  if (row.drained && row.word != ctl::HostWord::Disabled) add(counts_.drained);
}

void Mirror::link_services() {
  unlinked_ = false;
  for (auto& [id, table] : tables_) table.services.clear();
  const auto link = [this](Id table, Id service) {
    const auto it = tables_.find(table);
    if (it != tables_.end()) it->second.services.push_back(service);
  };
  for (const auto& [id, service] : services_) {
    link(service.row.table, id);
    for (const Id backup : service.row.backups) link(backup, id);
  }
}

void Mirror::soil(Host& host) {
  host.judged = 0;
  if (host.dirty) return;
  host.dirty = true;
  dirty_.push_back(&host);
}

void Mirror::clean() {
  for (Host* host : dirty_) host->dirty = false;
  dirty_.clear();
  reshaped_ = false;
}

}  // namespace hcd::ui
