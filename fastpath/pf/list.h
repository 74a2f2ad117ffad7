// What pfctl lists of anchors: names, rules as it writes them, the entries of a table. Nothing is changed.
#pragma once
#include "fastpath/pf/pfctl.h"
#include "fastpath/pf/read.h"
#include "fastpath/pfconf/print.h"

namespace hcd::fastpath::pf {

[[nodiscard]] Result<std::vector<std::string>> list_anchors(Pfctl& pfctl, const std::string& prefix);  // below it
[[nodiscard]] Result<std::vector<std::string>> list_tables(Pfctl& pfctl, const std::string& anchor);
[[nodiscard]] Result<std::vector<TableEntry>> list_entries(Pfctl& pfctl, const std::string& anchor,
                                                           const std::string& table);

// Before OpenBSD 4.7 translations are listed apart from filter rules, and redirections are of the former.
enum class Kind : std::uint8_t { Redirections, Others };
[[nodiscard]] Result<std::string> list_rules(Pfctl& pfctl, pfconf::Dialect dialect, const std::string& anchor,
                                             Kind kind);

}  // namespace hcd::fastpath::pf
