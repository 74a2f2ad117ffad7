// What pf has in force below a prefix: left by a daemon of before, or by hand. Nothing is changed.
#pragma once
#include "fastpath/anchor.h"
#include "fastpath/pf/pfctl.h"
#include "fastpath/pfconf/print.h"

namespace hcd::fastpath::pf {

struct Adopted {
  Ruleset anchors;                  // one that was not understood is there, without rules
  std::vector<std::string> faults;  // a sentence for each of those
};

// Anchors directly below the prefix. Before OpenBSD 4.7 labels and options of states are not read back.
[[nodiscard]] Result<Adopted> adopt(Pfctl& pfctl, pfconf::Dialect dialect, const std::string& prefix);

}  // namespace hcd::fastpath::pf
