// Most tests confine a child of the test itself and let it try what it must not do. These need root: the point is what
// a process that was root can no longer do.
#include "hcd/proc/confine.h"

#include <csignal>
#include <functional>

#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "fastpath/base/unique_fd.h"
#include "hcd/event/libevent_loop.h"
#include "tests/fake/needs.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::proc;

namespace {

constexpr int kPassed = 0, kFailed = 1, kNotConfined = 2;

struct Ended {
  int exit = -1, signal = 0;
  std::string error;  // what it wrote to its standard error
};

// Runs `attempt` in a confined child; true is success.
Ended confined(Role role, const std::function<bool()>& attempt) {
  char directory[] = "/tmp/hcd-empty-XXXXXX";
  CHECK(mkdtemp(directory) != nullptr);
  CHECK_EQUAL(0, chmod(directory, 0755));
  int fds[2];
  CHECK_EQUAL(0, pipe2(fds, O_CLOEXEC));
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(fds[1], STDERR_FILENO);
    if (const auto done = confine(info(role), {.empty_directory = directory}); !done) {
      dprintf(STDERR_FILENO, "%s", done.error().text.c_str());
      _exit(kNotConfined);
    }
    _exit(attempt() ? kPassed : kFailed);
  }
  close(fds[1]);
  Ended ended;
  char text[512];
  for (ssize_t n; (n = read(fds[0], text, sizeof text)) > 0;) ended.error.append(text, static_cast<std::size_t>(n));
  close(fds[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFEXITED(status)) ended.exit = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
  rmdir(directory);
  return ended;
}

void succeeds(Role role, const std::function<bool()>& attempt) {
  const auto ended = confined(role, attempt);
  STRCMP_EQUAL("", ended.error.c_str());
  CHECK_EQUAL(kPassed, ended.exit);
}

void dies(Role role, long call, const std::function<void()>& attempt) {
  const auto ended = confined(role, [&] {
    attempt();
    return true;
  });
  const std::string said = std::string(info(role).name) + ": system call " + std::to_string(call) + " is not allowed\n";
  STRCMP_EQUAL(said.c_str(), ended.error.c_str());
  CHECK_EQUAL(SIGSYS, ended.signal);
}

// All but the one that runs what needs files and root's name.
std::vector<RoleInfo> strangers() {
  std::vector<RoleInfo> out(children().begin(), children().end());
  std::erase_if(out, [](const RoleInfo& role) { return role.runs_programs; });
  return out;
}

bool refused(long result, int error) {
  return result < 0 && errno == error;
}

}  // namespace

TEST_GROUP(Confine){};

TRAP_TEST(Confine, a_child_is_its_own_user_and_cannot_become_root) {
  for (const auto& role : strangers()) {
    const auto user = find_user(role.user);
    CHECK(user.has_value());
    succeeds(role.role, [&] {
      return getuid() == user->uid && geteuid() == user->uid && getgid() == user->gid && getegid() == user->gid;
    });
    dies(role.role, SYS_setuid, [] { syscall(SYS_setuid, 0); });
    dies(role.role, SYS_setresuid, [] { syscall(SYS_setresuid, 0, 0, 0); });
  }
}

ROOT_TEST(Confine, a_child_opens_no_file_by_any_name) {
  for (const auto& role : strangers())
    succeeds(role.role, [] {
      return refused(open("/etc/passwd", O_RDONLY), ENOENT) && refused(open("/", O_RDONLY | O_DIRECTORY), ENOENT) &&
             refused(open("..", O_RDONLY), ENOENT) && refused(open("new", O_CREAT | O_WRONLY, 0600), ENOENT);
    });
}

TRAP_TEST(Confine, a_child_executes_nothing_and_makes_no_process) {
  dies(Role::Hce, SYS_execve, [] { execl("/bin/true", "true", nullptr); });
  dies(Role::Pfe, SYS_clone, [] { syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); });
}

