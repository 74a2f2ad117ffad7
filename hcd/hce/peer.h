// Prepares the checks that speak a server's own protocol.
#pragma once
#include "hcd/hce/plan.h"

namespace hcd::hce {

// Refuses what could not have been configured: words too long for the checks' buffers, controls in what is sent as lines.
[[nodiscard]] Status prepare_peer(const conf::Check& check, Plan& plan);

}  // namespace hcd::hce
