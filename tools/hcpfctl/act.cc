#include "tools/hcpfctl/act.h"

#include <set>

#include <fmt/format.h>

#include "fastpath/bpf/endpoint.h"
#include "fastpath/bpf/inventory.h"
#include "fastpath/bpf/states.h"
#include "fastpath/table.h"

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

bool holds(const fastpath::Network& network, const Address& address) {
  return address.family == network.address.family && fastpath::masked({address, network.length}) == network.address;
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

Answer act(const Options& options, const fastpath::Maps& maps, const Clock& clock) {
  if (options.flush == Flush::States) return end_all_states(maps, clock);
  const Views& views = maps.views();
  if (options.kill_label) {
    const auto rules = rules_labelled(views, *options.kill_label);
    const auto killed = kill_states(views, clock.now(), [&](const State& state) { return rules.contains(state.rule); });
    return {.err = fmt::format("killed {} states\n", killed)};
  }
  const auto killed = kill_states(views, clock.now(), [&](const State& state) {
    if (!holds(options.kill.front(), state.client)) return false;
    return options.kill.size() == 1 || goes_to(options.kill.back(), views, state);
  });
  return {.err = fmt::format("killed {} states from 1 sources and {} destinations\n", killed, options.kill.size() - 1)};
}

}  // namespace hcd::hcpfctl
