// Numbers as a narrow column shows them: three digits at most, and a unit.
#pragma once
#include <cstdint>
#include <string>

namespace hcd::ui {

[[nodiscard]] std::string short_latency(std::uint32_t us);  // "950us", "1.2ms", "41ms", "2.1s"
[[nodiscard]] std::string short_age(std::int64_t ms);       // "11s", "2m", "1h", "12d"
[[nodiscard]] std::string long_age(std::int64_t ms);        // "2m02s", "1h15m", "12d04:11"
[[nodiscard]] std::string percent(std::uint64_t part,
                                  std::uint64_t of);  // "99.98", "100.0"; never 100 unless it is all
[[nodiscard]] std::string clock_text(std::int64_t wall_ms, bool zone = false);  // local: "14:02:31", "14:02:31 UTC"
// Local: "14:02:31" within a day of now, else "11-30 14:02:31".
[[nodiscard]] std::string when_text(std::int64_t wall_ms, std::int64_t now_ms);

}  // namespace hcd::ui
