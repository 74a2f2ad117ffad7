#include "hcd/proc/keeper.h"

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <optional>
#include <string_view>

#include <dirent.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hcd::proc {
namespace {

// Behind the name in /proc/PID/stat, which may hold anything, come the state and the parent.
std::optional<pid_t> parent_of(pid_t pid) {
  std::array<char, 32> path{};
  std::array<char, 512> text{};
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  const int file = open(path.data(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::nullopt;
  const ssize_t size = read(file, text.data(), text.size());
  close(file);
  const std::string_view stat(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  const auto name_ends = stat.rfind(')');
  constexpr std::size_t kToParent = 4;  // ") S 1"
  if (name_ends == std::string_view::npos || stat.size() <= name_ends + kToParent) return std::nullopt;
  pid_t parent = 0;
  std::from_chars(stat.data() + name_ends + kToParent, stat.data() + stat.size(), parent);
  return parent;
}

// False: there is no way to find them.
bool kill_children() {
  DIR* processes = opendir("/proc");
  if (processes == nullptr) return false;
  while (const dirent* entry = readdir(processes)) {
    pid_t pid = 0;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, pid).ptr == end && parent_of(pid) == getpid()) kill(pid, SIGKILL);
  }
  closedir(processes);
  return true;
}

// A process that was a grandchild is a child once those between are gone: until there is none.
void end_all() {
  for (;;) {
    siginfo_t what{};
    if (waitid(P_ALL, 0, &what, WEXITED | WNOHANG) != 0) return;  // ECHILD
    if (what.si_pid != 0) continue;
    if (!kill_children()) return;
    const timespec moment{.tv_sec = 0, .tv_nsec = 1'000'000};
    nanosleep(&moment, nullptr);
  }
}

// Reaps what has ended; nothing: the program has not.
std::optional<Outcome> ended(pid_t program) {
  std::optional<Outcome> outcome;
  for (;;) {
    siginfo_t what{};
    if (waitid(P_ALL, 0, &what, WEXITED | WNOHANG) != 0 || what.si_pid == 0) return outcome;
    if (what.si_pid == program)
      outcome = {.how = what.si_code == CLD_EXITED ? Outcome::How::Exited : Outcome::How::Killed,
                 .value = what.si_status};
  }
}

// Until it has ended by itself, or is to be ended. Its pid is not free to be another's before that.
Outcome watch(pid_t program, const sigset_t& awaited) {
  for (;;) {
    if (sigwaitinfo(&awaited, nullptr) == SIGTERM) {
      kill(-program, SIGKILL);
      kill(program, SIGKILL);  // it may have no group yet
      return {.how = Outcome::How::Killed, .value = SIGKILL};
    }
    if (const auto outcome = ended(program)) return *outcome;
  }
}

}  // namespace

void keep(pid_t daemon, int report, const std::function<pid_t()>& begin) {
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGCHLD);
  sigaddset(&awaited, SIGTERM);
  prctl(PR_SET_NAME, "hcd-keeper");
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
  if (getppid() != daemon) _exit(EXIT_FAILURE);                          // it was gone before it was tied to us
  close_range(STDERR_FILENO + 1, static_cast<unsigned>(report) - 1, 0);  // the daemon's are not held open by us
  close_range(static_cast<unsigned>(report) + 1, ~0U, 0);

  const pid_t program = begin();
  Outcome outcome{.how = Outcome::How::NotRun, .value = errno};
  if (program > 0) outcome = watch(program, awaited);
  end_all();
  [[maybe_unused]] const auto written = write(report, &outcome, sizeof outcome);
  _exit(EXIT_SUCCESS);
}

}  // namespace hcd::proc
