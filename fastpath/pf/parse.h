// Rules as pfctl prints them and as it is given them, read by the parser of pf.conf(5): what is no rule of ours, what names
// another file, and what names an unknown table is an error.
#pragma once
#include <string>

#include "fastpath/anchor.h"

namespace hcd::fastpath::pf {

// `tables`: those of the anchor that the text does not define. An interface has a number of its own, which says nothing.
[[nodiscard]] Result<Anchor> parse_anchor(const std::string& text, const std::string& anchor,
                                          const std::map<std::string, Table>& tables = {});

}  // namespace hcd::fastpath::pf
