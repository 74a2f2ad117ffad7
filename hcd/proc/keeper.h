// Stays beside a program that is not ours until it has ended, and ends what it left behind: also what has left its process
// group and its session, or was made by processes that are gone. All that descends from the program stays below the keeper
// (PR_SET_CHILD_SUBREAPER), which is why there is one for each.
#pragma once
#include <functional>

#include <sys/types.h>

namespace hcd::proc {

// How a program ended, or why it did not begin: told once through a pipe, by whoever knows it first.
struct Outcome {
  enum class How : int {
    Exited,  // value: its exit status
    Killed,  // value: the signal
    NotRun,  // value: errno
  };
  How how = How::NotRun;
  int value = 0;
};

// In a child of the daemon's that has every signal blocked: `begin` forks the program. SIGTERM, which comes from the daemon or
// by its death, ends the program at once.
[[noreturn]] void keep(pid_t daemon, int report, const std::function<pid_t()>& begin);

}  // namespace hcd::proc
