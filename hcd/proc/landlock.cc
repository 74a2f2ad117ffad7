#include "hcd/proc/landlock.h"

#include <cstdint>

#include <sys/syscall.h>
#include <unistd.h>

#include "fastpath/base/unique_fd.h"

namespace hcd::proc {
namespace {

// struct landlock_ruleset_attr of linux/landlock.h, with what later versions of the interface added than Debian 12's
// header.
struct Ruleset {
  std::uint64_t files = 0, network = 0, scoped = 0;
};
enum : std::uint64_t { kBindTcp = 1, kConnectTcp = 2, kAbstractUnix = 1, kSignal = 2 };

// Access rights to files by version: 1 has 13, 2 adds rename across directories, 3 truncate, 5 ioctl on devices.
std::uint64_t file_rights(int version) {
  const int bits = version >= 5 ? 16 : version >= 3 ? 15 : version == 2 ? 14 : 13;
  return (1ULL << bits) - 1;
}

}  // namespace

Status deny_files(bool connect_out) {
  constexpr unsigned kAskVersion = 1;
  const int version = static_cast<int>(syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion));
  if (version < 1) return {};
  Ruleset ruleset{.files = file_rights(version)};
  if (version >= 4) ruleset.network = connect_out ? kBindTcp : kBindTcp | kConnectTcp;
  if (version >= 6) ruleset.scoped = kAbstractUnix | kSignal;
  const UniqueFd fd(static_cast<int>(syscall(SYS_landlock_create_ruleset, &ruleset, sizeof ruleset, 0)));
  if (!fd) return fail_errno("make a Landlock ruleset");
  if (syscall(SYS_landlock_restrict_self, fd.get(), 0) != 0) return fail_errno("restrict by Landlock");
  return {};
}

}  // namespace hcd::proc
