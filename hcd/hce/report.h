// What is said of a check that ended: to the packet filter engine, and in the log.
#pragma once
#include <string>

#include "hcd/hce/subject.h"
#include "hcd/ipc/messages.h"

namespace hcd::hce {

[[nodiscard]] ipc::HostStatus status_of(const Subject& subject, std::uint32_t generation, bool asked = false);

// "host 10.0.0.1, check http code (3ms,http code ok,200), state unknown -> up, availability 100.00%"
// "host 10.0.0.1, passive fail 5 in 10s (3ms,tcp read failed), state up -> down, availability 100.00%"
[[nodiscard]] std::string log_line(const Subject& subject, const Transition& change);

// Of a host that flaps since this result, or no more:
// "host 10.0.0.1, flapping 5x in 10m, held down until 30s without a change"
[[nodiscard]] std::string hold_line(const Subject& subject, const Transition& change);
[[nodiscard]] std::string flap_text(const Subject& subject);           // "5x in 10m"
[[nodiscard]] std::string passive_text(const conf::Judgement& rules);  // "passive fail 5 in 10s"

}  // namespace hcd::hce
