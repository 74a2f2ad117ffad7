#include <algorithm>
#include <numeric>
#include <span>

#include <fmt/format.h>

#include "tools/hcpfctl/render.h"

namespace hcd::hcpfctl {
namespace {

using namespace hcd::abi;

struct Counter {
  const char* name;
  int reason;  // enum hcd_reason, or -1: cannot happen here
};

// pf's names, in pf's order, and what of ours each counts; then those that pf does not have.
constexpr Counter kCounters[] = {
    {"match", HCD_TRANSLATED},
    {"bad-offset", HCD_BAD_OFFSET},
    {"fragment", HCD_FRAGMENT},
    {"short", HCD_SHORT},
    {"normalize", HCD_NORMALIZE},
    {"memory", HCD_MEMORY},
    {"bad-timestamp", -1},
    {"congestion", -1},
    {"ip-option", -1},
    {"proto-cksum", -1},
    {"state-mismatch", HCD_NO_STATE},
    {"state-insert", HCD_STATE_INSERT},
    {"state-limit", HCD_STATE_LIMIT},
    {"src-limit", HCD_SRC_LIMIT},
    {"synproxy", -1},
    {"translate", HCD_NO_HOST},
    {"no-route", HCD_NO_ROUTE},
};
// What `pfctl -v -s info` tells of sources, limits and floods. A SYN that goes on without a state is to it what pf answers
// with a cookie, and the client's next packet, which makes the state, a valid cookie.
constexpr Counter kLimits[] = {
    {"max states per rule", HCD_STATE_LIMIT},   {"max-src-states", HCD_LIMIT_SRC_STATES},
    {"max-src-nodes", HCD_LIMIT_SRC_NODES},     {"max-src-conn", HCD_LIMIT_SRC_CONN},
    {"max-src-conn-rate", HCD_LIMIT_SRC_RATE},  {"overload table insertion", HCD_LIMIT_OVERLOAD},
    {"overload flush states", HCD_LIMIT_FLUSH}, {"synfloods detected", HCD_FLOODS},
    {"syncookies sent", HCD_SYN_UNSTORED},      {"syncookies validated", HCD_SYN_RESUMED},
};
constexpr Counter kOurs[] = {
    {"passed", HCD_PASSED},
    {"delivered", HCD_DELIVERED},
    {"xdp-to-tc", HCD_TO_TC},
    {"ttl", HCD_TTL},
    {"too-big", HCD_TOO_BIG},
    {"state-race", HCD_STATE_RACE},
    {"icmp-error", HCD_ICMP_ERROR},
    {"error-sent", HCD_ERROR_SENT},
    {"error-limit", HCD_ERROR_LIMIT},
    {"fragments", HCD_PIECES},
    {"stashed", HCD_STASHED},
    {"fragment-limit", HCD_FRAGMENT_LIMIT},
    {"reset", HCD_RESET},
    {"stateless", HCD_STATELESS},
    {"ambiguous", HCD_AMBIGUOUS},
    {"expired", HCD_EXPIRED},
    {"evicted", HCD_EVICTED},
    {"killed", HCD_KILLED},
};

std::string rate_line(const char* name, std::uint64_t count, std::uint64_t seconds) {
  const std::string line = fmt::format("  {:<25} {:>14} ", name, count);
  if (seconds == 0) return line + fmt::format("{:>14}\n", "");
  return line + fmt::format("{:>14.1f}/s\n", static_cast<double>(count) / static_cast<double>(seconds));
}

std::string plain_line(const char* name, std::size_t count) {
  return fmt::format("  {:<25} {:>14} {:>14}\n", name, count, "");
}

std::string guard_text(const Info& info) {
  const auto line = [](const char* name, const std::string& value) {
    return fmt::format("  {:<25} {:>14}\n", name, value);
  };
  const auto now = [](bool is) { return is ? " (now)" : ""; };
  const std::uint32_t syns = info.guard.syns;
  return "Guard\n" + line("syn guard", (syns == 0 ? "off" : std::to_string(syns) + "/s") + now(info.pressure.flood)) +
         line("when full", when_full_word(info.guard.when_full) + now(info.pressure.full));
}

}  // namespace

std::string memory_text(const Limits& limits) {
  const auto line = [](const char* name, std::size_t limit) {
    return fmt::format("{:<13} hard limit {:>8}\n", name, limit);
  };
  return line("states", limits.states) + line("src-nodes", limits.sources) + line("tables", limits.tables) +
         line("table-entries", limits.table_entries) + line("anchors", limits.anchors);
}

std::string timeouts_text(const std::vector<TimeoutLine>& timeouts) {
  std::string out;
  for (const auto& [name, value, states] : timeouts) {
    out += fmt::format("{:<20} {:>10}{}\n", name, value, states ? " states" : "s");
  }
  return out;
}

std::vector<std::pair<std::string, std::uint64_t>> counters_of(const Info& info) {
  std::vector<std::pair<std::string, std::uint64_t>> out;
  for (const auto& [name, reason] : kCounters) out.emplace_back(name, reason < 0 ? 0 : info.reasons[reason]);
  for (const auto& [name, reason] : kOurs) out.emplace_back(name, info.reasons[reason]);
  return out;
}

std::string reason_text(unsigned reason) {
  for (const std::span<const Counter> some : {std::span<const Counter>(kCounters), std::span<const Counter>(kOurs)}) {
    const auto at = std::ranges::find(some, static_cast<int>(reason), &Counter::reason);
    if (at != some.end()) return at->name;
  }
  return fmt::format("reason {}", reason);
}

std::string info_text(const Info& info, int verbose) {
  const auto& reasons = info.reasons;
  const std::uint64_t seconds = info.seconds;
  const std::uint64_t created = reasons[HCD_CREATED];
  // Every packet is looked up once, and counted by one reason; what else became of it is counted beside, and what XDP leaves
  // to tc is looked at again there.
  std::uint64_t searches = std::accumulate(reasons.begin(), reasons.end(), std::uint64_t{0});
  for (const int beside :
       {HCD_CREATED,          HCD_TO_TC,           HCD_STATELESS,       HCD_EXPIRED,        HCD_EVICTED,
        HCD_KILLED,           HCD_ICMP_ERROR,      HCD_ERROR_SENT,      HCD_ERROR_LIMIT,    HCD_PIECES,
        HCD_STASHED,          HCD_FRAGMENT_LIMIT,  HCD_SOURCE_SEARCHES, HCD_SOURCE_CREATED, HCD_SOURCE_REMOVED,
        HCD_LIMIT_SRC_STATES, HCD_LIMIT_SRC_NODES, HCD_LIMIT_SRC_CONN,  HCD_LIMIT_SRC_RATE, HCD_LIMIT_OVERLOAD,
        HCD_LIMIT_FLUSH,      HCD_FLOODS,          HCD_SYN_UNSTORED,    HCD_SYN_RESUMED,    HCD_AMBIGUOUS})
    searches -= reasons[beside];
  std::string out =
      fmt::format("{:<44}{:>15}\n\n",
                  fmt::format("Status: {} for {} days {:02}:{:02}:{:02}", info.enabled ? "Enabled" : "Disabled",
                              seconds / 86400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60),
                  "Debug: err");
  out += fmt::format("{:<27} {:>14} {:>16}\n", "State Table", "Total", "Rate");
  out += plain_line("current entries", info.states) + plain_line("half-open tcp", info.half_open);
  out += rate_line("searches", searches, seconds) + rate_line("inserts", created, seconds);
  out += rate_line("removals", created - std::min<std::uint64_t>(created, info.states), seconds);
  if (verbose > 0) {
    out += "Source Tracking Table\n" + plain_line("current entries", info.sources);
    out += rate_line("searches", reasons[HCD_SOURCE_SEARCHES], seconds);
    out += rate_line("inserts", reasons[HCD_SOURCE_CREATED], seconds);
    out += rate_line("removals", reasons[HCD_SOURCE_REMOVED], seconds);
  }
  out += "Counters\n";
  for (const auto& [name, count] : counters_of(info)) out += rate_line(name.c_str(), count, seconds);
  if (verbose > 0) {
    out += "Limit Counters\n";
    for (const auto& [name, reason] : kLimits) out += rate_line(name, reasons[reason], seconds);
    out += guard_text(info);
  }
  return out +
         (info.pid != 0 ? fmt::format("Daemon: hcd, pid {}\n", info.pid) : "Daemon: not running, no host is checked\n");
}

}  // namespace hcd::hcpfctl
