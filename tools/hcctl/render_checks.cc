#include "tools/hcctl/render_checks.h"

#include <algorithm>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "tools/hcctl/render.h"

namespace hcd::hcctl {
namespace {

constexpr std::uint64_t kBar = 40;  // characters, of the longest

double milliseconds(std::uint64_t us) {
  return static_cast<double>(us) / 1000;
}

std::string time_text(std::int64_t wall_ms) {
  return fmt::format("{}.{}", date_text(wall_ms), wall_ms % 1000 / 100);
}

std::string reason_text(ipc::Reason reason, std::uint16_t code) {
  return fmt::format("{}{}", ipc::reason_text(reason), code == 0 ? std::string() : fmt::format(" ({})", code));
}

void add(std::string& out, const ctl::TableLatency& table) {
  out += fmt::format("table {}: {} checks passed in the last ten minutes", printable(table.name), table.count);
  if (table.count == 0) return out += '\n', void();
  out += fmt::format(", p50 {:.2f} ms, p99 {:.2f} ms\n", milliseconds(table.p50_us), milliseconds(table.p99_us));
  std::uint64_t most = 1;
  for (const auto& bucket : table.buckets) most = std::max(most, bucket.count);
  for (const auto& bucket : table.buckets) {
    const std::uint64_t length = std::max<std::uint64_t>(bucket.count * kBar / most, 1);
    out +=
        fmt::format("  below {:>10.2f} ms {:>10}  {:#<{}}\n", milliseconds(bucket.below_us), bucket.count, "", length);
  }
}

void add(std::string& out, const ctl::HostChecks& host, std::int64_t now_ms) {
  out += fmt::format("host {}: {}\n", printable(host.name), host.checks.empty() ? "no check yet" : "last checks");
  for (const auto& check : host.checks)
    out += fmt::format("  {} {:>10.2f} ms  {:<7}  {}\n", time_text(check.wall_ms), milliseconds(check.latency_us),
                       state_text(check.state), reason_text(check.reason, check.code));
  if (!host.changes.empty()) out += fmt::format("host {}: last changes\n", printable(host.name));
  for (const auto& change : host.changes)
    out += fmt::format("  {} {} -> {}, {}\n", time_text(change.wall_ms), state_text(change.from), state_text(change.to),
                       reason_text(change.reason, change.code));
  if (host.certificate != 0)
    out += fmt::format("host {}: {}\n", printable(host.name), ctl::certificate_text(host.certificate, now_ms));
}

}  // namespace

std::string checks(const ctl::Evidence& evidence, std::int64_t now_ms) {
  std::string out;
  for (const auto& table : evidence.tables) add(out, table);
  for (const auto& host : evidence.hosts) add(out, host, now_ms);
  return out;
}

std::string checked_line(const ctl::Checked& checked) {
  const auto& row = checked.row;
  const bool disabled = row.word == ctl::HostWord::Disabled;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(row.latency).count();
  return fmt::format("{:<8} {:>10.2f} ms  {:<40}  {}\n", word_text(row.word),
                     milliseconds(static_cast<std::uint64_t>(disabled || us < 0 ? 0 : us)), printable(checked.name),
                     disabled ? "not checked" : ctl::reason_text(row));
}

}  // namespace hcd::hcctl
