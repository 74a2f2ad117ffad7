#include "tools/hcpfctl/snapshot.h"

#include <algorithm>
#include <set>

#include <signal.h>

#include "fastpath/bpf/inventory.h"
#include "fastpath/bpf/overloaded.h"
#include "fastpath/bpf/sources.h"
#include "fastpath/bpf/states.h"

namespace hcd::hcpfctl {
namespace {

using fastpath::Endpoint;
using fastpath::KnownAnchor;
using fastpath::Maps;

void add(hcd_stats& sum, const hcd_stats& one) {
  for (int side = 0; side < 2; side++) {
    sum.packets[side] += one.packets[side];
    sum.bytes[side] += one.bytes[side];
  }
  sum.states += one.states;
  sum.evaluations += one.evaluations;
}

class Taking {
 public:
  Taking(const Maps& maps, const Clock& clock)
      : maps_(maps), clock_(clock), inventory_(fastpath::read_inventory(maps.views())) {}

  Result<Snapshot> take(bool with_states) {
    census_ = fastpath::take_census(maps_.views(), clock_.now());
    if (auto done = take_info(); !done) return std::unexpected(done.error());
    take_limits();
    take_timeouts();
    index_hosts();
    auto overloaded = fastpath::overloaded(maps_, clock_.now());
    if (!overloaded) return std::unexpected(overloaded.error());
    overloaded_ = std::move(*overloaded);
    for (const KnownAnchor& anchor : inventory_.anchors) {
      out_.anchors.push_back(anchor.name);
      if (auto done = take_rules(anchor); !done) return std::unexpected(done.error());
      if (auto done = take_tables(anchor); !done) return std::unexpected(done.error());
    }
    if (with_states) take_states();
    take_sources();
    out_.faults = inventory_.faults;
    return std::move(out_);
  }

 private:
  Status take_info() {
    const auto& globals = *maps_.views().globals;
    const auto reasons = maps_.reasons();
    if (!reasons) return std::unexpected(reasons.error());
    const auto now = std::chrono::system_clock::to_time_t(clock_.wall());
    out_.info = {.states = census_.total,
                 .half_open = census_.half_open,
                 .sources = maps_.views().pulse->sources,
                 .reasons = *reasons,
                 .guard = fastpath::guard_of(maps_.views()),
                 .pressure = fastpath::pressure_of(maps_.views(), clock_.now())};
    const auto since = static_cast<std::time_t>(globals.since);
    if (now > since) out_.info.seconds = static_cast<std::uint64_t>(now - since);
    out_.info.pid = running_daemon(maps_.views());
    return {};
  }

  void take_limits() {
    const auto& views = maps_.views();
    const auto below = [](std::size_t entries) { return entries == 0 ? 0 : entries - 1; };  // index 0 means none
    out_.limits = {.states = (views.states4.size() + views.states6.size()) * abi::HCD_WAYS,
                   .sources = views.sources.size(),
                   .anchors = below(views.anchors.size()),
                   .tables = below(views.tables.size()),
                   .table_entries = below(views.members.size())};
  }

  void take_timeouts() {
    const auto& views = maps_.views();
    const auto add = [&](fastpath::Timeout timeout) {
      const auto ticks = views.timeout_sets[0].ticks[static_cast<std::size_t>(timeout)];
      const auto seconds = fastpath::seconds_of(*views.globals, ticks).count();
      out_.timeouts.push_back({std::string(timeout_name(timeout)), static_cast<std::uint64_t>(seconds)});
    };
    using fastpath::Timeout;
    for (auto at = Timeout::TcpFirst; at < Timeout::SrcTrack; at = static_cast<Timeout>(static_cast<int>(at) + 1))
      add(at);
    out_.timeouts.push_back({"adaptive.start", views.settings->adaptive_start, true});
    out_.timeouts.push_back({"adaptive.end", views.settings->adaptive_end, true});
    add(Timeout::SrcTrack);
  }

  void index_hosts() {
    const auto hosts = maps_.views().hosts;
    for (std::uint32_t i = 1; i < hosts.size(); i++) {
      const abi::hcd_host record = hosts[i];
      if (record.flags != 0) host_of_[Endpoint::of(record.at)] = i;
    }
  }

  Status take_rules(const KnownAnchor& anchor) {
    for (const auto& known : anchor.rules) {
      const auto stats = maps_.rule_stats(known.index);
      if (!stats) return std::unexpected(stats.error());
      RuleLine& line = out_.rules.emplace_back();
      line = {.anchor = anchor.name, .number = known.number, .rule = known.rule, .stats = *stats};
      for (const auto& table : anchor.tables) {
        if (table.name == known.rule.table) line.entries = table.members.size();
      }
      line.states = census_.by_rule[known.index];
      line.pid = known.pid;
      line.uid = known.uid;
      rule_of_[known.index] = {anchor.name, known.number};
    }
    return {};
  }

