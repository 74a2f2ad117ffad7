// Spans of time as the language writes them: seconds, or a number with its unit.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "fastpath/base/clock.h"

namespace hcd::conf {

// "30", "30s", "500ms", "10m", "1h", "1d".
[[nodiscard]] std::optional<Milliseconds> parse_duration(std::string_view text);

// Back to that: whole seconds are a bare number.
[[nodiscard]] std::string duration_text(Milliseconds duration);

// For people, in the largest unit that fits: "10m", "90s", "500ms".
[[nodiscard]] std::string brief_text(Milliseconds duration);

}  // namespace hcd::conf
