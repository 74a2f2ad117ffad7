// Hosts whose state is another host's: `parent`.
#pragma once
#include <map>
#include <optional>

#include "fastpath/base/error.h"
#include "hcd/conf/config.h"

namespace hcd::conf {

using Parents = std::map<Id, std::optional<Id>>;  // of every host

// Each parent is a host, and none is its own, by whatever way.
[[nodiscard]] Status check_parents(const Parents& parents);

}  // namespace hcd::conf
