// Takes over what is pinned: reads the names back, fills the layout from the records that are sound, and clears those that
// are not. Afterwards the layout and the maps agree in all but the rings and the flags, which a commit of the whole ruleset
// mends.
#pragma once
#include <string>
#include <vector>

#include "fastpath/bpf/inventory.h"
#include "fastpath/bpf/layout.h"
#include "fastpath/transaction.h"

namespace hcd::fastpath {

struct Adopted {
  Ruleset ruleset;
  std::vector<std::string> faults;  // what was lost, a sentence each
};

[[nodiscard]] Adopted adopt(Layout& layout, const Views& views);

}  // namespace hcd::fastpath
