// What changes something: states are ended. Rules and tables are the daemon's alone.
#pragma once
#include "fastpath/bpf/maps.h"
#include "tools/hcpfctl/show.h"

namespace hcd::hcpfctl {

// -F and -k, on maps that are mapped for writing; the answer says what was done, on the standard error as pfctl does.
[[nodiscard]] Answer act(const Options& options, const fastpath::Maps& maps, const Clock& clock);

}  // namespace hcd::hcpfctl
