// A snapshot as metrics: OpenMetrics 1.0, or the text format 0.0.4 that came before it. The names are promises to those who
// have dashboards.
#pragma once
#include <string>

#include "hcd/ctl/protocol.h"

namespace hcd::ctl {

enum class Exposition : std::uint8_t { OpenMetrics, Text };

// The HTTP Content-Type of each, and the one that a client takes by its Accept header.
[[nodiscard]] std::string_view content_type(Exposition exposition);
[[nodiscard]] Exposition exposition_for(std::string_view accept);

struct MetricsOptions {
  Exposition exposition = Exposition::OpenMetrics;
  bool hosts = true;  // else of hosts only what is summed up by table
};

inline constexpr Scope kMetricsScope = {.numbers = true, .durations = true};
// The snapshot is of that scope.
[[nodiscard]] std::string metrics_text(const Snapshot& snapshot, const MetricsOptions& options);
// What there is to say while no daemon answers.
[[nodiscard]] std::string metrics_without_daemon(const MetricsOptions& options);

}  // namespace hcd::ctl
