#include "hcd/hce/host.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace hcd::hce {
namespace {

using ipc::HostState;

void drop_before(std::vector<Duration>& times, Duration oldest) {
  std::erase_if(times, [oldest](Duration time) { return time <= oldest; });
}

}  // namespace

// A change that is added to a full `changes` alters `settled` or `struck` as well.
auto HostMachine::mark() const {
  const auto& m = memory_;
  return std::tuple(m.settled, m.held, m.struck, m.run, m.used, m.since, m.changes.size());
}

Transition HostMachine::apply(Outcome outcome, const conf::Judgement& rules, TimePoint now) {
  Transition change{.from = state(), .to = HostState::Unknown};
  const HostState before = effective();
  const auto marked = mark();
  const bool was_good = good(), was_known = memory_.settled != HostState::Unknown, was_held = memory_.held;
  unrun_ = outcome == Outcome::Unrun;
  if (outcome == Outcome::Passed) pass(rules.rise);
  const bool spared = outcome == Outcome::Failed && fail(rules.fall);
  forgive(rules, now);
  note(before, was_known ? was_good : good(), rules, now);
  change.to = state();
  change.tolerated = spared && change.to == HostState::Up;
  change.held = memory_.held && !was_held;
  change.released = was_held && !memory_.held;
  change.remembered = mark() != marked;
  if (unrun_) return change;
  retries_ += change.tolerated ? 1 : 0;
  total_++;
  up_ += change.to == HostState::Up ? 1 : 0;
  return change;
}

void HostMachine::pass(std::uint16_t rise) {
  memory_.used = 0;
  memory_.struck = false;
  if (memory_.settled == HostState::Down && ++memory_.run < rise) return;
  memory_.settled = HostState::Up;
  memory_.run = 0;
}

bool HostMachine::fail(std::uint16_t fall) {
  if (memory_.settled == HostState::Up) {
    if (memory_.used < allowed_) return memory_.used++, true;
    if (++memory_.run < fall) return true;
  }
  memory_.settled = HostState::Down;
  memory_.run = 0;
  return false;
}

// Held no longer: it has not changed for long enough, or is not to be held by the rules that are in force now.
void HostMachine::forgive(const conf::Judgement& rules, TimePoint now) {
  auto& changes = memory_.changes;
  if (rules.flap == 0) changes.clear();
  if (changes.empty() || now.time_since_epoch() - changes.back() >= rules.flap_hold) memory_.held = false;
}

void HostMachine::note(HostState effective_before, bool good_before, const conf::Judgement& rules, TimePoint now) {
  const Duration time = now.time_since_epoch();
  auto& changes = memory_.changes;
  if (good() != good_before && rules.flap > 0) {
    drop_before(changes, time - rules.flap_within);
    if (changes.size() == ipc::HostMemory::kChangesMax) changes.erase(changes.begin());
    changes.push_back(time);
    memory_.held |= changes.size() > rules.flap;
  }
  if (effective() != effective_before) memory_.since = time;
}

Transition HostMachine::accuse(const conf::Judgement& rules, TimePoint now) {
  Transition change{.from = state(), .to = state()};
  if (rules.passive == 0 || change.from != HostState::Up) return change;
  const Duration time = now.time_since_epoch();
  drop_before(accusations_, time - rules.passive_within);
  accusations_.push_back(time);
  if (accusations_.size() < rules.passive) return change;
  accusations_.clear();
  const HostState before = effective();
  memory_.struck = true;
  note(before, true, rules, now);
  change.held = memory_.held;
  change.remembered = true;
  change.to = state();
  return change;
}

Transition HostMachine::follow(const HostMachine& parent) {
  Transition change{.from = state(), .to = parent.state()};
  change.held = parent.memory_.held && !memory_.held;
  change.released = memory_.held && !parent.memory_.held;
  change.remembered = memory_ != parent.memory_;
  if (change.remembered) memory_ = parent.memory_;
  unrun_ = parent.unrun_;
  if (unrun_) return change;
  total_++;
  up_ += change.to == HostState::Up ? 1 : 0;
  return change;
}

HostState HostMachine::effective() const {
  if (memory_.settled == HostState::Unknown) return HostState::Unknown;
  return good() && !memory_.held ? HostState::Up : HostState::Down;
}

HostState HostMachine::state() const {
  return unrun_ && !memory_.held && !memory_.struck ? HostState::Unknown : effective();
}

bool HostMachine::changing() const {
  return memory_.run > 0 || (memory_.used > 0 && memory_.settled == HostState::Up);
}

void HostMachine::reset() {
  *this = HostMachine(allowed_);
}

void HostMachine::restore(const ipc::HostSync& last) {
  memory_ = last.memory;
  if (memory_.changes.size() > ipc::HostMemory::kChangesMax) memory_.changes.resize(ipc::HostMemory::kChangesMax);
  if (memory_.settled == HostState::Unknown) memory_.settled = last.state;
  unrun_ = last.state == HostState::Unknown;
  total_ = last.total;
  up_ = std::min(last.up, last.total);
  retries_ = last.retries;
}

void HostMachine::allow(std::uint16_t retry) {
  allowed_ = retry;
}

std::string HostMachine::availability() const {
  if (total_ == 0) return {};
  return fmt::format("{:.2f}%", static_cast<double>(up_) / static_cast<double>(total_) * 100);
}

}  // namespace hcd::hce
