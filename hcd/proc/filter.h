// The system call filter of a role.
#pragma once
#include "fastpath/base/error.h"
#include "hcd/proc/role.h"

namespace hcd::proc {

// Loads the filter; needs no_new_privs. From then on
//   - the calls of every child and those of the role work, some with certain arguments only;
//   - opening a file and making a Unix socket fail with EACCES: libraries try (time zones, a lost syslog) and live
//   without;
//   - any other call writes "NAME: system call N is not allowed" to the standard error and ends the process by SIGSYS.
// A role that runs programs, whose calls nobody here can list, loses those alone that change the machine or look into other
// processes, and those by which one is reached over the network: they fail with EPERM, in what it runs too.
[[nodiscard]] Status filter_calls(const RoleInfo& role);

}  // namespace hcd::proc
