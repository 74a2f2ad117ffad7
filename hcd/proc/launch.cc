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

// Between fork and exec: system calls only. What fails is told through `report`.
class Becoming {
 public:
  explicit Becoming(int report) : report_(report) {}

  void must(bool done) const {
    if (done) return;
    const Outcome outcome{.how = Outcome::How::NotRun, .value = errno};
    [[maybe_unused]] const auto written = write(report_, &outcome, sizeof outcome);
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

  void take_null() const {
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    must(null >= 0);
    for (const int place : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) must(dup2(null, place) == place);
  }

  void leave_files() const {
    must(close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC) == 0);
    must(chdir("/") == 0);
    umask(022);
  }

  void limit(__rlimit_resource what, rlim_t value) const {
    const rlimit both{value, value};
    must(setrlimit(what, &both) == 0);
  }

  // Executing a program would give root all that is left in this set.
  void empty_bounding_set() const {
    for (int capability = 0;; capability++) {
      const int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
      if (held < 0) return;  // there are no more
      if (held > 0) must(prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0);
    }
  }

  void leave_privileges(const std::optional<User>& user) const {
    must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0);
    if (!user && geteuid() == 0) empty_bounding_set();
    if (user) {
      must(setgroups(0, nullptr) == 0);
      must(setresgid(user->gid, user->gid, user->gid) == 0);
      must(setresuid(user->uid, user->uid, user->uid) == 0);
    }
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    must(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0);  // after the change of user, which resets it
  }

 private:
  int report_;
};

[[noreturn]] void become(const LaunchOptions& options, char* const* arguments, char* const* environment, int report,
                         pid_t keeper) {
  const Becoming self(report);
  self.leave_group_and_signals();
  if (!options.descriptors) self.take_null();
  self.leave_files();
  self.limit(RLIMIT_CORE, 0);
  self.limit(RLIMIT_NOFILE, kFiles);
  self.limit(RLIMIT_FSIZE, kFileSize);
  self.limit(RLIMIT_CPU, static_cast<rlim_t>(options.cpu.count()));
  if (options.user)
    self.limit(RLIMIT_NPROC, options.processes);  // else it would count all that the user runs elsewhere
  self.leave_privileges(options.user);
  if (getppid() != keeper) _exit(127);  // it was gone before it was tied to us
  execve(options.path.c_str(), arguments, environment);
  self.must(false);
  _exit(127);
}

// In the keeper, before it closes all others.
void take_places(const std::array<int, 3>& descriptors) {
  for (int place = 0; place < 3; place++)
    if (dup2(descriptors[static_cast<std::size_t>(place)], place) < 0) _exit(EXIT_FAILURE);
}

}  // namespace

Result<Launched> launch(const LaunchOptions& options) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return fail_errno("run " + options.path + ": make a pipe");
  UniqueFd report(ends[0]), write_end(ends[1]);
  std::vector<std::string> arguments = {options.path}, environment = options.environment;
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  const auto argv = pointers(arguments), envp = pointers(environment);
  const auto begin = [&] {
    const pid_t keeper = getpid(), program = fork();
    if (program == 0) become(options, argv.data(), envp.data(), write_end.get(), keeper);
    return program;
  };

  Launched program;
  const pid_t daemon = getpid();
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);  // what comes between is not for the daemon's handlers in a child
  program.pid = fork();
  if (program.pid == 0) {
    if (options.descriptors) take_places(*options.descriptors);
    keep(daemon, write_end.get(), begin);
  }
  const int sys = errno;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  errno = sys;
  if (program.pid < 0) return fail_errno("run " + options.path + ": fork");
  auto pidfd = hold(program.pid);
  if (!pidfd) return fail_in("run " + options.path, pidfd.error());
  program.pidfd = std::move(*pidfd);
  program.report = std::move(report);
  return program;
}

void end(const Launched& program) {
  send_signal(program.pidfd, SIGTERM);
}

Outcome finish(const Launched& program) {
  siginfo_t what{};
  if (waitid(P_PIDFD, static_cast<id_t>(program.pidfd.get()), &what, WEXITED) != 0)
    return {.how = Outcome::How::NotRun, .value = errno};
  Outcome outcome;
  if (read(program.report.get(), &outcome, sizeof outcome) == sizeof outcome) return outcome;
  return {.how = Outcome::How::Killed, .value = what.si_status};  // the keeper was
}

}  // namespace hcd::proc
