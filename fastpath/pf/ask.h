// One run of pfctl that must succeed: what it printed, or the error with what it said of its own.
#pragma once
#include "fastpath/pf/pfctl.h"

namespace hcd::fastpath::pf {

[[nodiscard]] Result<PfctlOutput> run(Pfctl& pfctl, const std::vector<std::string>& arguments,
                                      const std::string& input = "");
[[nodiscard]] Result<std::string> ask(Pfctl& pfctl, const std::vector<std::string>& arguments,
                                      const std::string& input = "");  // its standard output alone

}  // namespace hcd::fastpath::pf
