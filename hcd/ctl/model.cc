#include "hcd/ctl/model.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "fastpath/base/text.h"

namespace hcd::ctl {

std::string_view kind_text(Kind kind) {
  switch (kind) {
    case Kind::Service: return "service";
    case Kind::Table: return "table";
    case Kind::Host: return "host";
  }
  return "";
}

const Note* Override::latest() const {
  const Note* out = nullptr;
  const auto consider = [&out](const auto& wish) {
    if (wish && (out == nullptr || wish->note.since_ms > out->since_ms)) out = &wish->note;
  };
  consider(enabled);
  consider(drained);
  consider(weight);
  return out;
}

std::string status_text(const ServiceRow& row) {
  switch (row.word) {
    case ServiceWord::Disabled: return "disabled";
    case ServiceWord::Down: return "down";
    case ServiceWord::Backup: return "active (using backup table)";
    case ServiceWord::Active: return "active";
  }
  return "";
}

std::string status_text(const TableRow& row) {
  switch (row.word) {
    case TableWord::Disabled: return "disabled";
    case TableWord::Empty: return "empty";
    case TableWord::Active: return "active (" + std::to_string(row.up) + " hosts up)";
  }
  return "";
}

std::string_view word_text(HostWord word) {
  switch (word) {
    case HostWord::Disabled: return "disabled";
    case HostWord::Down: return "down";
    case HostWord::Unknown: return "unknown";
    case HostWord::Up: return "up";
  }
  return "";
}

std::string status_text(const HostRow& row) {
  return std::string(word_text(row.word)) + (row.drained && row.word != HostWord::Disabled ? " (drained)" : "");
}

std::string availability_text(const HostRow& row) {
  if (row.total == 0) return "";
  char out[32];
  std::snprintf(out, sizeof out, "%.2f%%", 100.0 * static_cast<double>(row.up) / static_cast<double>(row.total));
  return out;
}

std::string address_text(const HostRow& row) {
  if (Address::parse(row.name)) return {};
  return row.address.size() == 0 ? "none" : row.address.text();
}

std::string reason_text(const HostRow& row) {
  const std::string reason(ipc::reason_text(row.reason));
  return row.detail.empty() ? reason : reason + " (" + printable(row.detail) + ")";
}

std::string clock_text(std::int64_t wall_ms) {
  const std::time_t seconds = wall_ms / 1000;
  std::tm date{};
  gmtime_r(&seconds, &date);
  char out[64];
  std::strftime(out, sizeof out, "%Y-%m-%d %H:%M:%S UTC", &date);
  return out;
}

std::string certificate_text(std::uint32_t ends, std::int64_t now_ms) {
  constexpr std::int64_t kMinute = 60'000, kDay = 24 * 60 * kMinute;
  const std::time_t seconds = std::time_t{ends} * 60;
  std::tm date{};
  gmtime_r(&seconds, &date);
  const std::int64_t left = ends * kMinute - now_ms, days = std::abs(left) / kDay;
  const std::string count = days == 0 ? "less than a day" : std::to_string(days) + (days == 1 ? " day" : " days");
  char out[96];
  std::snprintf(out, sizeof out, "certificate %s %04d-%02d-%02d (%s%s%s)", left > 0 ? "expires" : "expired",
                date.tm_year + 1900, date.tm_mon + 1, date.tm_mday, left > 0 ? "in " : "", count.c_str(),
                left > 0 ? "" : " ago");
  return out;
}

}  // namespace hcd::ctl
