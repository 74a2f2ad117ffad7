// What loading a file changes, as pf does it: each of its anchors is replaced as a whole, but for tables that were made to
// persist, or that its rules go on to name.
#pragma once
#include "fastpath/pfconf/conf.h"
#include "fastpath/transaction.h"

namespace hcd::fastpath::pfconf {

// `transaction` was begun on `in_force`.
void stage(const Conf& conf, const Ruleset& in_force, Transaction& transaction);

}  // namespace hcd::fastpath::pfconf
