// hcmetrics needs none: it listens, and asks a socket that is open to everybody.
#pragma once
#include <string>

#include "fastpath/base/error.h"

namespace hcd::hcmetrics {

// Becomes that user where it is root, and gives up ever getting more, descriptors beyond some hundreds, and core dumps.
[[nodiscard]] Status drop_privileges(const std::string& user);

}  // namespace hcd::hcmetrics
