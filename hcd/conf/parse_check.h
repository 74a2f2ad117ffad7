// The rest of a `check` line, in either vocabulary.
#pragma once
#include <optional>

#include "hcd/conf/config.h"
#include "hcd/conf/parser.h"

namespace hcd::conf {

[[nodiscard]] std::optional<Check> parse_check_line(Parser& p);

}  // namespace hcd::conf
