#include "ui/model/outline.h"

#include <algorithm>
#include <array>

#include "ui/model/order.h"

namespace hcd::ui {

std::string_view view_text(View view) {
  constexpr std::array<std::string_view, kViews> kTexts = {"tree",   "hosts",    "services", "tables",
                                                           "relays", "sessions", "events"};
  return kTexts[static_cast<std::size_t>(view)];
}

bool problem(const ctl::HostRow& row) {
  return row.word == ctl::HostWord::Down || row.word == ctl::HostWord::Unknown || row.expiring ||
         (row.word == ctl::HostWord::Up && !row.lookup.empty());
}
bool problem(const ctl::TableRow& row) {
  return row.word == ctl::TableWord::Empty;
}
bool problem(const ctl::ServiceRow& row) {
  return row.word == ctl::ServiceWord::Down || row.word == ctl::ServiceWord::Backup || !row.error.empty();
}

std::string note_text(const ctl::HostRow& row) {
  if (row.word == ctl::HostWord::Disabled || !problem(row)) return {};
  if (!row.lookup.empty() && row.address.size() == 0) return "name: " + row.lookup;
  if (row.word != ctl::HostWord::Up) return row.reason == ipc::Reason::None ? "" : reason_text(row);
  return row.lookup.empty() ? "" : "name: " + row.lookup;
}

bool Outline::before(const Host* a, const Host* b) const {
  return host_before(*a, *b, choice_->sort, choice_->reverse);
}

void Outline::refresh(Mirror& mirror, const Choice& choice, std::int64_t now_ms) {
  const bool anew = mirror_ != &mirror || version_ != choice.version || mirror.reshaped();
  mirror_ = &mirror;
  choice_ = &choice;
  now_ms_ = now_ms;
  version_ = choice.version;
  if (anew || !choice.frozen) sort_few();
  if (anew) {
    sort_all(mirror);
  } else if (!choice.frozen && !mirror.dirty().empty()) {
    std::map<Id, std::vector<const Host*>> moved;
    for (const Host* host : mirror.dirty()) moved[host->row.table].push_back(host);
    for (const auto& [table, hosts] : moved) place(hosts_[table], hosts);
    if (choice.view == View::Hosts) place(all_, {mirror.dirty().begin(), mirror.dirty().end()});
  }
  mirror.clean();
  lines_.clear();
  hidden_ = 0;
  switch (choice.view) {
    case View::Tree: tree(); break;
    case View::Hosts: flat_hosts(); break;
    case View::Services:
    case View::Sessions: flat_services(); break;
    case View::Tables: flat_tables(); break;
    case View::Relays:
    case View::Events: break;
  }
}

void Outline::sort_all(const Mirror& mirror) {
  hosts_.clear();
  all_.clear();
  const auto order = [this](const Host* a, const Host* b) { return before(a, b); };
  for (const auto& [id, table] : mirror.tables()) {
    Order& hosts = hosts_[id];
    hosts.assign(table.hosts.begin(), table.hosts.end());
    std::ranges::sort(hosts, order);
  }
  if (choice_->view != View::Hosts) return;
  for (const auto& [id, host] : mirror.hosts()) all_.push_back(&host);
  std::ranges::sort(all_, order);
}

// Takes those that have changed out, and merges them in again where they belong now.
void Outline::place(Order& order, const std::vector<const Host*>& moved) {
  const auto by = [this](const Host* a, const Host* b) { return before(a, b); };
  std::erase_if(order, [](const Host* host) { return host->dirty; });
  const auto kept = static_cast<std::ptrdiff_t>(order.size());
  order.insert(order.end(), moved.begin(), moved.end());
  std::sort(order.begin() + kept, order.end(), by);
  std::inplace_merge(order.begin(), order.begin() + kept, order.end(), by);
}

bool Outline::shows(const Host& host) const {
  if (choice_->problems && !problem(host.row)) return false;
  if (choice_->filter.empty()) return true;
  if (host.judged == choice_->version && !choice_->filter.moves()) return host.shown;
  host.judged = choice_->version;
  host.shown = choice_->filter.matches(
      {.mirror = *mirror_, .now_ms = now_ms_, .host = &host, .table = mirror_->table(host.row.table)});
  return host.shown;
}

bool Outline::shows(const Table& table, Id service) const {
  if (choice_->problems && !problem(table.row)) return false;
  return choice_->filter.matches({.mirror = *mirror_,
                                  .now_ms = now_ms_,
                                  .table = &table,
                                  .service = service == Key::kNone ? nullptr : mirror_->service(service)});
}

bool Outline::shows(const Service& service) const {
  if (choice_->problems && !problem(service.row)) return false;
  return choice_->filter.matches({.mirror = *mirror_, .now_ms = now_ms_, .service = &service});
}

void Outline::sort_few() {
  services_.clear();
  tables_.clear();
  for (const auto& [id, service] : mirror_->services()) services_.push_back(&service);
  for (const auto& [id, table] : mirror_->tables()) tables_.push_back(&table);
  std::ranges::sort(services_, [this](const Service* a, const Service* b) {
    return service_before(*mirror_, *a, *b, choice_->sort, choice_->reverse);
  });
  std::ranges::sort(tables_, [this](const Table* a, const Table* b) {
    return table_before(*a, *b, choice_->sort, choice_->reverse);
  });
}

void Outline::tree() {
  for (const Service* service : services_) {
    const Key key{.kind = ctl::Kind::Service, .id = service->row.id};
    const std::size_t begin = lines_.size();
    lines_.push_back({.key = key});
    bool any = shows(*service);
    const auto add = [&](Id id, bool backup) {
      if (const Table* table = mirror_->table(id)) any |= add_table(*table, key.id, 1, backup);
    };
    add(service->row.table, false);
    for (const Id id : service->row.backups) add(id, true);
    if (!any) {
      lines_.resize(begin);
    } else if (choice_->folded.contains(key)) {
      lines_.resize(begin + 1);
    }
  }
  for (const auto* table : tables_)
    if (table->services.empty()) add_table(*table, Key::kNone, 0, false);
}

// True when something of it is to be seen.
bool Outline::add_table(const Table& table, Id service, std::uint8_t depth, bool backup) {
  const Key key{.kind = ctl::Kind::Table, .id = table.row.id, .service = service};
  const std::size_t begin = lines_.size();
  lines_.push_back({.key = key, .depth = depth, .backup = backup});
  for (const Host* host : hosts_[table.row.id]) add_host(*host, service, static_cast<std::uint8_t>(depth + 1));
  if (lines_.size() == begin + 1 && !shows(table, service)) {
    lines_.resize(begin);
    return false;
  }
  if (choice_->folded.contains(key)) lines_.resize(begin + 1);
  return true;
}

void Outline::add_host(const Host& host, Id service, std::uint8_t depth) {
  if (!shows(host)) {
    hidden_++;
    return;
  }
  Line line{.key = {.kind = ctl::Kind::Host, .id = host.row.id, .service = service}, .depth = depth};
  lines_.push_back(line);
  if (note_text(host.row).empty()) return;
  line.note = true;
  lines_.push_back(line);
}

void Outline::flat_hosts() {
  for (const Host* host : all_) add_host(*host, Key::kNone, 0);
}

void Outline::flat_tables() {
  for (const Table* table : tables_) {
    if (shows(*table, Key::kNone)) lines_.push_back({.key = {.kind = ctl::Kind::Table, .id = table->row.id}});
  }
}

void Outline::flat_services() {
  for (const Service* service : services_)
    if (shows(*service)) lines_.push_back({.key = {.kind = ctl::Kind::Service, .id = service->row.id}});
}

}  // namespace hcd::ui
