#include "hcd/hce/pace.h"

namespace hcd::hce {

Milliseconds interval_of(const Plan& plan, const HostMachine& machine) {
  const conf::Pace& pace = plan.pace;
  if (machine.changing() && pace.changing.count() > 0) return pace.changing;
  if (machine.state() == ipc::HostState::Down && pace.down.count() > 0) return pace.down;
  return plan.interval;
}

Status check_pace(const conf::Pace& pace, const conf::Judgement& judgement) {
  const auto is_count = [](std::uint16_t count) { return count <= conf::kCountMax; };
  const auto is_time = [](auto time) { return time.count() >= 0 && time <= conf::kIntervalMax; };
  const bool counts = judgement.rise > 0 && judgement.fall > 0 && is_count(judgement.rise) &&
                      is_count(judgement.fall) && is_count(judgement.flap) && is_count(judgement.passive);
  const bool times = is_time(pace.down) && is_time(pace.changing) && is_time(judgement.flap_within) &&
                     is_time(judgement.flap_hold) && is_time(judgement.passive_within);
  if (!counts || !times || pace.jitter > 50) return fail(Code::Invalid, "a count or a time is out of range");
  return {};
}

}  // namespace hcd::hce
