// The kinds of messages on a control socket, and how a request can end.
#pragma once
#include <cstdint>

namespace hcd::ctl {

enum class Type : std::uint32_t {
  Hello = 1,
  Show,
  Subscribe,
  Change,
  Reload,
  Stop,
  Checks,
  CheckNow,
  Confirm,
  Log,

  Welcome = 64,
  Answer,
  Begin,
  Rows,
  Gone,
  End,
  Event,
  Evidence,
  Checking,
  Checked,
  Numbers,
  Vitals,
  Beats,
  Outcome,
  Durations,
};

// Why a request was refused. hcctl's exit status is made of it.
enum class Verdict : std::uint8_t {
  Done,
  Refused,     // and the text says why
  Usage,       // not understood
  Version,     // no version in common
  Permission,  // a change on the read-only socket
  NotFound,
  Ambiguous,  // the text names the candidates
  TimedOut,
  Conflict,  // changed since the generation that the client saw
  Limit,     // too many clients, or too much asked before it was read
};
constexpr Verdict last_of(Verdict) {
  return Verdict::Limit;
}

}  // namespace hcd::ctl
