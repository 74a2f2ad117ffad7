// Carries a plan out. prepare() may fail, and writes only what no packet looks at, but for the networks of sources, which it
// takes back when it fails; switch_over() cannot fail, and makes each rule's change by one aligned store.
#pragma once
#include "fastpath/bpf/layout.h"
#include "fastpath/bpf/plan.h"

namespace hcd::fastpath {

class Applier {
 public:
  Applier(Layout& layout, Maps& maps) : layout_(layout), maps_(maps), views_(maps.views()) {}

  // All or nothing: on an error what it wrote is taken back.
  [[nodiscard]] Status prepare(const Plan& plan);
  // `now`: seconds since the epoch. Packets under way may still look at what was replaced, but make no state of it: see
  // hcd_rule.ring. It is not written to before a grace period has passed.
  void switch_over(const Plan& plan, const std::vector<Change>& changes, std::uint64_t now);

  // Frees retired rules and hosts without a rule that no live state names (`rules`, `hosts`: states by index, counted when a
  // grace period had passed since they went out of use). Waits for another one.
  void collect(const std::vector<std::uint32_t>& rules, const std::vector<std::uint32_t>& hosts);

 private:
  Status clear_counters(const Plan& plan);
  Status prepare_host(const PlannedHost& host);
  Status prepare_rule(const PlannedRule& rule);
  void take_back(const Plan& plan, std::size_t put);
  void enforce(const PlannedRule& planned);
  static void switch_ring(abi::hcd_rule& record, std::uint64_t ring);
  void note_move();  // a rule is in or out of force since the last one: hcd_match()
  void link(const PlannedRule& planned);
  void adopt(const PlannedRule& planned);
  void retire(RuleSlot& slot);
  void unlink(const RuleSlot& slot);
  void name_rule(std::uint32_t host);
  void forget_any_port();
  void use_hosts(const std::vector<std::uint32_t>& hosts, std::uint32_t rule);
  void leave_hosts(const std::vector<std::uint32_t>& hosts, std::uint32_t rule);
  void forget_leads(const std::vector<std::pair<std::uint32_t, std::vector<std::uint32_t>>>& left);
  void forget_overloaded(const std::set<std::uint32_t>& tables);
  void forget_sources_of(const std::vector<std::uint32_t>& rules);

  Layout& layout_;
  Maps& maps_;
  const Views& views_;
};

// The place of an endpoint in the packet path's index, and of a rule's or host's index in it.
class EndpointIndex {
 public:
  EndpointIndex(const Views& views, std::span<abi::hcd_index_line> lines) : globals_(*views.globals), lines_(lines) {}
  [[nodiscard]] bool put(const Endpoint& at, std::uint32_t index);
  void remove(const Endpoint& at, std::uint32_t index);
  void replace(const Endpoint& at, std::uint32_t from, std::uint32_t to);  // of one that is there
  [[nodiscard]] bool holds(const Endpoint& at, std::uint32_t index) const;

 private:
  [[nodiscard]] std::uint64_t hash(const Endpoint& at) const;
  [[nodiscard]] std::uint32_t mask() const { return static_cast<std::uint32_t>(lines_.size() - 1); }

  const abi::hcd_globals& globals_;
  std::span<abi::hcd_index_line> lines_;
};

}  // namespace hcd::fastpath
