// What is said of a check that ended: to the packet filter engine, and in the log.
#pragma once
#include <string>

#include "hcd/hce/subject.h"
#include "hcd/ipc/messages.h"

namespace hcd::hce {

[[nodiscard]] ipc::HostStatus status_of(const Subject& subject, std::uint32_t generation);

// "host 10.0.0.1, check http code (3ms,http code ok,200), state unknown -> up, availability 100.00%"
[[nodiscard]] std::string log_line(const Subject& subject, const Transition& change);

}  // namespace hcd::hce
