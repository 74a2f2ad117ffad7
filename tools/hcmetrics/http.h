// libevent's HTTP server around an Exporter. It takes GET and HEAD without a body, bounds what it reads and for how long,
// and waits a second where no descriptor is left for another client.
#pragma once
#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"
#include "tools/hcmetrics/exporter.h"

namespace hcd::hcmetrics {

// Serves on a bound socket until SIGTERM or SIGINT.
[[nodiscard]] Status serve(UniqueFd socket, Exporter& exporter);

}  // namespace hcd::hcmetrics
