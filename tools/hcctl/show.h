// `hcctl show` and what else only looks: rows of what the daemon tells, in the form that was asked for.
#pragma once
#include <utility>
#include <vector>

#include "tools/hcctl/grammar.h"
#include "tools/hcctl/outcome.h"

namespace hcd::hcctl {

// The columns that a command's rows have, with their help, each once; none: it has no columns to choose from.
[[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> columns_of(Verb verb);
[[nodiscard]] Status check_columns(const Style& style, Verb verb);

[[nodiscard]] Exit show(const Command& command, const Context& context);
[[nodiscard]] Exit show_checks(const Command& command, const Context& context);
[[nodiscard]] Exit check_now(const Command& command, const Context& context);
[[nodiscard]] Exit monitor(const Context& context);

}  // namespace hcd::hcctl
