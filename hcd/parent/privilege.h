// What the daemon must hold to do its work, said before anything is begun.
#pragma once
#include "fastpath/base/error.h"
#include "hcd/conf/config.h"

namespace hcd::parent {

// Root, or CAP_BPF and CAP_NET_ADMIN; root alone for pf, nothing for an engine that only remembers.
[[nodiscard]] Status check_privilege(const conf::Config& config);

// Where we are root: the user that scripts of checks run as.
[[nodiscard]] Status check_script_user();

// The users that a daemon started as root gives the children that it needs.
[[nodiscard]] Status check_users(const conf::Config& config);

}  // namespace hcd::parent
