#include "tools/hcmetrics/privilege.h"

#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace hcd::hcmetrics {
namespace {

constexpr rlimit kDescriptors{.rlim_cur = 256, .rlim_max = 256};
constexpr rlimit kCore{.rlim_cur = 0, .rlim_max = 0};

Status become(const std::string& user) {
  errno = 0;
  const passwd* entry = getpwnam(user.c_str());
  if (entry == nullptr) return fail(Code::NotFound, "user " + user + " does not exist: tools/dist/users.sh makes it");
  if (entry->pw_uid == 0) return fail(Code::Invalid, "user " + user + " is root");
  if (setgroups(0, nullptr) != 0 || setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) != 0 ||
      setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) != 0)
    return fail_errno("becoming user " + user);
  return {};
}

}  // namespace

Status drop_privileges(const std::string& user) {
  if (geteuid() == 0)
    if (const auto status = become(user); !status) return status;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("no_new_privs");
  if (setrlimit(RLIMIT_NOFILE, &kDescriptors) != 0 || setrlimit(RLIMIT_CORE, &kCore) != 0)
    return fail_errno("setrlimit");
  return {};
}

}  // namespace hcd::hcmetrics
