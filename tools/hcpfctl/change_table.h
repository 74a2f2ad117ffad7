// -T add, delete, replace, zero, expire, flush and kill.
#pragma once
#include "tools/hcpfctl/answer.h"
#include "tools/hcpfctl/options.h"
#include "tools/hcpfctl/writer.h"

namespace hcd::hcpfctl {

[[nodiscard]] Result<Answer> change_table(const Options& options, Kernel kernel);

}  // namespace hcd::hcpfctl
