// Children that exist as the far ends of their channels only; a test speaks for them.
#pragma once
#include <algorithm>
#include <deque>
#include <stdexcept>

#include <fcntl.h>

#include "hcd/parent/children.h"

namespace hcd::test {

// A child that exists as the far end of its channel only. Its pidfd is any descriptor: the loop is told when it ends.
struct FakeChild {
  proc::Role role;
  int pidfd, near;
  UniqueFd channel;
  bool killed = false;
};

class FakeSpawner final : public parent::Spawner {
 public:
  Result<proc::Child> spawn(proc::Role role) override {
    if (refuse) return fail(Code::Limit, "no more processes");
    auto pair = ipc::socket_pair();
    proc::Child child;
    child.pid = static_cast<pid_t>(1000 + born.size());
    child.pidfd.reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
    child.channel = std::move(pair->first);
    born.push_back({role, child.pidfd.get(), child.channel.get(), std::move(pair->second)});
    return child;
  }
  proc::Ending reap(const proc::Child&) override { return {.clean = false, .signal = 9, .text = "killed by signal 9"}; }
  void kill(const proc::Child& child) override { born[static_cast<std::size_t>(child.pid - 1000)].killed = true; }

  FakeChild& last(proc::Role role) {
    for (auto it = born.rbegin(); it != born.rend(); ++it)
      if (it->role == role) return *it;
    throw std::logic_error("no such child was born");
  }
  [[nodiscard]] std::size_t count(proc::Role role) const {
    return static_cast<std::size_t>(std::ranges::count(born, role, &FakeChild::role));
  }
  std::deque<FakeChild> born;
  bool refuse = false;
};

}  // namespace hcd::test
