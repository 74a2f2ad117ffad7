// The script check: the parent runs a program, as a user that can do nothing, and its exit status is the answer: above 0 the
// host is up, at 0 it is down, as hoststated has it.
//
// So many run at the same time, over all tables; the others queue. A check's time begins when its script does. Where a
// check had to queue, and its next turn comes before its end, it was not run: that says nothing about the host.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hcd/hce/kind.h"
#include "hcd/hce/probe.h"
#include "hcd/hce/wheel.h"
#include "hcd/ipc/channel.h"

namespace hcd::hce {

class ScriptProbe;

class ScriptPool {
 public:
  // Without a channel to the parent no script can be run.
  ScriptPool(ipc::Channel* parent, std::function<void(Probe&)> ready) : parent_(parent), ready_(std::move(ready)) {}

  [[nodiscard]] std::unique_ptr<Probe> make();
  void limit(std::size_t running);
  [[nodiscard]] Status on_result(const ipc::ScriptResult& result);  // an error: nobody asked for that

 private:
  friend ScriptProbe;
  struct Run {
    std::uint32_t id;
    ScriptProbe* probe;  // null: nobody waits for it any more
  };
  struct Place : Link {
    ScriptProbe* probe;
  };

  [[nodiscard]] bool can_run() const { return parent_ != nullptr; }
  bool enter(ScriptProbe& probe);  // false: it queues
  void leave(ScriptProbe& probe);
  void run(ScriptProbe& probe);
  void run_waiting();

  ipc::Channel* parent_;
  std::function<void(Probe&)> ready_;
  std::size_t limit_ = 1;
  std::uint32_t next_id_ = 0;
  std::vector<Run> runs_;
  Link waiting_;
};

class ScriptProbe final : public Probe {
 public:
  explicit ScriptProbe(ScriptPool& pool) : pool_(pool) { place_.probe = this; }

  [[nodiscard]] Step start(const Address& address, const Plan& plan) override;
  [[nodiscard]] Step ready() override;
  [[nodiscard]] Verdict timed_out() const override { return failed(ipc::Reason::ScriptFailed, "timeout"); }
  [[nodiscard]] Verdict overrun() const override;
  void reset() override { pool_.leave(*this); }
  [[nodiscard]] int fd() const override { return -1; }

 private:
  friend ScriptPool;
  ScriptPool& pool_;
  ScriptPool::Place place_;  // in the queue
  bool ended_ = false;
  ipc::ScriptResult result_;
};

[[nodiscard]] std::unique_ptr<Probe> make_script(Env& env);
[[nodiscard]] Status prepare_script(const conf::Check& check, Plan& plan);

}  // namespace hcd::hce
