// Rules, tables and anchors as text that reads back as the same. A dialect of pf's that has no words for something is an
// error, with pf's reason.
#pragma once
#include <string>

#include "fastpath/pfconf/conf.h"

namespace hcd::fastpath::pfconf {

enum class Dialect : std::uint8_t {
  Ours,  // pf's since OpenBSD 4.7, and behind it what pf has no word for: hash, keep-ttl
  New,   // pf since OpenBSD 4.7
  Old,   // pf before
};

[[nodiscard]] Result<std::string> print(const Rule& rule, Dialect dialect);    // a line without its end
[[nodiscard]] Result<std::string> print(const Table& table, Dialect dialect);  // the same
[[nodiscard]] Result<std::string> print(const Anchor& anchor, Dialect dialect, const std::string& indent = "");
[[nodiscard]] Result<std::string> print(const Conf& conf, Dialect dialect);  // for the main ruleset
[[nodiscard]] std::string print(const Settings& settings);

// What of a rule the older dialect says in its rdr statement; the rest (label, state options) it says in filter rules.
[[nodiscard]] std::string translation(const Rule& rule);

}  // namespace hcd::fastpath::pfconf
