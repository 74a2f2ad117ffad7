// From changes to what pfctl is told. All of it is rendered before any of it is run: a dialect that has no words for a rule
// is an error that has changed nothing.
#pragma once
#include "fastpath/pf/pfctl.h"
#include "fastpath/pfconf/print.h"
#include "fastpath/transaction.h"

namespace hcd::fastpath::pf {

using pfconf::Dialect;

struct Command {
  std::vector<std::string> arguments;
  std::string input;
  friend bool operator==(const Command&, const Command&) = default;
};

// What `-a ANCHOR -f -` reads: the tables by name alone, so that they keep their addresses, then the rules. The older
// dialect says labels and options of states in filter rules behind the translations.
[[nodiscard]] Result<std::string> rules_text(const std::vector<Rule>& rules, Dialect dialect);

// In the order in which they are to be run. `rules`: the anchor's, as the changes leave them.
[[nodiscard]] Result<std::vector<Command>> commands_for(const Change& change, const std::vector<Rule>& rules,
                                                        Dialect dialect);

}  // namespace hcd::fastpath::pf
