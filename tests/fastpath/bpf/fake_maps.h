// The kernel's maps without a kernel: small, in memory, and able to refuse.
#pragma once
#include <map>
#include <vector>

#include "fastpath/bpf/maps.h"

namespace hcd::fastpath {

struct FakeMemory {
  explicit FakeMemory(std::size_t records = 64)
      : rules(records),
        cursors(records),
        hosts(records),
        members(records),
        rule_infos(records),
        rule_stats(records),
        host_stats(records),
        loads(records) {}

  abi::hcd_globals globals{.layout = abi::HCD_LAYOUT, .tick_ns = 64'000'000, .seed = {1, 2}};
  std::vector<abi::hcd_index_line> vips{16}, endpoints{256};
  std::vector<abi::hcd_rule> rules;
  std::vector<abi::hcd_cursor> cursors;
  std::vector<abi::hcd_ring_line> rings{512};
  std::vector<abi::hcd_host> hosts;
  std::vector<abi::hcd_timeout_set> timeout_sets{8};
  std::vector<abi::hcd_bucket4> states4{64};
  std::vector<abi::hcd_bucket6> states6{64};
  std::vector<abi::hcd_anchor_info> anchors{16};
  std::vector<abi::hcd_table_info> tables{16};
  std::vector<abi::hcd_member> members;
  std::vector<abi::hcd_rule_info> rule_infos;
  std::vector<abi::hcd_stats> rule_stats, host_stats;
  Reasons reasons{};
  std::vector<abi::hcd_spill> spills4{1}, spills6{1};
  std::vector<abi::hcd_large> large{abi::HCD_LARGE};
  std::vector<abi::hcd_load> loads;
  std::vector<abi::hcd_source> sources{64};
  abi::hcd_settings settings{};
  abi::hcd_pulse pulse{.factor = abi::HCD_FACTOR_ONE};
  std::map<std::pair<std::uint32_t, Network>, bool> networks;  // true: negated
  std::map<std::pair<std::uint32_t, Network>, std::uint32_t> overloaded;  // the tick: put in by packets
  bool refuse_networks = false;
  int graces = 0;
  int refuse_after = -1;  // so many more counters may be cleared; -1: any number
};

class FakeMaps final : public Maps {
 public:
  explicit FakeMaps(FakeMemory& memory) : memory_(memory) {
    views_ = {&memory.globals, memory.vips,         memory.endpoints, memory.rules,   memory.cursors, memory.rings,
              memory.hosts,    memory.timeout_sets, memory.states4,   memory.states6, memory.anchors, memory.tables,
              memory.members,  memory.rule_infos,   memory.spills4,   memory.spills6, memory.large,   memory.loads,
              memory.sources,  &memory.settings,    &memory.pulse};
  }

  Result<abi::hcd_stats> rule_stats(std::uint32_t rule) const override { return memory_.rule_stats.at(rule); }
  Result<abi::hcd_stats> host_stats(std::uint32_t host) const override { return memory_.host_stats.at(host); }
  Result<Reasons> reasons() const override { return memory_.reasons; }
  Status clear_reasons() override {
    memory_.reasons = {};
    return {};
  }
  Status clear_rule_stats(std::span<const std::uint32_t> rules) override { return clear(memory_.rule_stats, rules); }
  Status clear_host_stats(std::span<const std::uint32_t> hosts) override { return clear(memory_.host_stats, hosts); }
  Status put_network(std::uint32_t table, const Network& network, bool negated) override {
    if (memory_.refuse_networks) return fail(Code::System, "out of memory");
    memory_.networks[{table, network}] = negated;
    return {};
  }
  Status drop_network(std::uint32_t table, const Network& network) override {
    memory_.networks.erase({table, network});
    memory_.overloaded.erase({table, network});
    return {};
  }
  Result<std::vector<KernelNetwork>> networks() const override {
    std::vector<KernelNetwork> out;
    for (const auto& [at, negated] : memory_.networks) out.push_back({at.first, at.second, negated});
    for (const auto& [at, tick] : memory_.overloaded) out.push_back({at.first, at.second, false, true, tick});
    return out;
  }
  void grace() override { memory_.graces++; }

 private:
  Status clear(std::vector<abi::hcd_stats>& stats, std::span<const std::uint32_t> indexes) {
    for (const std::uint32_t index : indexes) {
      if (memory_.refuse_after == 0) return fail(Code::System, "out of memory");
      if (memory_.refuse_after > 0) memory_.refuse_after--;
      stats.at(index) = {};
    }
    return {};
  }

  FakeMemory& memory_;
};

}  // namespace hcd::fastpath
