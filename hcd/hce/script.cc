#include "hcd/hce/script.h"

#include <algorithm>

#include "fastpath/base/text.h"
#include "hcd/hce/subject.h"
#include "hcd/ipc/messages.h"

namespace hcd::hce {

using ipc::Reason;
using ipc::ScriptEnd;

namespace {

Verdict verdict_of(const ipc::ScriptResult& result) {
  switch (result.end) {
    case ScriptEnd::Exited: break;
    case ScriptEnd::Killed: return failed(Reason::ScriptFailed, "killed by signal " + std::to_string(result.value));
    case ScriptEnd::TimedOut: return failed(Reason::ScriptFailed, "timeout");
    case ScriptEnd::NotRun: return unrun(printable(result.why, 100));
  }
  if (result.value == 0) return failed(Reason::ScriptFailed, "exit status 0");
  Verdict verdict = passed(Reason::ScriptOk);
  verdict.code = result.value;
  return verdict;
}

}  // namespace

std::unique_ptr<Probe> ScriptPool::make() {
  return std::make_unique<ScriptProbe>(*this);
}

void ScriptPool::limit(std::size_t running) {
  limit_ = std::max<std::size_t>(running, 1);
  runs_.reserve(limit_);
  run_waiting();
}

bool ScriptPool::enter(ScriptProbe& probe) {
  if (runs_.size() < limit_ && !waiting_.linked()) return run(probe), true;
  waiting_.push_back(probe.place_);
  return false;
}

void ScriptPool::run(ScriptProbe& probe) {
  runs_.push_back({++next_id_, &probe});
  parent_->send(ipc::ScriptRun{.run = next_id_, .host = probe.subject->id});
}

// The place is free when the result comes, and not before: what was stopped takes its time to end.
void ScriptPool::leave(ScriptProbe& probe) {
  probe.place_.unlink();
  const auto run = std::ranges::find(runs_, &probe, &Run::probe);
  if (run == runs_.end()) return;
  run->probe = nullptr;
  parent_->send(ipc::ScriptStop{run->id});
}

Status ScriptPool::on_result(const ipc::ScriptResult& result) {
  const auto run = std::ranges::find(runs_, result.run, &Run::id);
  if (run == runs_.end()) return fail(Code::Protocol, "the result of a script that was not asked for");
  ScriptProbe* probe = run->probe;
  *run = runs_.back();
  runs_.pop_back();
  if (probe != nullptr) {
    probe->ended_ = true;
    probe->result_ = result;
    ready_(*probe);
  }
  run_waiting();
  return {};
}

void ScriptPool::run_waiting() {
  while (runs_.size() < limit_ && waiting_.linked()) {
    ScriptProbe& probe = *static_cast<Place&>(*waiting_.next).probe;
    probe.place_.unlink();
    run(probe);
    ready_(probe);  // its time begins
  }
}

Step ScriptProbe::start(const Address&, const Plan&) {
  ended_ = false;
  if (!pool_.can_run()) return done(unrun("no parent"));
  return pool_.enter(*this) ? Step::WaitRead : Step::Queued;
}

Step ScriptProbe::ready() {
  return ended_ ? done(verdict_of(result_)) : Step::WaitRead;
}

Verdict ScriptProbe::overrun() const {
  return queued ? unrun("script limit") : Probe::overrun();
}

std::unique_ptr<Probe> make_script(Env& env) {
  return env.scripts.make();
}

Status prepare_script(const conf::Check& check, Plan&) {
  if (!check.script.path.starts_with('/')) return fail(Code::Invalid, "the script has no whole path");
  return {};
}

}  // namespace hcd::hce
