#include "hcd/hce/host.h"

#include <algorithm>

#include <fmt/format.h>

namespace hcd::hce {

using ipc::HostState;

Transition HostMachine::apply(Outcome outcome) {
  Transition change{.from = state_, .to = HostState::Up};
  if (outcome == Outcome::Passed) {
    left_ = allowed_;
  } else if (outcome == Outcome::Unrun) {
    change.to = HostState::Unknown;
  } else if (state_ == HostState::Up && left_ > 0) {
    left_--;
    retries_++;
    change.tolerated = true;
  } else {
    change.to = HostState::Down;
  }
  state_ = change.to;
  if (outcome != Outcome::Unrun) {
    total_++;
    up_ += state_ == HostState::Up ? 1 : 0;
  }
  return change;
}

void HostMachine::reset() {
  *this = HostMachine(allowed_);
}

void HostMachine::restore(const ipc::HostSync& last) {
  state_ = last.state;
  total_ = last.total;
  up_ = std::min(last.up, last.total);
  retries_ = last.retries;
}

void HostMachine::allow(std::uint16_t retry) {
  const int used = allowed_ - left_;
  allowed_ = retry;
  left_ = static_cast<std::uint16_t>(std::max(retry - used, 0));
}

std::string HostMachine::availability() const {
  if (total_ == 0) return {};
  return fmt::format("{:.2f}%", static_cast<double>(up_) / static_cast<double>(total_) * 100);
}

std::string_view state_text(HostState state) {
  return state == HostState::Up ? "up" : state == HostState::Down ? "down" : "unknown";
}

}  // namespace hcd::hce
