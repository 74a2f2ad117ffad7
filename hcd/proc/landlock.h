// Landlock: the kernel refuses this process every file, and what it can of the network, whatever user it is.
#pragma once
#include "fastpath/base/error.h"

namespace hcd::proc {

// Files: all refused. TCP: bind is refused, connect only without `connect_out`. Abstract Unix sockets of others and
// signals to them: refused. Each as far as the kernel's version of Landlock goes; a kernel without it is no error,
// since a child has an empty root directory besides.
[[nodiscard]] Status deny_files(bool connect_out);

}  // namespace hcd::proc
