// Programs that exist as what was asked for only; a test says how they end.
#pragma once
#include <deque>

#include <fcntl.h>

#include "hcd/parent/scripts.h"
#include "tests/fake/fake_loop.h"

namespace hcd::test {

class FakeLauncher final : public parent::Launcher {
 public:
  struct Program {
    proc::LaunchOptions options;
    int pidfd = -1;
    bool killed = false, finished = false;
    proc::Outcome outcome;
  };

  Result<proc::Launched> launch(const proc::LaunchOptions& options) override {
    if (refuse != 0) return fail_errno("fork", refuse);
    proc::Launched program;
    program.pid = static_cast<pid_t>(programs.size());
    program.pidfd.reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
    programs.push_back({.options = options, .pidfd = program.pidfd.get()});
    return program;
  }
  void kill(const proc::Launched& program) override { of(program).killed = true; }
  proc::Outcome finish(const proc::Launched& program) override {
    of(program).finished = true;
    return of(program).outcome;
  }

  void ends(FakeLoop& loop, std::size_t index, int value, proc::Outcome::How how = proc::Outcome::How::Exited) {
    programs[index].outcome = {.how = how, .value = value};
    loop.ready(programs[index].pidfd, {.read = true});
  }
  std::deque<Program> programs;
  int refuse = 0;

 private:
  Program& of(const proc::Launched& program) { return programs[static_cast<std::size_t>(program.pid)]; }
};

}  // namespace hcd::test
