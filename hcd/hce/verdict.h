// How one check ended.
#pragma once
#include <cstdint>
#include <string>

#include "hcd/ipc/messages.h"
#include "hcd/tls/stream.h"

namespace hcd::hce {

enum class Outcome : std::uint8_t {
  Passed,
  Failed,
  Unrun,  // this machine could not run it (no descriptor, no memory, no port): says nothing about the host
};

struct Verdict {
  Outcome outcome = Outcome::Unrun;
  ipc::Reason reason = ipc::Reason::None;
  std::uint16_t code = 0;  // the status an HTTP server gave; 0: none
  std::string detail;      // for people: "ECONNREFUSED"; printable, at most 128 bytes
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

[[nodiscard]] inline Verdict passed(ipc::Reason reason) {
  return {.outcome = Outcome::Passed, .reason = reason, .code = 0, .detail = {}};
}
[[nodiscard]] inline Verdict failed(ipc::Reason reason, std::string detail = {}) {
  return {.outcome = Outcome::Failed, .reason = reason, .code = 0, .detail = std::move(detail)};
}
[[nodiscard]] inline Verdict unrun(std::string detail) {
  return {.outcome = Outcome::Unrun, .reason = ipc::Reason::NoResources, .code = 0, .detail = std::move(detail)};
}
// A failed system call: `reason`, unless the errno says that this machine lacks something.
[[nodiscard]] Verdict failed_call(ipc::Reason reason, int sys);
// The same of a stream whose last call Failed: every probe judges its reads and writes by this.
[[nodiscard]] Verdict failed_io(ipc::Reason reason, const tls::Stream& stream);

}  // namespace hcd::hce
