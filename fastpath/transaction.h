// begin / edit / commit: a copy of the anchors that are edited, validated as a whole, and reduced to the list of
// changes that lead from the old ruleset to the new one. Pure: an engine applies the list, a dropped Transaction is the
// rollback.
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "fastpath/anchor.h"

namespace hcd::fastpath {

// Changes, in the order in which an engine must apply them: what is needed is made before what needs it, and what is no
// longer named is removed last, so that every packet meets a whole rule.
struct TableSet {  // make the table or replace its addresses
  std::string anchor;
  Table table;
};
struct RulesSet {  // replace the anchor's rules
  std::string anchor;
  std::vector<Rule> rules;
};
struct TableRemoved {
  std::string anchor, table;
};
struct AnchorRemoved {
  std::string anchor;
};
using Change = std::variant<TableSet, RulesSet, TableRemoved, AnchorRemoved>;

class Transaction {
 public:
  explicit Transaction(const Ruleset& now) : before_(now), after_(now) {}

  void set_rules(const std::string& anchor, std::vector<Rule> rules);
  void set_table(const std::string& anchor, Table table);
  void remove_anchor(const std::string& anchor);

  [[nodiscard]] const Ruleset& after() const { return after_; }
  // Validates `after`; then what differs. An empty list: nothing to do.
  [[nodiscard]] Result<std::vector<Change>> changes() const;

 private:
  Ruleset before_, after_;
};

}  // namespace hcd::fastpath