TRAP_TEST(Confine, the_checks_process_connects_by_tcp_and_makes_no_other_socket) {
  succeeds(Role::Hce, [] {
    return UniqueFd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) &&
           UniqueFd(socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP)) && refused(socket(AF_UNIX, SOCK_DGRAM, 0), EACCES);
  });
  dies(Role::Hce, SYS_socket, [] { (void)socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); });
  dies(Role::Hce, SYS_socket, [] { (void)socket(AF_PACKET, SOCK_RAW, 0); });
  dies(Role::Hce, SYS_socket, [] { (void)socket(AF_NETLINK, SOCK_RAW, 0); });
  dies(Role::Hce, SYS_listen, [] { listen(socket(AF_INET, SOCK_STREAM, 0), 1); });
}

TRAP_TEST(Confine, the_steering_process_makes_no_socket_and_no_map) {
  dies(Role::Pfe, SYS_socket, [] { (void)socket(AF_INET, SOCK_STREAM, 0); });
  dies(Role::Pfe, SYS_connect, [] { connect(0, nullptr, 0); });
  dies(Role::Pfe, SYS_bpf, [] { syscall(SYS_bpf, BPF_MAP_CREATE, nullptr, 0); });
  dies(Role::Pfe, SYS_bpf, [] { syscall(SYS_bpf, BPF_PROG_TEST_RUN, nullptr, 0); });
}

TRAP_TEST(Confine, the_process_that_serves_metrics_makes_no_socket_and_has_few_descriptors) {
  succeeds(Role::Metrics, [] { return refused(socket(AF_INET, SOCK_STREAM, 0), EACCES); });
  dies(Role::Metrics, SYS_connect, [] { connect(0, nullptr, 0); });
  succeeds(Role::Metrics, [] {
    rlimit files{};
    return getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur == 256 && files.rlim_max == 256;
  });
}

BPF_TEST(Confine, the_steering_process_still_reads_and_writes_a_map_it_was_given) {
  bpf_attr attr{};
  attr.map_type = BPF_MAP_TYPE_ARRAY;
  attr.key_size = attr.value_size = 4;
  attr.max_entries = 1;
  attr.map_flags = BPF_F_MMAPABLE;
  const UniqueFd map(static_cast<int>(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr)));
  CHECK(map.get() >= 0);
  succeeds(Role::Pfe, [&] {
    std::uint32_t key = 0, in = 7, out = 0;
    bpf_attr element{};
    element.map_fd = static_cast<std::uint32_t>(map.get());
    element.key = reinterpret_cast<std::uintptr_t>(&key);
    element.value = reinterpret_cast<std::uintptr_t>(&in);
    if (syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &element, sizeof element) != 0) return false;
    element.value = reinterpret_cast<std::uintptr_t>(&out);
    if (syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &element, sizeof element) != 0 || out != 7) return false;
    void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, map.get(), 0);
    return memory != MAP_FAILED && *static_cast<std::uint32_t*>(memory) == 7;
  });
}

ROOT_TEST(Confine, a_child_holds_no_capability_and_gains_none_by_exec) {
  // prctl and capget are not allowed afterwards, so the kernel's own account is read from outside.
  int ready[2], hold[2];
  CHECK_EQUAL(0, pipe(ready));
  CHECK_EQUAL(0, pipe(hold));
  char directory[] = "/tmp/hcd-empty-XXXXXX";
  CHECK(mkdtemp(directory) != nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    close(hold[1]);
    char byte = confine(info(Role::Hce), {.empty_directory = directory}) ? 'y' : 'n';
    if (write(ready[1], &byte, 1) == 1) (void)!read(hold[0], &byte, 1);
    _exit(0);
  }
  char byte = 0;
  CHECK_EQUAL(1, read(ready[0], &byte, 1));
  CHECK_EQUAL('y', byte);
  const UniqueFd status(open(("/proc/" + std::to_string(pid) + "/status").c_str(), O_RDONLY | O_CLOEXEC));
  char text[4096] = {};
  CHECK(read(status.get(), text, sizeof text - 1) > 0);
  for (const char* line : {"CapInh:\t0000000000000000\n", "CapPrm:\t0000000000000000\n", "CapEff:\t0000000000000000\n",
                           "CapBnd:\t0000000000000000\n", "CapAmb:\t0000000000000000\n", "NoNewPrivs:\t1\n",
                           "Seccomp:\t2\n", "Groups:\t \n"})
    STRCMP_CONTAINS(line, text);
  for (const int fd : {hold[0], hold[1], ready[0], ready[1]}) close(fd);
  waitpid(pid, nullptr, 0);
  rmdir(directory);
}

