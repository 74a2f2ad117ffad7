// Carries a command out over a connection, and says how it went.
#pragma once
#include "tools/hcctl/grammar.h"
#include "tools/hcctl/outcome.h"

namespace hcd::hcctl {

// What the command line asks for cannot be had, whatever the daemon would say.
[[nodiscard]] Status check_command(const Command& command, const Options& options);

// The exit status of the process; `check` has its own.
[[nodiscard]] int run(const Command& command, const Context& context);

// There is no daemon to ask.
[[nodiscard]] int unreachable(const Command& command, const Options& options, const Error& error, const Output& output);

}  // namespace hcd::hcctl
