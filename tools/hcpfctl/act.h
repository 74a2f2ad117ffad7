// -k and -F states: ends states, beside a running daemon too.
#pragma once
#include "fastpath/bpf/maps.h"
#include "tools/hcpfctl/answer.h"
#include "tools/hcpfctl/options.h"

namespace hcd::hcpfctl {

// On maps that are mapped for writing; the answer says what was done, on the standard error as pfctl does.
[[nodiscard]] Answer act(const Options& options, const fastpath::Maps& maps, const Clock& clock);
[[nodiscard]] Answer end_all_states(const fastpath::Maps& maps, const Clock& clock);

}  // namespace hcd::hcpfctl
