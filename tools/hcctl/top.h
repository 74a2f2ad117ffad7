// `hcctl top`: gives way to hctop, on the same socket.
#pragma once
#include "fastpath/base/error.h"
#include "tools/hcctl/options.h"

namespace hcd::hcctl {

[[nodiscard]] Error start_top(const Options& options);  // returns only when it fails

}  // namespace hcd::hcctl
