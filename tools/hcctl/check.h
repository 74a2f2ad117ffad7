// `hcctl check`: how one service, table or host is, for monitoring systems that run plug-ins: a line
// "OK - service www is active | sessions=12c" and an exit status of 0 (all is well), 1 (warning: not as it should be, or
// as an operator wants it), 2 (critical: nothing gets through), 3 (unknown).
#pragma once
#include <optional>
#include <string>

#include "hcd/ctl/protocol.h"

namespace hcd::hcctl {

enum class Health : int { Ok = 0, Warning = 1, Critical = 2, Unknown = 3 };
[[nodiscard]] std::string_view health_text(Health health);  // "OK"

struct Finding {
  Health health = Health::Unknown;
  std::string text;         // "service www is active: 2 of 2 hosts up"
  std::string performance;  // "up=2;;;0;2 sessions=12c"
};

// A name, or an id where the kind is given; without it services, tables and hosts are looked at. A name that two objects
// have is unknown.
[[nodiscard]] Finding find_health(const ctl::Snapshot& snapshot, std::optional<ctl::Kind> kind,
                                  const std::string& name);

[[nodiscard]] std::string health_line(const Finding& finding);  // with its line end

}  // namespace hcd::hcctl
