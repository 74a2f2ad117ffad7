#include "hcd/parent/background.h"

#include <cstdlib>

#include <fcntl.h>
#include <sys/wait.h>

namespace hcd::parent {
namespace {

// In the process that was started: its status is the daemon's.
[[noreturn]] void wait_for(pid_t daemon, const UniqueFd& up) {
  char byte = 0;
  if (read(up.get(), &byte, 1) == 1) _exit(EXIT_SUCCESS);
  int status = 0;
  waitpid(daemon, &status, 0);
  _exit(WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : EXIT_FAILURE);
}

}  // namespace

Result<Background> Background::enter() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) return fail_errno("go to the background: pipe");
  const UniqueFd read_end(fds[0]);
  Background background;
  background.up_.reset(fds[1]);
  const pid_t pid = fork();
  if (pid < 0) return fail_errno("go to the background: fork");
  if (pid > 0) {
    background.up_.reset();
    wait_for(pid, read_end);
  }
  if (setsid() < 0) return fail_errno("go to the background: setsid");
  return background;
}

Status Background::up() {
  const UniqueFd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail_errno("open /dev/null");
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (dup2(null.get(), fd) < 0) return fail_errno("let go of the terminal");
  if (chdir("/") != 0) return fail_errno("chdir /");
  if (write(up_.get(), "", 1) != 1) return fail_errno("tell that the daemon is up");
  up_.reset();
  return {};
}

}  // namespace hcd::parent
