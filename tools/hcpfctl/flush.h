// -F and -z: takes away rules, tables, states and counters.
#pragma once
#include "tools/hcpfctl/answer.h"
#include "tools/hcpfctl/options.h"
#include "tools/hcpfctl/writer.h"

namespace hcd::hcpfctl {

[[nodiscard]] Result<Answer> flush(const Options& options, Kernel kernel);
[[nodiscard]] Result<Answer> zero_rules(const Options& options, Kernel kernel);

}  // namespace hcd::hcpfctl
