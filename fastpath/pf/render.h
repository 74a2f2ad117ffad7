// From changes to what pfctl is told. All of it is rendered before any of it is run: a dialect that has no words for a rule
// is an error that has changed nothing.
#pragma once
#include <functional>

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

// What `-a ANCHOR -f -` reads: the tables by name alone, so that they keep their addresses, or as they are `defined`, then
// the rules. The older dialect says labels and options of states in filter rules behind the translations.
[[nodiscard]] Result<std::string> rules_text(const std::vector<Rule>& rules, Dialect dialect,
                                             const std::vector<Table>& defined = {});

// What its translation cannot say, a rule before OpenBSD 4.7 says of the packets that it has translated.
[[nodiscard]] Result<std::string> filter_text(const Rule& rule);

using RulesOf = std::function<std::vector<Rule>(const std::string& anchor)>;

// In the order in which they are to be run. `before`: what pf may hold of these anchors; `rules_of`: as the changes leave them.
// -T replace has no word for weights, so a table that has any, or had, is defined where its rules are loaded. pf takes a
// weight for an address that is new to the table alone: a host whose weight changes is taken out first.
[[nodiscard]] Result<std::vector<Command>> commands_for(const std::vector<Change>& changes, const Ruleset& before,
                                                        const RulesOf& rules_of, Dialect dialect);

}  // namespace hcd::fastpath::pf
