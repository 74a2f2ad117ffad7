// A rule with lists as the rules that it stands for, in pf's order: the destination's ports change fastest, then its
// addresses, sources, protocols. Sources that can be one rule's stay together. What does not fit by its address family is left
// out, as in pf.
#pragma once
#include <functional>

#include "fastpath/pfconf/ast.h"

namespace hcd::fastpath::pfconf {

// Each rule is `base` with protocol, source, destination and ports. Ends early where `visit` says false, and says so.
bool for_each_match(const ast::Rule& rule, const Rule& base, const std::function<bool(Rule)>& visit);

}  // namespace hcd::fastpath::pfconf
