// begin / edit / commit: only the rules and tables that are edited, over a ruleset that stays as it is. They are validated
// together with it, and reduced to the list of changes that lead from the old ruleset to the new one; what is not touched
// costs nothing. Pure: an engine applies the list, a dropped Transaction is the rollback.
#pragma once
#include <optional>
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
struct RulesSet {  // replace the anchor's rules by those that find() shows
  std::string anchor;
};
struct TableRemoved {
  std::string anchor, table;
};
struct AnchorRemoved {
  std::string anchor;
};
using Change = std::variant<TableSet, RulesSet, TableRemoved, AnchorRemoved>;

struct AnchorEdit {
  bool removed = false;                                // what was there before the edits that stand here
  std::optional<std::vector<Rule>> rules;              // none: as they were
  std::map<std::string, std::optional<Table>> tables;  // none: removed
};

// An anchor as a transaction leaves it.
class AnchorView {
 public:
  AnchorView(const Anchor* base, const AnchorEdit* edit) : base_(base), edit_(edit) {}
  [[nodiscard]] const std::vector<Rule>& rules() const;
  [[nodiscard]] const Table* table(const std::string& name) const;  // null: none such
  [[nodiscard]] std::vector<std::string> tables() const;            // names, ascending

 private:
  const Anchor* base_;      // null: none that counts
  const AnchorEdit* edit_;  // null: none
};

class Transaction {
 public:
  // Over this very object, which must not change before the commit.
  explicit Transaction(const Ruleset& now) : now_(&now) {}
  explicit Transaction(const Ruleset&&) = delete;

  void set_rules(const std::string& anchor, std::vector<Rule> rules);
  void set_table(const std::string& anchor, Table table);
  void remove_table(const std::string& anchor, const std::string& table);
  void remove_anchor(const std::string& anchor);

  // As it will be. Nothing: no such anchor.
  [[nodiscard]] std::optional<AnchorView> find(const std::string& anchor) const;
  [[nodiscard]] Ruleset after() const;  // a copy of everything
  void apply(Ruleset& ruleset) const;   // makes it after(), where it was what this began with

  // Validates; then what differs. An empty list: nothing to do.
  [[nodiscard]] Result<std::vector<Change>> changes() const;

 private:
  [[nodiscard]] const Anchor* base_of(const std::string& anchor) const;
  [[nodiscard]] Status check_edit(const std::string& name, const AnchorEdit& edit, bool rules_differ) const;
  [[nodiscard]] Status check_claims(const std::vector<std::string>& edited) const;

  const Ruleset* now_;
  std::map<std::string, AnchorEdit> edits_;
};

}  // namespace hcd::fastpath
