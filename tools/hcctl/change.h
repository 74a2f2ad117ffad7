// What changes something: one request, or one for each name.
#pragma once
#include "tools/hcctl/grammar.h"
#include "tools/hcctl/outcome.h"

namespace hcd::hcctl {

[[nodiscard]] Exit change(const Command& command, const Context& context);

}  // namespace hcd::hcctl
