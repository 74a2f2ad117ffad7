#include "hcd/hce/report.h"

#include <fmt/format.h>

namespace hcd::hce {

ipc::HostStatus status_of(const Subject& subject, std::uint32_t generation) {
  const Verdict& last = subject.last;
  std::string detail = last.code != 0 ? std::to_string(last.code) : last.detail.substr(0, 128);
  return {.host = subject.id,
          .generation = generation,
          .state = subject.machine.state(),
          .reason = last.reason,
          .detail = std::move(detail),
          .latency = subject.latency,
          .up = subject.machine.up(),
          .total = subject.machine.total(),
          .retries = subject.machine.retries()};
}

std::string log_line(const Subject& subject, const Transition& change) {
  const Verdict& last = subject.last;
  const std::string code = last.code != 0 ? "," + std::to_string(last.code) : std::string();
  return fmt::format("host {}, check {} ({}ms,{}{}), state {} -> {}, availability {}", subject.name,
                     check_text(subject.plan->check), std::chrono::floor<Milliseconds>(subject.latency).count(),
                     ipc::reason_text(last.reason), code, state_text(change.from), state_text(change.to),
                     subject.machine.availability());
}

}  // namespace hcd::hce
