// Runs something in a thread of its own in which a system call fails as the test says, by a seccomp filter: what the kernel's
// lack of a descriptor, a buffer or a port looks like to the code that meets it.
#pragma once
#include <functional>
#include <thread>

#include <seccomp.h>

#include "fastpath/base/c_ptr.h"

namespace hcd::test {

// False: there is no such filter here, and nothing was run.
[[nodiscard]] inline bool with_refused(const char* call, int error, const std::function<void()>& run) {
  bool done = false;
  std::thread([&] {
    const CPtr<void, seccomp_release> filter(seccomp_init(SCMP_ACT_ALLOW));
    const int number = seccomp_syscall_resolve_name(call);
    if (!filter || seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)), number, 0) != 0 ||
        seccomp_load(filter.get()) != 0)
      return;
    run();
    done = true;
  }).join();
  return done;
}

}  // namespace hcd::test
