// How a child gives up what it was born with: one fixed sequence, after which it is its own user in an empty directory
// without capabilities, and the kernel ends it at the first system call that its role does not list.
#pragma once
#include <string>

#include "fastpath/base/error.h"
#include "hcd/proc/role.h"

namespace hcd::proc {

struct Confinement {
  std::string empty_directory = "/run/hcd/empty";  // owned by root, writable by nobody else, nothing in it
};

// Called once, after everything that needs files was done, and before the first byte from outside is read. Without root
// (a parent that was started with a few capabilities only) the change of user and of root directory is left out; all
// else holds. Who runs programs stays root in the system's directory tree, but without capabilities, as does what it runs.
// An error is final: the caller must end the process.
[[nodiscard]] Status confine(const RoleInfo& role, const Confinement& confinement);

// The parent's part: makes the directory if there is none, refuses one that a child could use.
[[nodiscard]] Status make_empty_directory(const std::string& path);

// The user exists, or a sentence that says how to make it.
struct User {
  unsigned uid = 0, gid = 0;
};
[[nodiscard]] Result<User> find_user(std::string_view name);

}  // namespace hcd::proc
