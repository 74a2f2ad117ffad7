// From a list of changes to what must be written where. All that can be refused for want of room is refused here, before
// anything is written; a plan that is not carried out is abandoned.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <unordered_set>
#include <vector>

#include "fastpath/bpf/layout.h"
#include "fastpath/bpf/record.h"
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
  bool fresh = false;           // the index was free before
  std::uint32_t after = 0;      // fresh: the rule behind which it goes into its chain; 0: it is the first
  bool first_of_place = false;  // fresh: there is no chain yet
  bool renewed = false;         // fresh, or another rule than the one in force
  std::string anchor;
  std::uint32_t number = 0;
  const Rule* rule = nullptr;  // the transaction's
  std::uint64_t hash_key[2] = {};
  std::shared_ptr<const PlannedRing> ring;
  bool rebuilt = false;  // the ring's slots go into `lines`; otherwise the ring in force is the right one
  Lines lines;
  RuleLinks links;
  std::uint32_t own = 0;  // a new table of the networks that it names itself

  [[nodiscard]] std::uint64_t word() const;
};

struct NetworkChange {
  std::uint32_t table = 0;
  TableEntry entry;
  std::optional<bool> negated_before;  // of one that stays, but as the contrary
};

struct Plan {
  std::vector<PlannedHost> hosts;                                       // new ones
  std::vector<PlannedRule> rules;                                       // in order of evaluation
  std::vector<std::uint32_t> fresh;                                     // indexes taken for rules
  std::vector<std::uint32_t> retired;                                   // indexes, in reverse order of evaluation
  std::map<std::pair<std::string, std::string>, std::uint32_t> tables;  // indexes of new ones, by anchor and name
  std::vector<std::uint32_t> new_tables;  // all indexes taken for tables, own ones among them
  std::set<std::uint32_t> reused;         // indexes of tables of before that are given up for new ones
  std::map<std::string, std::set<std::string>>
      sources;                           // tables that are sources afterwards, by anchor that is touched
  std::set<std::uint32_t> sources_gone;  // indexes of tables in which packets look up nobody any more
  // In these orders each address is at every moment what it was before or what it is afterwards.
  std::vector<NetworkChange> networks_in, networks_out;
};

// The networks that a rule names itself, as a table's entries.
[[nodiscard]] std::vector<TableEntry> entries_of(const From& from);

using Random = std::function<std::uint64_t()>;

// "70000 hosts are more than the 65536 that the kernel's maps were made for"
[[nodiscard]] Status no_room(const char* what, std::size_t wanted, std::size_t limit);

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
  using TouchedAnchors = std::map<std::string, Touched>;
  struct Wanted {  // a rule of a touched anchor
    const std::string* anchor;
    std::uint32_t number;
    const Rule* rule;
    const Table* table;
    RuleSlot* slot;  // where it has a place already; null: it gets one
    std::uint32_t index = 0, after = 0;
    bool first_of_place = false;
  };
  struct RingWanted {
    const Table* table;
    std::uint16_t port;
    Proto proto;
    bool pairs;              // of host and weight
    std::size_t hash_slots;  // 0: in turn
    friend bool operator==(const RingWanted&, const RingWanted&) = default;
  };

  Status plan_all(const std::vector<Change>& changes, const Transaction& transaction, const TouchedAnchors& touched);
  Status plan_names(const std::vector<Change>& changes);
  Result<std::uint32_t> take_table();
  [[nodiscard]] Status check_members() const;
  Status place(std::vector<Wanted>& wanted, const TouchedAnchors& touched);
  Status place_in(const Endpoint& to, std::vector<Wanted*>& wanted, const TouchedAnchors& touched);
  Status plan_rules(std::vector<Wanted>& wanted, const TouchedAnchors& touched);
  Status plan_rule(PlannedRule& planned, const Table& table, const RuleSlot* now);
  Status plan_links(PlannedRule& planned, const RuleSlot* now);
  void plan_key(PlannedRule& planned, const RuleSlot* now);
  Status plan_ring(PlannedRule& planned, const Table& table, const RuleSlot* now);
  Result<std::shared_ptr<const PlannedRing>> build(const Rule& rule, const Table& table, const RuleSlot* now);
  Result<std::uint32_t> host_for(const Endpoint& at);
  [[nodiscard]] bool same_ring(const RuleSlot& now, const std::vector<std::uint32_t>& slots) const;
  [[nodiscard]] std::uint32_t table_index(const std::string& anchor, const std::string& table) const;
  void retire_rest(const TouchedAnchors& touched);
  void plan_networks(const Transaction& transaction, const TouchedAnchors& touched);
  void plan_sources(const std::string& name, const Touched& touched, const AnchorView* anchor);
  void differ(std::uint32_t table, const std::vector<MemberSlot>& before, const std::vector<TableEntry>& after);

  Layout& layout_;
  const Views& views_;
  const Random& random_;
  Plan plan_;
  std::size_t members_ = 0;                 // addresses in tables afterwards
  std::vector<std::uint32_t> given_up_;     // indexes of tables that go, and that no packet looks at
  std::unordered_set<std::uint32_t> kept_;  // indexes in force that the touched anchors have after the commit
  std::optional<RingWanted> last_wanted_;   // rules of one anchor often share their ring
  std::shared_ptr<const PlannedRing> last_ring_;
};

}  // namespace hcd::fastpath