  Status take_tables(const KnownAnchor& anchor) {
    for (const auto& known : anchor.tables) {
      TableLine& table =
          out_.tables.emplace_back(TableLine{anchor.name, known.name, false, known.persist, known.constant, {}});
      std::set<std::pair<std::uint16_t, fastpath::Proto>> ports;
      for (const auto& rule : anchor.rules) {
        if (rule.rule.names(known.name)) table.referenced = true;
        if (rule.rule.table == known.name) ports.emplace(rule.rule.host_port(), rule.rule.proto);
      }
      for (const auto& member : known.members) {
        AddressLine& line = table.addresses.emplace_back();
        line = {.entry = member.entry, .cleared = member.cleared};
        for (const auto& [port, proto] : ports) {
          if (auto done = add_host(line, {member.entry.address, port, proto}); !done) return done;
        }
      }
      add_overloaded(known.index, table);
    }
    return {};
  }

  void add_overloaded(std::uint32_t index, TableLine& table) {
    const auto now = static_cast<std::uint64_t>(std::chrono::system_clock::to_time_t(clock_.wall()));
    for (const auto& one : overloaded_) {
      if (one.table != index) continue;
      table.addresses.push_back({.entry = fastpath::entry_of(one.network),
                                 .cleared = now - std::min(now, static_cast<std::uint64_t>(one.age.count()))});
    }
    std::ranges::sort(table.addresses, {}, [](const AddressLine& line) { return line.entry.place(); });
  }

  Status add_host(AddressLine& line, const Endpoint& at) {
    const auto host = host_of_.find(at);
    if (host == host_of_.end()) return {};
    const auto stats = maps_.host_stats(host->second);
    if (!stats) return std::unexpected(stats.error());
    add(line.stats, *stats);
    line.states += census_.by_host[host->second];
    return {};
  }

  void take_states() {
    const auto& views = maps_.views();
    fastpath::for_each_state(views, clock_.now(), [&](const fastpath::State& state) {
      const abi::hcd_rule rule = views.rules[state.rule];
      const abi::hcd_host host = views.hosts[state.host];
      StateLine& line = out_.states.emplace_back();
      line = {.id = state.id,
              .creator = static_cast<std::uint32_t>(views.globals->since),
              .host = Endpoint::of(host.at),
              .virtual_at = Endpoint::of(rule.to),
              .client = state.client,
              .port = state.port,
              .client_side = state.client_side,
              .server_side = state.server_side,
              .age = state.age,
              .idle = state.idle,
              .expires = state.expires,
              .packets = {state.packets[0], state.packets[1]},
              .bytes = {state.bytes[0], state.bytes[1]},
              .sticky = state.sticky};
      line.host.port = state.host_port;
      line.virtual_at.port = state.virtual_port;
      if (const auto known = rule_of_.find(state.rule); known != rule_of_.end()) {
        std::tie(line.anchor, line.rule) = known->second;
      }
    });
  }

  void take_sources() {
    const auto& views = maps_.views();
    fastpath::for_each_source(views, clock_.now(), [&](const fastpath::Source& source) {
      SourceLine& line = out_.sources.emplace_back();
      line = {.client = source.client,
              .host = Endpoint::of(views.hosts[source.host].at).address,
              .states = source.states,
              .connections = source.connections,
              .rate = source.rate,
              .rate_seconds = fastpath::seconds_of(*views.globals, views.rules[source.rule].rate_ticks),
              .age = source.age,
              .expires = source.expires,
              .global = source.rule == 0};
      if (const auto known = rule_of_.find(source.rule); known != rule_of_.end()) {
        std::tie(line.anchor, line.rule) = known->second;
      }
    });
  }

  const Maps& maps_;
  const Clock& clock_;
  fastpath::Inventory inventory_;
  fastpath::Census census_;
  std::vector<fastpath::Overloaded> overloaded_;
  std::map<Endpoint, std::uint32_t> host_of_;
  std::map<std::uint32_t, std::pair<std::string, std::uint32_t>> rule_of_;
  Snapshot out_;
};

}  // namespace

unsigned running_daemon(const fastpath::Views& views) {
  const auto pid = static_cast<pid_t>(views.globals->daemon_pid);
  return pid > 0 && (kill(pid, 0) == 0 || errno == EPERM) ? static_cast<unsigned>(pid) : 0;
}

Result<Snapshot> take_snapshot(const Maps& maps, const Clock& clock, bool with_states) {
  return Taking(maps, clock).take(with_states);
}

}  // namespace hcd::hcpfctl
