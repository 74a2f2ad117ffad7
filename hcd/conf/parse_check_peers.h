// The words of a `check` line whose protocols are servers' own, and how they are written back.
#pragma once
#include <span>
#include <string>

#include "hcd/conf/config.h"
#include "hcd/conf/parser.h"

namespace hcd::conf {

[[nodiscard]] std::span<const Keyword<Check>> peer_checks();
[[nodiscard]] std::string peer_check_text(const Check& check);  // up to `tls` or `starttls`

}  // namespace hcd::conf
