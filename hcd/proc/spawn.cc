#include "hcd/proc/spawn.h"

#include <csignal>

#include <fcntl.h>
#include <sys/wait.h>

#include "hcd/ipc/channel.h"

namespace hcd::proc {
namespace {

// In the child, between fork and exec: system calls only. The sources are above the places they are moved to.
[[noreturn]] void become(const char* image, char* const* arguments, int standard_error, int channel) {
  if (dup2(standard_error, STDERR_FILENO) < 0 || dup2(channel, kChannelFd) < 0) _exit(127);
  close_range(kChannelFd + 1, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  execv(image, arguments);
  _exit(127);
}

Result<UniqueFd> above_places(int fd) {
  UniqueFd copy(fcntl(fd, F_DUPFD_CLOEXEC, kChannelFd + 1));
  if (!copy) return fail_errno("copy a descriptor");
  return copy;
}

}  // namespace

Result<Child> spawn(Role role, const SpawnOptions& options) {
  const std::string name(info(role).name);
  auto pair = ipc::socket_pair();
  if (!pair) return fail_in("start " + name, pair.error());
  const auto standard_error = above_places(options.standard_error >= 0 ? options.standard_error : STDERR_FILENO);
  if (!standard_error) return fail_in("start " + name, standard_error.error());
  const auto channel = above_places(pair->second.get());
  if (!channel) return fail_in("start " + name, channel.error());

  std::vector<std::string> arguments = {options.program + ": " + name, "-P", name};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  const auto argv = pointers(arguments);

  Child child;
  child.pid = fork();
  if (child.pid < 0) return fail_errno("start " + name + ": fork");
  if (child.pid == 0) become(options.image.c_str(), argv.data(), standard_error->get(), channel->get());
  auto pidfd = hold(child.pid);
  if (!pidfd) return fail_in("start " + name, pidfd.error());
  child.pidfd = std::move(*pidfd);
  child.channel = std::move(pair->first);
  return child;
}

Ending reap(const UniqueFd& pidfd) {
  siginfo_t what{};
  if (waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &what, WEXITED) != 0) return {.text = "already gone"};
  if (what.si_code == CLD_EXITED)
    return {.clean = what.si_status == 0, .text = "exit status " + std::to_string(what.si_status)};
  if (what.si_status == SIGSYS) return {.signal = SIGSYS, .text = "it made a system call that its filter forbids"};
  return {.signal = what.si_status,
          .text = "killed by signal " + std::to_string(what.si_status) + " (" + strsignal(what.si_status) + ")"};
}

}  // namespace hcd::proc
