// -e, -d, and the maps that a first -f needs: the packet programs without a daemon.
#pragma once
#include "tools/hcpfctl/answer.h"
#include "tools/hcpfctl/options.h"

namespace hcd::hcpfctl {

// Makes the maps and loads the programs; no packet meets them yet.
[[nodiscard]] Status make_maps(const Options& options, const fastpath::Sizes& sizes);
[[nodiscard]] Result<Answer> enable(const Options& options);
[[nodiscard]] Result<Answer> disable(const Options& options);  // rules and states stay
[[nodiscard]] bool enabled(const Options& options);

}  // namespace hcd::hcpfctl
