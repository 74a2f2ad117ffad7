// What the words behind -T mean, and whether the options fit together.
#pragma once
#include <string>
#include <vector>

#include "tools/hcpfctl/options.h"

namespace hcd::hcpfctl {

// The words on the command line, then those of the file given by -f.
[[nodiscard]] Status set_entries(Options& options, std::vector<std::string> words, const Files& files);
[[nodiscard]] Status check_options(const Options& options);

}  // namespace hcd::hcpfctl
