// One request from beginning to end, in pfctl's order: disable, show, flush, kill, tables, load, enable.
#pragma once
#include "tools/hcpfctl/answer.h"
#include "tools/hcpfctl/options.h"

namespace hcd::hcpfctl {

// What was done before an error stays in `answer`.
[[nodiscard]] Status run(const Options& options, const Clock& clock, Answer& answer);

}  // namespace hcd::hcpfctl
