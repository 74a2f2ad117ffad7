// Runs a program that is not ours, as an operator asked: as an unprivileged user, in a session and process group of its
// own, with /dev/null as its three descriptors and no other, with no environment but what is given, in the root
// directory, with bounds on what it takes and no way to privileges. What it leaves behind in its group is ended with it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "fastpath/base/clock.h"
#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"
#include "hcd/proc/confine.h"

namespace hcd::proc {

struct LaunchOptions {
  std::string path;
  std::vector<std::string> arguments;    // after the path
  std::vector<std::string> environment;  // "NAME=value"
  std::optional<User> user;              // none: stays who we are
  unsigned processes = 256;              // of that user, in all; unbounded where it is who we are
  Seconds cpu{60};                       // of each process
};

struct Launched {
  pid_t pid = -1;
  UniqueFd pidfd;  // readable when it has ended
  UniqueFd trouble;
};
[[nodiscard]] Result<Launched> launch(const LaunchOptions& options);

void kill_group(const Launched& program);  // harmless when it has ended, but is not finished

// Of a program whose pidfd is readable, once: ends its group, and tells how it ended itself.
struct Outcome {
  enum class How : std::uint8_t {
    Exited,  // value: its exit status
    Killed,  // value: the signal
    NotRun,  // value: errno
  };
  How how = How::NotRun;
  int value = 0;
};
[[nodiscard]] Outcome finish(const Launched& program);

}  // namespace hcd::proc
