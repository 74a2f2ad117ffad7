// A child is this program again, told its role: fork, and exec of /proc/self/exe. The new image shares no memory layout
// with the parent, and holds the standard descriptors, its channel to the parent, and nothing else.
#pragma once
#include <string>
#include <vector>

#include <sys/types.h>

#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"
#include "hcd/proc/process.h"
#include "hcd/proc/role.h"

namespace hcd::proc {

struct SpawnOptions {
  std::string program = "hcd";  // the name in front of the role in ps: "hcd: hce"
  std::string image = "/proc/self/exe";
  std::vector<std::string> arguments = {};  // after "-P role"
  int standard_error = -1;                  // its descriptor 2; -1: the parent's
};

struct Child {
  pid_t pid = -1;
  UniqueFd pidfd;    // readable when the child has ended
  UniqueFd channel;  // the parent's end
};

[[nodiscard]] Result<Child> spawn(Role role, const SpawnOptions& options);

// Waits for a child whose pidfd is readable, and says how it ended: "exit status 1", "killed by signal 9".
struct Ending {
  bool clean = false;  // exit status 0
  int signal = 0;      // that ended it, or 0
  std::string text;
};
[[nodiscard]] Ending reap(const UniqueFd& pidfd);

}  // namespace hcd::proc
