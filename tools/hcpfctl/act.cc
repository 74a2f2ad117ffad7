#include "tools/hcpfctl/act.h"

#include <set>

#include <fmt/format.h>

#include "fastpath/bpf/endpoint.h"
#include "fastpath/bpf/inventory.h"
#include "fastpath/bpf/sources.h"
#include "fastpath/bpf/states.h"
#include "fastpath/table.h"

namespace hcd::hcpfctl {
namespace {

using fastpath::Endpoint;
using fastpath::Source;
using fastpath::State;
using fastpath::Views;

std::set<std::uint32_t> rules_labelled(const Views& views, const std::string& label) {
  std::set<std::uint32_t> out;
  for (const auto& anchor : fastpath::read_inventory(views).anchors) {
    for (const auto& rule : anchor.rules) {
      if (rule.rule.label == label) out.insert(rule.index);
    }
  }
  return out;
}

// A state's destination is the address that the client uses, and the host that it was redirected to.
bool goes_to(const fastpath::Network& destination, const Views& views, const State& state) {
  const abi::hcd_rule rule = views.rules[state.rule];
  const abi::hcd_host host = views.hosts[state.host];
  return holds(destination, Endpoint::of(rule.to).address) || holds(destination, Endpoint::of(host.at).address);
}

}  // namespace

Answer end_all_states(const fastpath::Maps& maps, const Clock& clock) {
  const auto killed = kill_states(maps.views(), clock.now(), [](const State&) { return true; });
  return {.err = fmt::format("{} states cleared\n", killed)};
}

Answer drop_all_sources(const fastpath::Maps& maps, const Clock& clock) {
  drop_sources(maps.views(), clock.now(), [](const Source&) { return true; });
  return {.err = "source tracking entries cleared\n"};
}

namespace {

Answer drop_some_sources(const Options& options, const Views& views, const Clock& clock) {
  const std::vector<fastpath::Network>& wanted = options.kill_sources;
  const auto dropped = drop_sources(views, clock.now(), [&](const Source& source) {
    if (!holds(wanted.front(), source.client)) return false;
    const abi::hcd_host host = views.hosts[source.host];
    return wanted.size() == 1 || (source.host != 0 && holds(wanted.back(), Endpoint::of(host.at).address));
  });
  return {.err = fmt::format("killed {} src nodes from 1 sources and {} destinations\n", dropped, wanted.size() - 1)};
}

}  // namespace

Result<Answer> clear_info(fastpath::Maps& maps, const Clock& clock) {
  if (auto done = maps.clear_reasons(); !done) return std::unexpected(done.error());
  const auto now = std::chrono::system_clock::to_time_t(clock.wall());
  maps.views().globals->since = static_cast<std::uint64_t>(now);
  return Answer{.err = "pf: statistics cleared\n"};
}

Result<Answer> zero_rules(const Options& options, fastpath::Maps& maps) {
  std::vector<std::uint32_t> indexes;
  for (const auto& anchor : fastpath::read_inventory(maps.views()).anchors) {
    if (!options.covers(anchor.name)) continue;
    for (const auto& rule : anchor.rules) indexes.push_back(rule.index);
  }
  if (auto done = maps.clear_rule_stats(indexes); !done) return std::unexpected(done.error());
  return Answer{.err = "pf: rule counters cleared\n"};
}

Result<Answer> act(const Options& options, fastpath::Maps& maps, const Clock& clock) {
  if (options.flush == Flush::States) return end_all_states(maps, clock);
  if (options.flush == Flush::Sources) return drop_all_sources(maps, clock);
  if (options.flush == Flush::Info) return clear_info(maps, clock);
  const Views& views = maps.views();
  if (!options.kill_sources.empty()) return drop_some_sources(options, views, clock);
  if (options.kill_id) {
    const auto killed =
        kill_states(views, clock.now(), [&](const State& state) { return state.id == *options.kill_id; });
    return Answer{.err = fmt::format("killed {} states\n", killed)};
  }
  if (options.kill_label) {
    const auto rules = rules_labelled(views, *options.kill_label);
    const auto killed = kill_states(views, clock.now(), [&](const State& state) { return rules.contains(state.rule); });
    return Answer{.err = fmt::format("killed {} states\n", killed)};
  }
  const auto killed = kill_states(views, clock.now(), [&](const State& state) {
    if (!holds(options.kill.front(), state.client)) return false;
    return options.kill.size() == 1 || goes_to(options.kill.back(), views, state);
  });
  return Answer{
      .err = fmt::format("killed {} states from 1 sources and {} destinations\n", killed, options.kill.size() - 1)};
}

}  // namespace hcd::hcpfctl
