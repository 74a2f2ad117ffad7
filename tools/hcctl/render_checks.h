// What hcctl prints of checks: what is remembered of them, and those that were asked for at once.
#pragma once
#include <string>

#include "hcd/ctl/protocol.h"

namespace hcd::hcctl {

// Of each table how long its checks take, with a histogram; of each host its last checks and changes of state, the oldest
// first, and when its certificate ends, as seen at `now_ms`. Times are local.
[[nodiscard]] std::string checks(const ctl::Evidence& evidence, std::int64_t now_ms);

// "up         0.31 ms  webhosts:80/10.1.1.100   http code ok (200)"
[[nodiscard]] std::string checked_line(const ctl::Checked& checked);

}  // namespace hcd::hcctl
