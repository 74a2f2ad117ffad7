// From a list of changes to what must be written where. All that can be refused for want of room is refused here, before
// anything is written; a plan that is not carried out is abandoned.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "fastpath/bpf/layout.h"
#include "fastpath/transaction.h"

namespace hcd::fastpath {

struct PlannedHost {
  std::uint32_t index = 0;
  Endpoint at;
};

struct PlannedRule {
  RuleKey key;
  std::uint32_t index = 0;
  bool fresh = false;  // the index was free before
  std::string anchor;
  std::uint32_t number = 0;
  Rule rule;
  std::uint64_t hash_key[2] = {};
  bool rebuilt = false;  // `slots` go into `lines`; otherwise the ring in force is the right one
  Lines lines;
  std::size_t count = 0;  // of slots
  std::vector<std::uint32_t> slots;
  std::vector<std::uint32_t> hosts;

  [[nodiscard]] std::uint64_t word() const;
};

struct Plan {
  std::vector<PlannedHost> hosts;  // new ones
  std::vector<PlannedRule> rules;
  std::vector<RuleKey> retired;
};

using Random = std::function<std::uint64_t()>;

class Planner {
 public:
  Planner(Layout& layout, const Views& views, const Random& random) : layout_(layout), views_(views), random_(random) {}

  [[nodiscard]] Result<Plan> plan(const std::vector<Change>& changes, const Ruleset& after);
  void abandon(const Plan& plan);

 private:
  struct Touched {
    bool rules = false;
    std::set<std::string> tables;
  };

  Status check_names(const Ruleset& after) const;
  Status plan_anchor(const std::string& name, const Touched& touched, const Anchor& anchor);
  Status plan_rule(PlannedRule& planned, const Table& table);
  Status plan_ring(PlannedRule& planned, const Table& table, const RuleSlot* now);
  Result<std::uint32_t> host_for(const Endpoint& at);
  [[nodiscard]] bool same_ring(const RuleSlot& now, const std::vector<std::uint32_t>& slots) const;
  void retire_rest(const std::map<std::string, Touched>& touched);

  Layout& layout_;
  const Views& views_;
  const Random& random_;
  Plan plan_;
  std::set<RuleKey> claimed_;  // keys that the touched anchors have after the commit
};

}  // namespace hcd::fastpath
