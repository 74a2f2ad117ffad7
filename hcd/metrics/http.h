// libevent's HTTP server around an Exporter. It takes GET and HEAD without a body, bounds what it reads and for how long,
// and waits a second where no descriptor is left for another client.
#pragma once
#include <event2/http.h>

#include "fastpath/base/c_ptr.h"
#include "fastpath/base/error.h"
#include "fastpath/base/unique_fd.h"
#include "hcd/event/libevent_loop.h"
#include "hcd/metrics/exporter.h"

namespace hcd::metrics {

using HttpServer = CPtr<evhttp, evhttp_free>;  // kept until the process ends

// On a socket that listens. The loop and the exporter must outlive it.
[[nodiscard]] Result<HttpServer> serve(event::LibeventLoop& loop, UniqueFd socket, Exporter& exporter);

}  // namespace hcd::metrics
