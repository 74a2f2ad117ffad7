// What an operator's NAME-OR-ID means: a service or table by name or id; a host by id, "table/host", or its name or
// address alone where only one table has it.
#pragma once
#include <expected>
#include <string>
#include <vector>

#include "hcd/ctl/protocol.h"
#include "hcd/pfe/roster.h"

namespace hcd::pfe {

// Or NotFound, or Ambiguous with the candidates.
[[nodiscard]] std::expected<Id, ctl::Answer> find_target(const Roster& roster, ctl::Kind kind, const std::string& text);

// The hosts that a DNS name given with `all` has in its one table; none: the text is no such name.
[[nodiscard]] std::vector<Id> hosts_of_name(const Roster& roster, const std::string& text);

// Everything that a text means where there may be several (ctl::Checks). Hosts include those of the tables; ascending.
struct Matches {
  std::vector<Id> tables, hosts;
};
// Or NotFound, or Usage for a pattern that is none.
[[nodiscard]] std::expected<Matches, ctl::Answer> find_all(const Roster& roster, const std::string& text);

}  // namespace hcd::pfe
