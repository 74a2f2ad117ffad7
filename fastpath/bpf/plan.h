// From a list of changes to what must be written where. All that can be refused for want of room is refused here, before
// anything is written; a plan that is not carried out is abandoned.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "fastpath/bpf/layout.h"
#include "fastpath/transaction.h"

namespace hcd::fastpath {

struct PlannedHost {
  std::uint32_t index = 0;
  Endpoint at;
};

struct PlannedRing {
  std::vector<std::uint32_t> slots;
  std::vector<std::uint32_t> hosts;  // ascending, each once
};

struct PlannedRule {
  RuleKey key;
  std::uint32_t index = 0;
  bool fresh = false;  // the index was free before
  std::string anchor;
  std::uint32_t number = 0;
  const Rule* rule = nullptr;  // the transaction's
  std::uint64_t hash_key[2] = {};
  std::shared_ptr<const PlannedRing> ring;
  bool rebuilt = false;  // the ring's slots go into `lines`; otherwise the ring in force is the right one
  Lines lines;

  [[nodiscard]] std::uint64_t word() const;
};

struct Plan {
  std::vector<PlannedHost> hosts;  // new ones
  std::vector<PlannedRule> rules;
  std::vector<std::uint32_t> retired;  // indexes
};

using Random = std::function<std::uint64_t()>;

class Planner {
 public:
  Planner(Layout& layout, const Views& views, const Random& random) : layout_(layout), views_(views), random_(random) {}

  // The changes are the transaction's, which must outlive the plan.
  [[nodiscard]] Result<Plan> plan(const std::vector<Change>& changes, const Transaction& transaction);
  void abandon(const Plan& plan);

 private:
  struct Touched {
    bool rules = false;
    std::set<std::string> tables;
  };
  struct RingWanted {
    const Table* table;
    std::uint16_t port;
    Proto proto;
    std::size_t hash_slots;  // 0: in turn
    friend bool operator==(const RingWanted&, const RingWanted&) = default;
  };

  Status check_names(const std::vector<Change>& changes) const;
  Status plan_anchor(const std::string& name, const Touched& touched, const AnchorView& anchor);
  Status plan_rule(PlannedRule& planned, const Table& table);
  Status plan_ring(PlannedRule& planned, const Table& table, const RuleSlot* now);
  Result<std::shared_ptr<const PlannedRing>> build(const Rule& rule, const Table& table, const RuleSlot* now);
  Result<std::uint32_t> host_for(const Endpoint& at);
  [[nodiscard]] bool same_ring(const RuleSlot& now, const std::vector<std::uint32_t>& slots) const;
  void retire_rest(const std::string& name);

  Layout& layout_;
  const Views& views_;
  const Random& random_;
  Plan plan_;
  std::unordered_set<std::uint32_t> kept_;  // indexes in force that the touched anchors have after the commit
  std::optional<RingWanted> last_wanted_;   // rules of one anchor often share their ring
  std::shared_ptr<const PlannedRing> last_ring_;
};

}  // namespace hcd::fastpath
