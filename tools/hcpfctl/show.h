// From what was asked and what is there to what is printed.
#pragma once
#include <string>

#include "tools/hcpfctl/options.h"
#include "tools/hcpfctl/snapshot.h"

namespace hcd::hcpfctl {

struct Answer {
  std::string out, err;
  int status = 0;  // 2: -T test missed
};

[[nodiscard]] Result<Answer> show(const Options& options, const Snapshot& snapshot);

}  // namespace hcd::hcpfctl
