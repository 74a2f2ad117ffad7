// What operators change: one request for all the names of a command, of which all is done or nothing.
#pragma once
#include "tools/hcctl/grammar.h"
#include "tools/hcctl/outcome.h"

namespace hcd::hcctl {

[[nodiscard]] Exit change(const Command& command, const Context& context);

}  // namespace hcd::hcctl
