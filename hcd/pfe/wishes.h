// What an operator's request means: which objects, and which overrides it makes of those that there are. Pure.
#pragma once
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "hcd/ctl/protocol.h"
#include "hcd/pfe/overrides.h"
#include "hcd/pfe/roster.h"

namespace hcd::pfe {

struct Picked {  // what one target names
  std::vector<Id> ids;
  std::string text;                         // "host 10.1.1.100 of webhosts", "host \"web:80/10.0.0.1*\" (all 3)"
  bool name = false;                        // a DNS name: all hosts that it has, and will have
  std::optional<std::uint64_t> generation;  // that was seen of them
};

// What makes a request none, whatever there is.
[[nodiscard]] std::optional<ctl::Answer> fault_of(const ctl::Change& change);

// Or NotFound, Ambiguous, or Usage for a pattern that is none. No object comes twice.
[[nodiscard]] std::expected<std::vector<Picked>, ctl::Answer> pick(const Roster& roster, const ctl::Change& change);

// Puts the wish down, or takes it away where it is what holds without it. Refused: an end for that.
[[nodiscard]] std::optional<ctl::Answer> wish(const Roster& roster, const Picked& target, const ctl::Change& change,
                                              const ctl::Note& note, Overrides& overrides);

// "host 10.1.1.100 of webhosts", "3 hosts of webhosts", "3 tables": all that was picked.
[[nodiscard]] std::string objects_text(const Roster& roster, ctl::Kind kind, const std::vector<Picked>& picked);
[[nodiscard]] std::string object_text(const Roster& roster, ctl::Kind kind, Id id);  // "host 10.1.1.100 of webhosts"

}  // namespace hcd::pfe
