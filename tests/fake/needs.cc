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

}  // namespace

const std::string& root() {
  static const std::string missing = geteuid() == 0 ? "" : "they need root";
  return missing;
}

const std::string& bpf() {
  static const std::string missing = try_bpf();
  return missing;
}

}  // namespace hcd::needs
