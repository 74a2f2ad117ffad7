#include "hcd/hce/report.h"

#include <fmt/format.h>

#include "hcd/conf/duration.h"

namespace hcd::hce {

namespace {

constexpr std::size_t kDetailMax = 128;

std::string detail_text(const Verdict& last) {
  if (last.code == 0) return last.detail.substr(0, kDetailMax);
  if (last.detail.empty()) return std::to_string(last.code);
  return fmt::format("{} {}", last.code, last.detail).substr(0, kDetailMax);
}

}  // namespace

ipc::HostStatus status_of(const Subject& subject, std::uint32_t generation, bool asked) {
  const Verdict& last = subject.last;
  const bool held = subject.machine.memory().held;
  std::string detail = held ? flap_text(subject) : detail_text(last);
  return {.host = subject.id,
          .generation = generation,
          .state = subject.machine.state(),
          .reason = held ? ipc::Reason::Flapping : last.reason,
          .detail = std::move(detail),
          .latency = subject.latency,
          .up = subject.machine.up(),
          .total = subject.machine.total(),
          .retries = subject.machine.retries(),
          .code = last.code,
          .asked = asked,
          .memory = subject.machine.memory()};
}

std::string flap_text(const Subject& subject) {
  return fmt::format("{}x in {}", subject.machine.memory().changes.size(),
                     conf::brief_text(subject.plan->judgement.flap_within));
}

std::string passive_text(const conf::Judgement& rules) {
  return fmt::format("passive fail {} in {}", rules.passive, conf::brief_text(rules.passive_within));
}

std::string hold_line(const Subject& subject, const Transition& change) {
  if (change.released) return fmt::format("host {}, flapping no more, state {}", subject.name, state_text(change.to));
  return fmt::format("host {}, flapping {}, held down until {} without a change", subject.name, flap_text(subject),
                     conf::brief_text(subject.plan->judgement.flap_hold));
}

std::string log_line(const Subject& subject, const Transition& change) {
  const Verdict& last = subject.last;
  const std::string code = last.code != 0 ? "," + std::to_string(last.code) : std::string();
  const std::string what = subject.accused ? last.detail : "check " + check_text(subject.plan->check);
  return fmt::format("host {}, {} ({}ms,{}{}), state {} -> {}, availability {}", subject.name, what,
                     std::chrono::floor<Milliseconds>(subject.latency).count(), ipc::reason_text(last.reason), code,
                     state_text(change.from), state_text(change.to), subject.machine.availability());
}

}  // namespace hcd::hce
