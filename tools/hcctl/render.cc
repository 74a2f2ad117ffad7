#include "tools/hcctl/render.h"

#include <set>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "tools/hcctl/index.h"
#include "tools/hcctl/overrides.h"

namespace hcd::hcctl {
namespace {

using ctl::HostRow;
using ctl::ServiceRow;
using ctl::Snapshot;
using ctl::TableRow;

// Writes rows in the order of the columns.
class Page {
 public:
  explicit Page(Columns columns) : columns_(columns) {
    out_ = columns == Columns::TypeFirst
               ? fmt::format("Type\t{:>4}\t{:<24}\t{:<7}\tStatus\n", "Id", "Name", "Avlblty")
               : fmt::format("{:<4}\t{:<8}\t{:<24}\t{:<7}\tStatus\n", "Id", "Type", "Name", "Avlblty");
  }

  void add(const ServiceRow& service) {
    row(service_word(), service.id, service.name, "", status_text(service));
    if (!service.error.empty()) note("error: " + printable(service.error));
  }
  void add(const TableRow& table) { row("table", table.id, table.name, "", status_text(table)); }
  void add(const OverrideRow& row) {
    const bool service = row.kind == ctl::Kind::Service;
    this->row(service ? service_word() : ctl::kind_text(row.kind), row.id, row.name, "", row.wish);
    note(fmt::format("by: {} {}", date_text(row.note.since_ms), printable(row.note.by)));
    if (row.note.until_ms != 0) note("until: " + date_text(row.note.until_ms));
    if (!row.note.reason.empty()) note("reason: " + printable(row.note.reason));
  }
  void add(const HostRow& host) { row("host", host.id, host.name, availability_text(host), status_text(host)); }

  // A line of its own below the row, under its name.
  void note(const std::string& text) {
    out_ += columns_ == Columns::TypeFirst ? fmt::format("\t{:4}\t{}\n", "", text)
                                           : fmt::format("{:4}\t{:8}\t{}\n", "", "", text);
  }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  [[nodiscard]] std::string_view service_word() const {
    return columns_ == Columns::TypeFirst ? "service" : "redirect";
  }
  void row(std::string_view type, ctl::Id id, const std::string& name, std::string_view availability,
           std::string_view status) {
    const std::string safe = printable(name);
    out_ += columns_ == Columns::TypeFirst
                ? fmt::format("{}\t{:>4}\t{:<24}\t{:<7}\t{}\n", type, id, safe, availability, status)
                : fmt::format("{:<4}\t{:<8}\t{:<24}\t{:<7}\t{}\n", id, type, safe, availability, status);
  }

  Columns columns_;
  std::string out_;
};

void add_table(Page& page, const Index& index, std::optional<ctl::Id> id) {
  const TableRow* table = id ? index.table(*id) : nullptr;
  if (table == nullptr) return;
  page.add(*table);
  if (table->word == ctl::TableWord::Disabled) return;
  for (const auto* host : index.hosts(table->id)) page.add(*host);
}

std::string counts(const char* name, std::uint64_t minute, std::uint64_t hour, std::uint64_t day) {
  return fmt::format("{}: {}/60s {}/h {}/d sessions", name, minute, hour, day);
}

std::string checks(const HostRow& host) {
  std::string out = fmt::format("total: {}/{} checks", host.up, host.total);
  if (host.retries > 0) out += fmt::format(", {} retries", host.retries);
  return out;
}

}  // namespace

std::string summary(const Snapshot& snapshot, Columns columns) {
  Page page(columns);
  const Index index(snapshot);
  std::set<ctl::Id> shown;
  for (const auto& service : snapshot.services) {
    page.add(service);
    add_table(page, index, service.table);
    for (const auto backup : service.backups) add_table(page, index, backup);
    shown.insert(service.table);
    shown.insert(service.backups.begin(), service.backups.end());
  }
  for (const auto& table : snapshot.tables)
    if (!shown.contains(table.id)) add_table(page, index, table.id);
  return page.take();
}

std::string services(const Snapshot& snapshot, Columns columns) {
  Page page(columns);
  const Index index(snapshot);
  for (const auto& service : snapshot.services) {
    const auto& s = service.sessions;
    page.add(service);
    const auto* used = service.in_use ? index.table(*service.in_use) : nullptr;
    if (service.word == ctl::ServiceWord::Backup && used != nullptr) page.note("table: " + printable(used->name));
    page.note(fmt::format("total: {} sessions", s.total));
    page.note(counts("last", s.last_minute, s.last_hour, s.last_day));
    page.note(counts("average", s.mean_minute, s.mean_hour, s.mean_day));
  }
  return page.take();
}

std::string tables(const Snapshot& snapshot, Columns columns) {
  Page page(columns);
  for (const auto& table : snapshot.tables) page.add(table);
  return page.take();
}

std::string hosts(const Snapshot& snapshot, Columns columns, std::int64_t now_ms) {
  Page page(columns);
  const Index index(snapshot);
  for (const auto& table : snapshot.tables) {
    page.add(table);
    for (const auto* host : index.hosts(table.id)) {
      page.add(*host);
      if (const auto address = address_text(*host); !address.empty()) page.note("address: " + address);
      if (!host->lookup.empty()) page.note("name: " + printable(host->lookup));
      page.note(checks(*host));
      const bool why = host->word == ctl::HostWord::Unknown && host->reason != ipc::Reason::None;
      if (host->word == ctl::HostWord::Down || why) page.note("error: " + reason_text(*host));
      if (host->certificate != 0)
        page.note((host->expiring ? "warning: " : "") + ctl::certificate_text(host->certificate, now_ms));
    }
  }
  return page.take();
}

std::string overrides(const Snapshot& snapshot, Columns columns) {
  Page page(columns);
  for (const auto& row : override_rows(snapshot)) page.add(row);
  return page.take();
}

std::tm local_time(std::int64_t wall_ms) {
  const std::time_t seconds = wall_ms / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  return local;
}

std::string date_text(std::int64_t wall_ms) {
  const std::tm local = local_time(wall_ms);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", local.tm_year + 1900, local.tm_mon + 1, local.tm_mday,
                     local.tm_hour, local.tm_min, local.tm_sec);
}

std::string event_text(const ctl::Event& event) {
  return fmt::format("{:<7} {} {}", ctl::event_text(event.kind), printable(event.subject), printable(event.text));
}

std::string event_line(const ctl::Event& event) {
  const std::tm local = local_time(event.wall_ms);
  return fmt::format("{:02}:{:02}:{:02} {}", local.tm_hour, local.tm_min, local.tm_sec, event_text(event));
}

}  // namespace hcd::hcctl
