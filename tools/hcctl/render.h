// What hcctl prints, as the ancestors do: tab-separated columns whose order the name of the program decides.
#pragma once
#include <ctime>
#include <string>

#include "hcd/ctl/protocol.h"
#include "tools/hcctl/style.h"

namespace hcd::hcctl {

// Each service, its table, that one's hosts with the highest id first, its backup and that one's hosts. A table whose
// hosts are not checked, since it is disabled, stands without them.
[[nodiscard]] std::string summary(const ctl::Snapshot& snapshot, Columns columns);
[[nodiscard]] std::string services(const ctl::Snapshot& snapshot, Columns columns);  // with their sessions
[[nodiscard]] std::string tables(const ctl::Snapshot& snapshot, Columns columns);
// Tables and hosts, with their checks and when their certificates end, as seen at `now_ms`.
[[nodiscard]] std::string hosts(const ctl::Snapshot& snapshot, Columns columns, std::int64_t now_ms);

[[nodiscard]] std::string overrides(const ctl::Snapshot& snapshot, Columns columns);  // and who wanted them

// For people the times are local: "2026-11-30 14:00:29".
[[nodiscard]] std::tm local_time(std::int64_t wall_ms);
[[nodiscard]] std::string date_text(std::int64_t wall_ms);

[[nodiscard]] std::string event_text(const ctl::Event& event);  // without its time
// "14:00:29 host    webhosts/10.1.1.100 up -> down, tcp connect failed (ECONNREFUSED)"; the time is local.
[[nodiscard]] std::string event_line(const ctl::Event& event);

}  // namespace hcd::hcctl