TRAP_TEST(Confine, a_child_gets_no_executable_memory_and_cannot_silence_the_filter) {
  dies(Role::Hce, SYS_mmap,
       [] { (void)mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); });
  dies(Role::Hce, SYS_rt_sigaction, [] {
    const struct sigaction ignore{};
    sigaction(SIGSYS, &ignore, nullptr);
  });
  dies(Role::Hce, SYS_rt_sigaction, [] { syscall(SYS_rt_sigaction, SIGSYS | 1L << 32, nullptr, nullptr, 8); });
  dies(Role::Hce, SYS_ptrace, [] { syscall(SYS_ptrace, 0, 0, 0, 0); });
  dies(Role::Hce, SYS_kill, [] { kill(getppid(), 0); });
}

ROOT_TEST(Confine, an_event_loop_runs_in_a_confined_child) {
  for (const auto& role : children())
    succeeds(role.role, [] {
      hcd::event::LibeventLoop loop;
      const auto timer = loop.timer([&] { loop.defer([&] { loop.stop(); }); });
      timer->after(Milliseconds(1));
      loop.run();
      return true;
    });
}

ROOT_TEST(Confine, who_runs_pfctl_is_root_by_name_and_what_it_runs_too_without_a_capability) {
  succeeds(Role::Pfctl, [] {
    return getuid() == 0 && refused(chroot("/"), EPERM) && refused(unshare(CLONE_NEWNS), EPERM) &&
           refused(syscall(SYS_bpf, BPF_MAP_CREATE, nullptr, 0), EPERM) &&
           refused(syscall(SYS_ptrace, 0, 0, 0, 0), EPERM) &&
           refused(listen(socket(AF_INET, SOCK_STREAM, 0), 1), EPERM);
  });
  const auto ran = confined(Role::Pfctl, [] {
    execl("/bin/sh", "sh", "-c", "id -u >&2; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status >&2", nullptr);
    return false;
  });
  STRCMP_EQUAL(
      "0\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n"
      "CapBnd:\t0000000000000000\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n",
      ran.error.c_str());
}

TEST(Confine, a_missing_user_is_named_with_the_way_to_make_it) {
  const auto user = find_user("_hcd-nobody");
  CHECK(!user);
  STRCMP_EQUAL("user _hcd-nobody does not exist: make it with 'useradd --system _hcd-nobody'",
               user.error().text.c_str());
  CHECK(!find_user("root"));
}

ROOT_TEST(Confine, a_directory_that_is_not_empty_or_that_others_may_write_is_no_root) {
  char directory[] = "/tmp/hcd-empty-XXXXXX";
  CHECK(mkdtemp(directory) != nullptr);
  const std::string inside = std::string(directory) + "/empty";
  CHECK(make_empty_directory(inside).has_value());
  CHECK(make_empty_directory(inside).has_value());
  STRCMP_CONTAINS("must be empty, it holds empty", make_empty_directory(directory).error().text.c_str());
  CHECK_EQUAL(0, chmod(inside.c_str(), 0777));
  STRCMP_CONTAINS("writable by nobody else", make_empty_directory(inside).error().text.c_str());
  rmdir(inside.c_str());
  rmdir(directory);
}
