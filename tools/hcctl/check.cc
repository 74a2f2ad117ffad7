#include "tools/hcctl/check.h"

#include <limits>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "tools/hcctl/index.h"

namespace hcd::hcctl {
namespace {

using ctl::HostRow;
using ctl::Kind;
using ctl::ServiceRow;
using ctl::TableRow;

std::string performance(const TableRow& table) {
  return fmt::format("up={};;;0;{}", table.up, table.hosts);
}

Health health_of(const TableRow& table) {
  switch (table.word) {
    case ctl::TableWord::Disabled: return Health::Warning;
    case ctl::TableWord::Empty: return Health::Critical;
    case ctl::TableWord::Active: break;
  }
  return table.up < table.hosts ? Health::Warning : Health::Ok;
}

Finding finding_of(const TableRow& table, const Index&) {
  std::string text = "table " + table.name + " is " + status_text(table);
  if (table.word == ctl::TableWord::Active)
    text = fmt::format("table {} has {} of {} hosts up", table.name, table.up, table.hosts);
  return {.health = health_of(table), .text = text, .performance = performance(table)};
}

Finding finding_of(const ServiceRow& service, const Index& index) {
  const TableRow* used = index.table(service.in_use.value_or(service.table));
  Finding out{.health = Health::Warning, .text = "service " + service.name + " is " + status_text(service)};
  switch (service.word) {
    case ctl::ServiceWord::Disabled:
    case ctl::ServiceWord::Backup: break;
    case ctl::ServiceWord::Down: out.health = Health::Critical; break;
    case ctl::ServiceWord::Active: out.health = used == nullptr ? Health::Ok : health_of(*used); break;
  }
  if (used != nullptr) out.text += fmt::format(", {} of {} hosts of {} up", used->up, used->hosts, used->name);
  if (!service.error.empty()) {  // the packets do not go where they should
    out.health = Health::Critical;
    out.text += ", the engine refuses: " + service.error;
  }
  if (used != nullptr) out.performance = performance(*used) + " ";
  out.performance += fmt::format("sessions={}c", service.sessions.total);
  return out;
}

Finding finding_of(const HostRow& host, const Index& index) {
  Finding out{.text = "host " + index.name(host) + " is " + status_text(host)};
  switch (host.word) {
    case ctl::HostWord::Disabled: out.health = Health::Warning; break;
    case ctl::HostWord::Down: out.health = Health::Critical; break;
    case ctl::HostWord::Unknown: out.health = Health::Unknown; break;
    case ctl::HostWord::Up: out.health = host.drained ? Health::Warning : Health::Ok; break;
  }
  if (host.reason != ipc::Reason::None && host.word != ctl::HostWord::Disabled) out.text += ": " + reason_text(host);
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(host.latency).count();
  if (us > 0) out.performance = fmt::format("time={}us;;;0 ", us);
  if (const auto percent = availability_text(host); !percent.empty())
    out.performance += "availability=" + percent + ";;;0;100";
  return out;
}

// Which objects have that name.
class Search {
 public:
  Search(const ctl::Snapshot& snapshot, std::optional<Kind> kind, const std::string& name)
      : index_(snapshot), kind_(kind), name_(name) {
    if (kind) id_ = parse_number<ctl::Id>(name, 0, std::numeric_limits<ctl::Id>::max());
    look(snapshot.services, Kind::Service, [](const ServiceRow& row) { return row.name; });
    look(snapshot.tables, Kind::Table, [](const TableRow& row) { return row.name; });
    look(snapshot.hosts, Kind::Host, [this](const HostRow& row) { return index_.name(row); });
  }

  [[nodiscard]] Finding take() {
    if (names_.size() == 1) return found_;
    const std::string what = kind_ ? std::string(ctl::kind_text(*kind_)) : "service, table or host";
    if (names_.empty()) return {.text = fmt::format("no {} \"{}\"", what, name_)};
    const std::size_t shown = std::min<std::size_t>(names_.size(), 8);
    return {.text = fmt::format("\"{}\" is ambiguous: {}{}", name_,
                                join({names_.begin(), names_.begin() + static_cast<std::ptrdiff_t>(shown)}, ", "),
                                shown < names_.size() ? fmt::format(" and {} more", names_.size() - shown) : "")};
  }

 private:
  template <class Row, class Full>
  void look(const std::vector<Row>& rows, Kind kind, const Full& full) {
    if (kind_ && *kind_ != kind) return;
    const Row* by_id = nullptr;
    const std::size_t before = names_.size();
    for (const auto& row : rows) {
      if (id_ && row.id == *id_) by_id = &row;
      if (is_meant(row, full)) add(row, kind, full);
    }
    if (names_.size() == before && by_id != nullptr) add(*by_id, kind, full);
  }
  template <class Row, class Full>
  [[nodiscard]] bool is_meant(const Row& row, const Full& full) const {
    if (row.name == name_) return true;
    if constexpr (std::is_same_v<Row, HostRow>)
      return full(row) == name_ || (row.address.size() > 0 && row.address.text() == name_);
    return false;
  }
  template <class Row, class Full>
  void add(const Row& row, Kind kind, const Full& full) {
    names_.push_back(fmt::format("{} {}", ctl::kind_text(kind), full(row)));
    if (names_.size() == 1) found_ = finding_of(row, index_);
  }

  const Index index_;
  const std::optional<Kind> kind_;
  const std::string& name_;
  std::optional<ctl::Id> id_;
  std::vector<std::string> names_;
  Finding found_;
};

}  // namespace

std::string_view health_text(Health health) {
  switch (health) {
    case Health::Ok: return "OK";
    case Health::Warning: return "WARNING";
    case Health::Critical: return "CRITICAL";
    case Health::Unknown: return "UNKNOWN";
  }
  return "";
}

Finding find_health(const ctl::Snapshot& snapshot, std::optional<Kind> kind, const std::string& name) {
  return Search(snapshot, kind, name).take();
}

// A bar would begin the performance data, wherever it came from.
std::string health_line(const Finding& finding) {
  std::string text = printable(finding.text, finding.text.size());
  std::ranges::replace(text, '|', '/');
  const std::string_view data = trim(finding.performance);
  return fmt::format("{} - {}{}{}\n", health_text(finding.health), text, data.empty() ? "" : " | ", data);
}

}  // namespace hcd::hcctl
