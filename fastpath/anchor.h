// An anchor holds rules and the tables they name, and is replaced as a whole. A Ruleset is all anchors by their full
// name.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "fastpath/rule.h"
#include "fastpath/table.h"

namespace hcd::fastpath {

struct Anchor {
  std::vector<Rule> rules;              // in order of evaluation
  std::map<std::string, Table> tables;  // by name
  friend bool operator==(const Anchor&, const Anchor&) = default;
};

using Ruleset = std::map<std::string, Anchor>;  // "hcd/www"

// A whole ruleset is sound: every rule's table exists in its anchor, no two rules claim one address, port and protocol
// on the same interface (or on any), families of rule and table agree, names and numbers are within limits.
[[nodiscard]] Status validate(const Ruleset& ruleset);

}  // namespace hcd::fastpath
