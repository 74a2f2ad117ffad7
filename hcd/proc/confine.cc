#include "hcd/proc/confine.h"

#include <algorithm>
#include <csignal>
#include <functional>
#include <initializer_list>

#include <cap-ng.h>
#include <dirent.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "fastpath/base/c_ptr.h"
#include "hcd/proc/filter.h"
#include "hcd/proc/landlock.h"

namespace hcd::proc {
namespace {

// As many descriptors as the administrator and the role let us have; no core with other people's data in it, no further
// process.
Status limit_resources(const RoleInfo& role) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return fail_errno("read the limit of descriptors");
  if (role.descriptors > 0) files.rlim_max = std::min<rlim_t>(files.rlim_max, role.descriptors);
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) return fail_errno("raise the limit of descriptors");
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0) return fail_errno("limit core files");
  if (!role.runs_programs && setrlimit(RLIMIT_NPROC, &none) != 0) return fail_errno("limit processes");
  return {};
}

Status change_root(const std::string& directory) {
  if (chroot(directory.c_str()) != 0) return fail_errno("chroot " + directory);
  if (chdir("/") != 0) return fail_errno("chdir to the new root");
  return {};
}

Status empty_bounding_set() {
  capng_clear(CAPNG_SELECT_BOTH);
  if (const int rc = capng_apply(CAPNG_SELECT_BOUNDS); rc != 0)
    return fail(Code::Permission, "empty the capability bounding set: libcap-ng error " + std::to_string(rc));
  return {};
}

Status become_user(const User& user) {
  if (setgroups(0, nullptr) != 0) return fail_errno("drop the supplementary groups");
  if (setresgid(user.gid, user.gid, user.gid) != 0) return fail_errno("change the group");
  if (setresuid(user.uid, user.uid, user.uid) != 0) return fail_errno("change the user");
  return {};
}

Status drop_capabilities() {
  capng_clear(CAPNG_SELECT_ALL);
  if (const int rc = capng_apply(CAPNG_SELECT_CAPS); rc != 0)
    return fail(Code::Permission, "drop the capabilities: libcap-ng error " + std::to_string(rc));
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) return fail_errno("clear ambient capabilities");
  return {};
}

// A program that is executed gains nothing; nobody of our user reads our memory; when the parent is gone, so are we.
// After the change of user, which resets the last two.
Status set_process_flags() {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("set no_new_privs");
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return fail_errno("forbid tracing");
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return fail_errno("tie the process to its parent");
  return {};
}

// The steps in their order, up to the first that fails.
Status in_order(std::initializer_list<std::function<Status()>> steps) {
  for (const auto& step : steps)
    if (auto done = step(); !done) return done;
  return {};
}

Status drop_root(const RoleInfo& role, const std::string& directory) {
  if (role.runs_programs) return empty_bounding_set();  // what it runs is root by name, and can do no more than others
  const auto user = find_user(role.user);               // while /etc is still there
  if (!user) return std::unexpected(user.error());
  return in_order({
      [&] { return change_root(directory); },
      empty_bounding_set,  // while we may
      [&] { return become_user(*user); },
  });
}

}  // namespace

Status confine(const RoleInfo& role, const Confinement& confinement) {
  return in_order({
      [&] { return limit_resources(role); },
      [&] { return geteuid() == 0 ? drop_root(role, confinement.empty_directory) : Status(); },
      drop_capabilities,
      set_process_flags,
      [&] { return role.runs_programs ? Status() : deny_files(!role.sockets.empty()); },
      [&] { return filter_calls(role); },
  });
}

Status make_empty_directory(const std::string& path) {
  if (const auto slash = path.rfind('/'); slash != std::string::npos && slash > 0)
    mkdir(path.substr(0, slash).c_str(), 0755);  // where it cannot be made, the next one says so
  if (mkdir(path.c_str(), 0555) != 0 && errno != EEXIST) return fail_errno("make the directory " + path);
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0) return fail_errno(path);
  if (!S_ISDIR(status.st_mode)) return fail(Code::Invalid, path + " is not a directory");
  if (status.st_uid != geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fail(Code::Invalid, path + " must belong to the daemon's user and be writable by nobody else");
  const CPtr<DIR, closedir> directory(opendir(path.c_str()));
  if (!directory) return fail_errno(path);
  while (const dirent* entry = readdir(directory.get()))
    if (const std::string_view name = entry->d_name; name != "." && name != "..")
      return fail(Code::Invalid, path + " must be empty, it holds " + std::string(name));
  return {};
}

Result<User> find_user(std::string_view name) {
  const std::string text(name);
  const passwd* entry = getpwnam(text.c_str());
  if (entry == nullptr)
    return fail(Code::NotFound, "user " + text + " does not exist: make it with 'useradd --system " + text + "'");
  if (entry->pw_uid == 0) return fail(Code::Invalid, "user " + text + " must not be root");
  return User{entry->pw_uid, entry->pw_gid};
}

}  // namespace hcd::proc
