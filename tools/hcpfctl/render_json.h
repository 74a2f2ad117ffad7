// The same as one JSON document. "schema" is raised when a member changes its meaning or goes; new members may come.
#pragma once
#include <string>

#include "tools/hcpfctl/options.h"
#include "tools/hcpfctl/snapshot.h"

namespace hcd::hcpfctl {

[[nodiscard]] std::string json_text(const Options& options, const Snapshot& snapshot);  // of -s
[[nodiscard]] std::string json_text(const TableLine& table);                            // of -T show

}  // namespace hcd::hcpfctl
