#include "hcd/proc/filter.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <initializer_list>
#include <string>

#include <linux/bpf.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fastpath/base/c_ptr.h"
#include "fastpath/base/text.h"

namespace hcd::proc {
namespace {

using Context = CPtr<void, seccomp_release>;

// What every child needs: an event loop, its descriptors, memory, time and an orderly end.
constexpr std::string_view kCommon =
    "read write readv writev recvmsg sendmsg recvfrom sendto shutdown close lseek fstat newfstatat fcntl dup pipe2 "
    "poll ppoll epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd2 timerfd_create timerfd_settime "
    "brk munmap mremap madvise futex sched_yield sched_getaffinity rt_sigprocmask rt_sigreturn sigaltstack "
    "clock_gettime clock_nanosleep nanosleep gettimeofday time getrandom uname sysinfo "
    "getpid gettid getppid getuid geteuid getgid getegid rseq set_robust_list restart_syscall exit exit_group";

// Tried by libraries that do without: as if there were no files, which is true of the root directory besides.
constexpr std::string_view kRefused = "open openat readlink readlinkat access faccessat faccessat2 stat statx";

// What no program has a use for that a role runs. Without capabilities most of it would fail anyway.
constexpr std::string_view kForbidden =
    "acct add_key adjtimex bpf chroot clock_adjtime clock_settime delete_module finit_module fsconfig fsmount fsopen "
    "init_module io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl mount mount_setattr move_mount "
    "open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root process_vm_readv process_vm_writev ptrace "
    "quotactl "
    "reboot request_key sethostname setdomainname setns settimeofday swapoff swapon syslog umount2 unshare userfaultfd "
    "accept accept4 listen";

constexpr auto kMapCommands = std::to_array<std::uint64_t>(
    {BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM, BPF_MAP_GET_NEXT_KEY, BPF_MAP_LOOKUP_BATCH,
     BPF_MAP_UPDATE_BATCH, BPF_MAP_DELETE_BATCH, BPF_OBJ_GET_INFO_BY_FD});

// Conditions on a call's argument, counted from 0.
scmp_arg_cmp is(unsigned argument, std::uint64_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}
scmp_arg_cmp below(unsigned argument, std::uint64_t value) {
  return {argument, SCMP_CMP_LT, value, 0};
}
scmp_arg_cmp has(unsigned argument, std::uint64_t mask, std::uint64_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

// Adds rules until the first one that fails.
class Rules {
 public:
  explicit Rules(std::uint32_t otherwise) : context_(seccomp_init(otherwise)) {
    if (!context_) rc_ = -ENOMEM;
  }
  void add(std::uint32_t action, std::string_view name, std::initializer_list<scmp_arg_cmp> when = {}) {
    const int call = seccomp_syscall_resolve_name(std::string(name).c_str());
    if (rc_ != 0 || call < 0) return;  // below 0: this architecture has no such call
    rc_ = seccomp_rule_add_array(context_.get(), action, call, static_cast<unsigned>(when.size()), when.begin());
    if (rc_ != 0) what_ = name;
  }
  void allow(std::string_view name, std::initializer_list<scmp_arg_cmp> when = {}) { add(SCMP_ACT_ALLOW, name, when); }
  [[nodiscard]] Status load() {
    if (rc_ == 0) rc_ = seccomp_load(context_.get());
    if (rc_ == 0) return {};
    return fail_errno("load the system call filter" + (what_.empty() ? "" : ", rule for " + std::string(what_)), -rc_);
  }

 private:
  Context context_;
  std::string_view what_;
  int rc_ = 0;
};

void allow_memory(Rules& rules) {  // never executable
  rules.allow("mmap", {has(2, PROT_EXEC, 0)});
  rules.allow("mprotect", {has(2, PROT_EXEC, 0)});
}

// Every handler but SIGSYS's, which speaks for the filter; and abort(). "Not 31" would not do: the filter compares 64
// bits, the kernel takes the lower half.
void allow_signals(Rules& rules) {
  constexpr std::uint64_t kAbove31 = ~31ULL;
  rules.allow("rt_sigaction", {below(0, SIGSYS)});
  rules.allow("rt_sigaction", {has(0, kAbove31, 32)});
  rules.allow("tgkill", {is(0, static_cast<std::uint64_t>(getpid()))});
}

void allow_limits(Rules& rules) {  // to read them
  rules.allow("getrlimit");
  rules.allow("prlimit64", {is(2, 0)});
}

void allow_sockets(Rules& rules, const RoleInfo& role) {
  if (role.socket_fails) return rules.add(SCMP_ACT_ERRNO(EACCES), "socket");
  constexpr std::uint64_t kTypeMask = static_cast<std::uint64_t>(~(SOCK_NONBLOCK | SOCK_CLOEXEC)) & 0xffffffffU;
  for (const auto& kind : role.sockets)
    rules.allow("socket", {is(0, static_cast<std::uint64_t>(kind.family)),
                           has(1, kTypeMask, static_cast<std::uint64_t>(kind.type))});
  rules.add(SCMP_ACT_ERRNO(EACCES), "socket", {is(0, AF_UNIX)});
}

// What the signal handler says, made before there is anything to handle: a handler may not make it, and has no
// argument.
struct Refusal {
  char prefix[64];
  std::size_t length;
};
Refusal refusal;

// The kernel raises SIGSYS in place of a call that the filter forbids, and the filter lets nobody replace this handler.
// SA_RESETHAND has made the signal deadly again, so the second one ends the process, and the parent sees which it was.
void on_refused(int, siginfo_t* what, void*) {
  char line[128];
  char* end = std::copy_n(refusal.prefix, refusal.length, line);
  end = std::to_chars(end, line + sizeof line - 20, what->si_syscall).ptr;
  constexpr std::string_view kRest = " is not allowed\n";
  end = std::copy(kRest.begin(), kRest.end(), end);
  [[maybe_unused]] const auto written = write(STDERR_FILENO, line, static_cast<std::size_t>(end - line));
  raise(SIGSYS);
  _exit(1);
}

Status catch_refusals(std::string_view name) {
  const std::string prefix = std::string(name) + ": system call ";
  refusal.length = prefix.copy(refusal.prefix, sizeof refusal.prefix);
  struct sigaction action{};
  action.sa_sigaction = on_refused;
  action.sa_flags = static_cast<int>(SA_SIGINFO | SA_RESETHAND | SA_NODEFER);
  if (sigaction(SIGSYS, &action, nullptr) != 0) return fail_errno("catch SIGSYS");
  return {};
}

Status forbid_calls() {
  Rules rules(SCMP_ACT_ALLOW);
  for (const auto name : split(kForbidden, ' ')) rules.add(SCMP_ACT_ERRNO(EPERM), name);
  return rules.load();
}

}  // namespace

Status filter_calls(const RoleInfo& role) {
  if (role.runs_programs) return forbid_calls();
  if (auto done = catch_refusals(role.name); !done) return done;
  Rules rules(SCMP_ACT_TRAP);
  for (const auto name : split(kCommon, ' ')) rules.allow(name);
  for (const auto name : split(kRefused, ' ')) rules.add(SCMP_ACT_ERRNO(ENOENT), name);
  rules.add(SCMP_ACT_ERRNO(ENOTTY), "ioctl");
  for (const auto name : split(role.calls, ' ')) rules.allow(name);
  allow_memory(rules);
  allow_signals(rules);
  allow_limits(rules);
  allow_sockets(rules, role);
  if (role.bpf_elements) {
    for (const auto command : kMapCommands) rules.allow("bpf", {is(0, command)});
    rules.allow("flock");       // one writer at a time
    rules.allow("membarrier");  // how the engine waits until no packet looks at what it replaced
  }
  return rules.load();
}

}  // namespace hcd::proc
