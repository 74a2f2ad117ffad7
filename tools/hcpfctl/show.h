// From what was asked and what is there to what is printed.
#pragma once
#include "tools/hcpfctl/answer.h"
#include "tools/hcpfctl/options.h"
#include "tools/hcpfctl/snapshot.h"

namespace hcd::hcpfctl {

[[nodiscard]] Result<Answer> show(const Options& options, const Snapshot& snapshot);

}  // namespace hcd::hcpfctl
