#include "tests/fake/needs.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"

namespace hcd::needs {
namespace {

// A container may refuse even root.
std::string try_bpf() {
  if (!root().empty()) return root();
  bpf_attr attr{};
  attr.map_type = BPF_MAP_TYPE_ARRAY;
  attr.key_size = attr.value_size = 4;
  attr.max_entries = 1;
  attr.map_flags = BPF_F_MMAPABLE;
  const UniqueFd map(static_cast<int>(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr)));
  return map ? "" : fail_errno("they need a BPF map").error().text;
}

#if defined(__SANITIZE_THREAD__)
constexpr bool kSignalsWait = true;
#elif defined(__has_feature)
constexpr bool kSignalsWait = __has_feature(thread_sanitizer);
#else
constexpr bool kSignalsWait = false;
#endif

}  // namespace

const std::string& root() {
  static const std::string missing = geteuid() == 0 ? "" : "they need root";
  return missing;
}

const std::string& bpf() {
  static const std::string missing = try_bpf();
  return missing;
}

const std::string& traps() {
  static const std::string missing = kSignalsWait ? "the thread sanitizer puts their signals off" : root();
  return missing;
}

}  // namespace hcd::needs
