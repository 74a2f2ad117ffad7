// How often a host is checked, given what is known of it; and whether a table's times and counts make sense.
#pragma once
#include "fastpath/base/error.h"
#include "hcd/hce/host.h"
#include "hcd/hce/plan.h"

namespace hcd::hce {

[[nodiscard]] Milliseconds interval_of(const Plan& plan, const HostMachine& machine);

// Refuses what no configuration that was validated can hold.
[[nodiscard]] Status check_pace(const conf::Pace& pace, const conf::Judgement& judgement);

}  // namespace hcd::hce
