#include "hcd/parent/privilege.h"

#include <algorithm>

#include <cap-ng.h>
#include <unistd.h>

#include "hcd/conf/names.h"
#include "hcd/parent/scripts.h"
#include "hcd/proc/confine.h"
#include "hcd/proc/role.h"

namespace hcd::parent {

Status check_privilege(const conf::Config& config) {
  const auto holds = [](unsigned capability) { return capng_have_capability(CAPNG_EFFECTIVE, capability) != 0; };
  capng_get_caps_process();
  const auto mode = config.global.fastpath;
  if (mode == conf::FastpathMode::Pf && geteuid() != 0)
    return fail(Code::Permission, "must be root, to run pfctl for 'fastpath pf'");
  if (mode != conf::FastpathMode::None && mode != conf::FastpathMode::Pf && !(holds(CAP_BPF) && holds(CAP_NET_ADMIN)))
    return fail(Code::Permission,
                "must be root, or hold CAP_BPF and CAP_NET_ADMIN, to steer packets ('fastpath none' needs neither)");
  const bool pings = std::ranges::any_of(
      config.tables, [](const conf::Table& table) { return table.check.type == conf::CheckType::Icmp; });
  if (pings && !holds(CAP_NET_RAW))
    return fail(Code::Permission, "must be root, or hold CAP_NET_RAW, for 'check icmp'");
  return {};
}

Status check_script_user() {
  if (geteuid() != 0) return {};
  if (const auto user = proc::find_user(kScriptUser); !user) return std::unexpected(user.error());
  return {};
}

Status check_users(const conf::Config& config) {
  const auto needed = [&config](const proc::RoleInfo& child) {
    if (child.role == proc::Role::Names) return !conf::questions(config).empty();
    if (child.role == proc::Role::Metrics) return config.global.metrics.has_value();
    return child.always;
  };
  if (geteuid() != 0) return {};
  for (const auto& child : proc::children())
    if (!child.user.empty() && needed(child))
      if (const auto user = proc::find_user(child.user); !user) return std::unexpected(user.error());
  return {};
}

}  // namespace hcd::parent
