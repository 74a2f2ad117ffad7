// The part of the Director that shows what is remembered of checks, and has some made at once for operators.
#include <algorithm>

#include "fastpath/base/log.h"
#include "fastpath/base/text.h"
#include "hcd/pfe/director.h"
#include "hcd/pfe/report.h"
#include "hcd/pfe/targets.h"

namespace hcd::pfe {

std::expected<ctl::Evidence, ctl::Answer> Director::checks(const ctl::Checks& asked) const {
  const auto found = find_all(roster_, asked.target);
  if (!found) return std::unexpected(found.error());
  if (found->hosts.size() > ctl::Checks::kHostsMax)
    return std::unexpected(ctl::Answer{ctl::Verdict::Limit, std::to_string(found->hosts.size()) +
                                                                " hosts are meant: at most " +
                                                                std::to_string(ctl::Checks::kHostsMax) + " at a time"});
  ctl::Evidence out;
  for (const Id id : found->tables) {
    const TableEntry& table = roster_.tables.at(id);
    out.tables.push_back({.id = id, .name = table.conf.name, .buckets = {}});
    table.latencies.tell(out.tables.back(), loop_.wall_ms());
  }
  for (const Id id : found->hosts) {
    const HostEntry& host = roster_.hosts.at(id);
    out.hosts.push_back({.id = id,
                         .table = host.table,
                         .name = roster_.name(ctl::Kind::Host, id),
                         .checks = {},
                         .changes = {},
                         .certificate = roster_.certificates.ends(id)});
    host.evidence.tell(out.hosts.back());
  }
  return out;
}

void Director::check_now(const ctl::CheckNow& asked, std::uint32_t ticket, const std::string& by) {
  const auto found = find_all(roster_, asked.target);
  if (!found) return outlet_.answer(ticket, found.error());
  if (asks_.full()) return outlet_.answer(ticket, {ctl::Verdict::Limit, "too many checks are asked for already"});
  ipc::CheckNow order;  // of hosts that are checked themselves
  std::vector<Id> wait;
  Duration longest{0};
  for (const Id id : found->hosts) {
    const HostEntry& host = roster_.hosts.at(id);
    Id checked = id;
    while (const auto parent = roster_.hosts.at(checked).conf.parent) checked = *parent;
    if (!roster_.checked(host) || roster_.hosts.at(checked).conf.address.size() == 0) {
      tell_checked(ticket, id);
      continue;
    }
    wait.push_back(id);
    order.hosts.push_back(checked);
    longest = std::max<Duration>(longest, roster_.tables.at(roster_.hosts.at(checked).table).conf.timeout);
  }
  log::notice("admin: check now " + printable(asked.target) + ", " + std::to_string(wait.size()) + " hosts, by " + by);
  if (wait.empty()) return outlet_.answer(ticket, {});
  std::ranges::sort(order.hosts);
  order.hosts.erase(std::ranges::unique(order.hosts).begin(), order.hosts.end());
  // Twice the timeout, for the check that may be in flight; and starts are paced.
  const Milliseconds limit =
      std::chrono::ceil<Milliseconds>(2 * longest) + Seconds(2) + Milliseconds(order.hosts.size());
  outlet_.checking(ticket, {.hosts = static_cast<std::uint32_t>(wait.size()),
                            .limit_ms = static_cast<std::uint32_t>(std::min<std::int64_t>(limit.count(), UINT32_MAX))});
  asks_.add(ticket, wait, limit);
  for (std::size_t at = 0; at < order.hosts.size(); at += ipc::CheckNow::kHostsMax) {
    const auto begin = order.hosts.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = std::min(ipc::CheckNow::kHostsMax, order.hosts.size() - at);
    if (!outlet_.check_now({.hosts = {begin, begin + static_cast<std::ptrdiff_t>(count)}})) return hce_lost();
  }
}

void Director::tell_checked(std::uint32_t ticket, Id id) {
  outlet_.checked(
      ticket, {.name = roster_.name(ctl::Kind::Host, id), .row = host_row(roster_, roster_.hosts.at(id), overrides_)});
}

void Director::settle_asks() {
  for (const Id id : asks_.awaited()) {
    const auto host = roster_.hosts.find(id);
    if (host == roster_.hosts.end())
      asks_.on_gone(id);
    else if (!roster_.checked(host->second))
      asks_.on_result(id);
  }
}

void Director::hce_lost() {
  checking_ = false;
  asks_.end_all({ctl::Verdict::Refused, "the check engine is not there; it is started again"});
}

}  // namespace hcd::pfe
