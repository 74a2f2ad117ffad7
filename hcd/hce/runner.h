// Runs the checks of all hosts: starts a probe at a host's turn, drives it as its descriptor gets ready, ends it at its
// deadline, and hands out the verdicts.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <vector>

#include "hcd/event/loop.h"
#include "hcd/hce/icmp.h"
#include "hcd/hce/kind.h"
#include "hcd/hce/poller.h"
#include "hcd/hce/scheduler.h"
#include "hcd/hce/script.h"
#include "hcd/hce/subject.h"

namespace hcd::hce {

class Runner final : private Scheduler::Client {
 public:
  using Checked = std::function<void(Subject&, const Verdict&, Duration latency)>;

  // `parent` runs the scripts.
  Runner(event::Loop& loop, IcmpSockets sockets, Scheduler::Limits limits, Checked checked,
         ipc::Channel* parent = nullptr);
  ~Runner() override;

  void watch(Subject& subject);      // from now on, beginning as soon as may be
  void keep_pace(Subject& subject);  // its state may have changed, and its interval with it
  void check_now(Subject& subject);  // as soon as may be, beside its turns: after the check in flight, if there is one
  void forget(Subject& subject);     // a check in flight is dropped without a verdict
  [[nodiscard]] ScriptPool& scripts() { return scripts_; }

 private:
  using Pool = std::vector<std::unique_ptr<Probe>>;  // those not in use

  void begin(Turn& turn) override;
  void overrun(Turn& turn) override;
  void starved(Turn& turn) override;
  void expired(Deadline& deadline) override;

  void go_on(Probe& probe, Step step);
  void conclude(Probe& probe, const Verdict& verdict);
  static void note_certificate(const Probe& probe);
  std::unique_ptr<Probe> acquire(conf::CheckType type);
  void release(Subject& subject);

  event::Loop& loop_;
  Checked checked_;
  Poller poller_;
  IcmpPool icmp_;
  ScriptPool scripts_;
  Env env_;
  Scheduler scheduler_;
  const std::size_t keep_;  // descriptors of probes that rest
  std::size_t kept_ = 0;
  std::array<Pool, static_cast<std::size_t>(last_of(conf::CheckType{})) + 1> pools_;
};

// How many checks may hold a descriptor at the same time: what the limit leaves when the process has what it needs itself.
[[nodiscard]] std::size_t descriptors_for_checks();

}  // namespace hcd::hce
