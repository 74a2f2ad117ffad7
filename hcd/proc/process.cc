#include "hcd/proc/process.h"

#include <csignal>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hcd::proc {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (auto& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

// By number, here and below: Debian 12's sys/pidfd.h cannot be linked from C++.
Result<UniqueFd> hold(pid_t child) {
  UniqueFd pidfd(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  if (pidfd) return pidfd;
  const auto error = fail_errno("pidfd_open");
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return error;
}

void send_signal(const UniqueFd& pidfd, int number) {
  syscall(SYS_pidfd_send_signal, pidfd.get(), number, nullptr, 0);
}

}  // namespace hcd::proc
