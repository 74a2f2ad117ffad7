// What is known of one host, and how a check's outcome changes it: pure, hoststated's rules.
//
// A failed check of a host that is up and has retries left is tolerated: it uses one up, and counts as up. A success
// refills them. A check that could not be run makes the host unknown, never down, and counts as no check.
#pragma once
#include <cstdint>
#include <string>

#include "hcd/hce/verdict.h"
#include "hcd/ipc/messages.h"

namespace hcd::hce {

struct Transition {
  ipc::HostState from, to;
  bool tolerated = false;
  [[nodiscard]] bool changed() const { return from != to; }
};

class HostMachine {
 public:
  explicit HostMachine(std::uint16_t retry) : allowed_(retry), left_(retry) {}

  Transition apply(Outcome outcome);
  void reset();  // disabled: nothing is known any more
  void restore(const ipc::HostSync& last);
  void allow(std::uint16_t retry);  // a new configuration's retries

  [[nodiscard]] ipc::HostState state() const { return state_; }
  [[nodiscard]] std::uint64_t up() const { return up_; }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::uint32_t retries() const { return retries_; }  // tolerated failures, in all
  [[nodiscard]] std::string availability() const;                   // "99.95%"; empty before the first check

 private:
  ipc::HostState state_ = ipc::HostState::Unknown;
  std::uint16_t allowed_, left_;
  std::uint32_t retries_ = 0;
  std::uint64_t up_ = 0, total_ = 0;
};

[[nodiscard]] std::string_view state_text(ipc::HostState state);  // "up", "down", "unknown"

}  // namespace hcd::hce
