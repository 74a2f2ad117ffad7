#include "hcd/proc/launch.h"

#include <array>
#include <csignal>

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hcd/proc/process.h"

namespace hcd::proc {
namespace {

constexpr rlim_t kFiles = 256, kFileSize = 16U << 20;

// In the child, between fork and exec: system calls only. What fails is told as an errno through `trouble`, which closes
// when the program begins.
class Becoming {
 public:
  explicit Becoming(int trouble) : trouble_(trouble) {}

  void must(bool done) const {
    if (done) return;
    const int sys = errno;
    [[maybe_unused]] const auto written = write(trouble_, &sys, sizeof sys);
    _exit(127);
  }

  void leave_group_and_signals() const {
    must(setsid() >= 0);
    // An ignored one would stay so; the call, because the C library's function leaves out those that it uses itself.
    const std::array<unsigned long, 8> by_default{};  // the kernel's struct sigaction, which is shorter
    for (int number = 1; number < NSIG; number++)
      syscall(SYS_rt_sigaction, number, by_default.data(), nullptr, NSIG / 8);
    sigset_t none;
    sigemptyset(&none);
    must(sigprocmask(SIG_SETMASK, &none, nullptr) == 0);
  }

  void leave_files() const {
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    must(null >= 0);
    for (const int place : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) must(dup2(null, place) == place);
    must(close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0);
    must(chdir("/") == 0);
    umask(022);
  }

  void limit(__rlimit_resource what, rlim_t value) const {
    const rlimit both{value, value};
    must(setrlimit(what, &both) == 0);
  }

  void leave_privileges(const std::optional<User>& user) const {
    must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0);
    if (user) {
      must(setgroups(0, nullptr) == 0);
      must(setresgid(user->gid, user->gid, user->gid) == 0);
      must(setresuid(user->uid, user->uid, user->uid) == 0);
    }
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    must(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0);  // after the change of user, which resets it
  }

 private:
  int trouble_;
};

[[noreturn]] void become(const LaunchOptions& options, char* const* arguments, char* const* environment, int trouble,
                         pid_t parent) {
  const Becoming self(trouble);
  self.leave_group_and_signals();
  self.leave_files();
  self.limit(RLIMIT_CORE, 0);
  self.limit(RLIMIT_NOFILE, kFiles);
  self.limit(RLIMIT_FSIZE, kFileSize);
  self.limit(RLIMIT_CPU, static_cast<rlim_t>(options.cpu.count()));
  if (options.user)
    self.limit(RLIMIT_NPROC, options.processes);  // else it would count all that the user runs elsewhere
  self.leave_privileges(options.user);
  if (getppid() != parent) _exit(127);  // it was gone before it was tied to us
  execve(options.path.c_str(), arguments, environment);
  self.must(false);
  _exit(127);
}

}  // namespace

Result<Launched> launch(const LaunchOptions& options) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return fail_errno("run " + options.path + ": make a pipe");
  UniqueFd trouble(ends[0]), write_end(ends[1]);
  std::vector<std::string> arguments = {options.path}, environment = options.environment;
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  const auto argv = pointers(arguments), envp = pointers(environment);

  Launched program;
  const pid_t parent = getpid();
  program.pid = fork();
  if (program.pid < 0) return fail_errno("run " + options.path + ": fork");
  if (program.pid == 0) become(options, argv.data(), envp.data(), write_end.get(), parent);
  auto pidfd = hold(program.pid);
  if (!pidfd) return fail_in("run " + options.path, pidfd.error());
  program.pidfd = std::move(*pidfd);
  program.trouble = std::move(trouble);
  return program;
}

void kill_group(const Launched& program) {
  kill(-program.pid, SIGKILL);
  send_signal(program.pidfd, SIGKILL);  // it may have no group yet
}

Outcome finish(const Launched& program) {
  kill(-program.pid, SIGKILL);  // while the pid is not free to be another's
  siginfo_t what{};
  if (waitid(P_PIDFD, static_cast<id_t>(program.pidfd.get()), &what, WEXITED) != 0)
    return {.how = Outcome::How::NotRun, .value = errno};
  if (int sys = 0; read(program.trouble.get(), &sys, sizeof sys) == sizeof sys)
    return {.how = Outcome::How::NotRun, .value = sys};
  return {.how = what.si_code == CLD_EXITED ? Outcome::How::Exited : Outcome::How::Killed, .value = what.si_status};
}

}  // namespace hcd::proc
