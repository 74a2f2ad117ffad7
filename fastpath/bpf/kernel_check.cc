#include "fastpath/bpf/kernel_check.h"

#include <cap-ng.h>
#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

namespace hcd::fastpath {
namespace {

bool has(unsigned capability) {
  return capng_have_capability(CAPNG_EFFECTIVE, capability) != 0;
}

constexpr const char* kUsualPlace = "/sys/fs/bpf";

bool on_bpffs(const std::string& path) {
  struct statfs info{};
  return statfs(path.c_str(), &info) == 0 && info.f_type == BPF_FS_MAGIC;
}

Status make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return fail_errno(path);
}

}  // namespace

Status check_privilege() {
  capng_get_caps_process();
  if (has(CAP_SYS_ADMIN)) return {};
  for (const auto& [capability, name] : {std::pair{CAP_BPF, "CAP_BPF"}, std::pair{CAP_NET_ADMIN, "CAP_NET_ADMIN"}}) {
    if (has(static_cast<unsigned>(capability))) continue;
    return fail(Code::Permission,
                std::string("the packet programs need root, or CAP_BPF and CAP_NET_ADMIN: ") + name + " is missing");
  }
  return {};
}

Status check_features(HelperProbe probe) {
  struct Need {
    bpf_prog_type type;
    bpf_func_id helper;
    const char* name;
    const char* since;
  };
  for (const auto& [type, helper, name, since] : {
           Need{BPF_PROG_TYPE_XDP, BPF_FUNC_jiffies64, "bpf_jiffies64", "5.6"},
           Need{BPF_PROG_TYPE_XDP, BPF_FUNC_fib_lookup, "bpf_fib_lookup for XDP", "4.18"},
           Need{BPF_PROG_TYPE_SCHED_CLS, BPF_FUNC_redirect_neigh, "bpf_redirect_neigh", "5.10"},
       }) {
    if (probe(type, helper, nullptr) != 0) continue;  // there, or not to be told: loading will tell
    return fail(Code::Unsupported, std::string("this kernel lacks ") + name + ", which came with Linux " + since);
  }
  return {};
}

Status prepare_pin_directory(const std::string& directory) {
  const auto slash = directory.find_last_of('/');
  if (directory.empty() || directory[0] != '/' || slash == 0 || slash + 1 == directory.size()) {
    return fail(Code::Invalid, "the pin directory \"" + directory + "\" is not an absolute path below a mount point");
  }
  const std::string parent = directory.substr(0, slash);
  if (on_bpffs(directory)) return {};
  if (on_bpffs(parent)) return make_directory(directory);
  // At its usual place for all of its users; elsewhere at the directory itself, which hides nobody else's files.
  const bool usual = parent == kUsualPlace;
  if (auto made = usual ? Status() : make_directory(directory); !made) return made;
  const std::string& at = usual ? parent : directory;
  if (mount("bpf", at.c_str(), "bpf", 0, "mode=0700") != 0)
    return fail_errno(directory + " is not on a BPF file system, and none can be mounted there");
  return usual ? make_directory(directory) : Status();
}

}  // namespace hcd::fastpath
