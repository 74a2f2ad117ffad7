// Runs a program that is not ours, as an operator asked: as an unprivileged user or as root without a capability, in a
// session and process group of its own, with /dev/null or pipes of ours as its three descriptors and no other, with no environment but what is given, in the root
// directory, with bounds on what it takes and no way to privileges. What it leaves behind, wherever, is ended with it (keeper.h).
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "fastpath/base/clock.h"
#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"
#include "hcd/proc/confine.h"
#include "hcd/proc/keeper.h"

namespace hcd::proc {

struct LaunchOptions {
  std::string path;
  std::vector<std::string> arguments;                  // after the path
  std::vector<std::string> environment;                // "NAME=value"
  std::optional<User> user;                            // none: stays who we are
  unsigned processes = 256;                            // of that user, in all; unbounded where it is who we are
  Seconds cpu{60};                                     // of each process
  std::optional<std::array<int, 3>> descriptors = {};  // that become its standard ones; its keeper holds them as long
};

struct Launched {
  pid_t pid = -1;  // of its keeper
  UniqueFd pidfd;  // readable when it has ended, and all that it left
  UniqueFd report;
};
[[nodiscard]] Result<Launched> launch(const LaunchOptions& options);

void end(const Launched& program);  // harmless when it has ended

[[nodiscard]] Outcome finish(const Launched& program);  // of a program whose pidfd is readable, once

}  // namespace hcd::proc
