#include "tools/hcpfctl/act.h"

#include <set>

#include <fmt/format.h>

#include "fastpath/bpf/inventory.h"
#include "fastpath/bpf/states.h"

namespace hcd::hcpfctl {
namespace {

using fastpath::Endpoint;
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
bool goes_to(const Network& destination, const Views& views, const State& state) {
  const abi::hcd_rule rule = views.rules[state.rule];
  const abi::hcd_host host = views.hosts[state.host];
  return destination.holds(Endpoint::of(rule.to).address) || destination.holds(Endpoint::of(host.at).address);
}

}  // namespace

Answer act(const Options& options, const fastpath::Maps& maps, const Clock& clock) {
  const Views& views = maps.views();
  if (options.flush == Flush::States) {
    const auto killed = kill_states(views, clock.now(), [](const State&) { return true; });
    return {.err = fmt::format("{} states cleared\n", killed)};
  }
  if (options.kill_label) {
    const auto rules = rules_labelled(views, *options.kill_label);
    const auto killed = kill_states(views, clock.now(), [&](const State& state) { return rules.contains(state.rule); });
    return {.err = fmt::format("killed {} states\n", killed)};
  }
  const auto killed = kill_states(views, clock.now(), [&](const State& state) {
    if (!options.kill.front().holds(state.client)) return false;
    return options.kill.size() == 1 || goes_to(options.kill.back(), views, state);
  });
  return {.err = fmt::format("killed {} states from 1 sources and {} destinations\n", killed, options.kill.size() - 1)};
}

}  // namespace hcd::hcpfctl
