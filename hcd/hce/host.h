// What is known of one host, and how results change it: pure.
//
//   - The first result decides. From then on a host that is down comes up after `rise` passed checks in a row. One that is
//     up uses a retry for each failed check while it has any, as hoststated has it, and goes down after `fall` more in a
//     row: with neither given, at once. A success refills the retries and begins the counts anew.
//   - A failure that is tolerated counts as up. A check that could not be run makes the host unknown, never down; it
//     counts as no check, and the next result goes on from what was known before.
//   - Failures told from outside, `passive` of them within a time, take a host that is up down until a check passes.
//   - A host whose state changes more than `flap` times within a time is held down. Its changes are counted on all the
//     while, and the first result `flap_hold` after the last of them releases it to the state that it has then.
//   - A host with a parent has its parent's state.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "fastpath/base/clock.h"
#include "hcd/conf/judgement.h"
#include "hcd/hce/verdict.h"
#include "hcd/ipc/messages.h"

namespace hcd::hce {

struct Transition {
  ipc::HostState from, to;
  bool tolerated = false;
  bool held = false, released = false;  // for flapping, by this result
  bool remembered = false;              // its memory is another one now
  [[nodiscard]] bool changed() const { return from != to; }
};

class HostMachine {
 public:
  explicit HostMachine(std::uint16_t retry) : allowed_(retry) {}

  Transition apply(Outcome outcome, const conf::Judgement& rules = {}, TimePoint now = {});
  Transition accuse(const conf::Judgement& rules, TimePoint now);  // a failure told from outside
  Transition follow(const HostMachine& parent);
  void reset();  // disabled: nothing is known any more
  void restore(const ipc::HostSync& last);
  void allow(std::uint16_t retry);  // a new configuration's retries

  [[nodiscard]] ipc::HostState state() const;
  [[nodiscard]] bool changing() const;  // results that may change its state are being counted
  [[nodiscard]] std::uint64_t up() const { return up_; }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::uint32_t retries() const { return retries_; }  // tolerated failures, in all
  [[nodiscard]] const ipc::HostMemory& memory() const { return memory_; }
  [[nodiscard]] std::string availability() const;  // "99.95%"; empty before the first check

 private:
  bool fail(std::uint16_t fall);  // true: tolerated
  void pass(std::uint16_t rise);
  void note(ipc::HostState effective_before, bool good_before, const conf::Judgement& rules, TimePoint now);
  void forgive(const conf::Judgement& rules, TimePoint now);
  [[nodiscard]] auto mark() const;                 // two that differ: the memory has changed between them
  [[nodiscard]] ipc::HostState effective() const;  // but for a check that could not be run
  [[nodiscard]] bool good() const { return memory_.settled == ipc::HostState::Up && !memory_.struck; }

  ipc::HostMemory memory_;
  bool unrun_ = false;
  std::uint16_t allowed_;
  std::uint32_t retries_ = 0;
  std::uint64_t up_ = 0, total_ = 0;
  std::vector<Duration> accusations_;
};

}  // namespace hcd::hce
