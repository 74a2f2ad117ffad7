// -F of what anchors hold, and of all.
#pragma once
#include "tools/hcpfctl/answer.h"
#include "tools/hcpfctl/options.h"
#include "tools/hcpfctl/writer.h"

namespace hcd::hcpfctl {

[[nodiscard]] Result<Answer> flush(const Options& options, Kernel kernel);

}  // namespace hcd::hcpfctl
