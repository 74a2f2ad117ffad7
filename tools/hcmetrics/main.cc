// hcmetrics: what hcd knows, for Prometheus and its kin, over HTTP, where the daemon is not to do that itself: as another
// user, in another container, for one scrape. It asks the read-only control socket as any tool does.
#include <csignal>
#include <cstdio>

#include "fastpath/base/log.h"
#include "hcd/ctl/client.h"
#include "hcd/ctl/open_metrics.h"
#include "hcd/event/listen.h"
#include "hcd/metrics/http.h"
#include "tools/hcmetrics/options.h"
#include "tools/hcmetrics/privilege.h"

namespace {

using namespace hcd;

constexpr Seconds kLimit{3};  // for an answer of the daemon

Result<ctl::Snapshot> look(const std::string& socket) {
  auto client = ctl::Client::connect(socket, kLimit);
  if (!client) return std::unexpected(client.error());
  if (const auto welcome = client->hello("hcmetrics " HCD_VERSION); !welcome) return std::unexpected(welcome.error());
  return client->show(ctl::kMetricsScope);
}

Status run(const hcmetrics::Options& options) {
  auto socket = event::listen_tcp(options.address, options.port);
  if (!socket) return std::unexpected(socket.error());
  if (const auto status = hcmetrics::drop_privileges(options.user); !status) return status;
  std::signal(SIGPIPE, SIG_IGN);
  event::LibeventLoop loop;
  metrics::Exporter exporter([&options] { return look(options.socket); }, loop);
  const auto server = metrics::serve(loop, std::move(*socket), exporter);
  if (!server) return std::unexpected(server.error());
  const auto stop = [&loop] { loop.stop(); };
  const auto term = loop.signal(SIGTERM, stop), interrupt = loop.signal(SIGINT, stop);
  loop.run();
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = hcmetrics::read_options({argv, argv + argc});
  if (!options) {
    std::fprintf(stderr, "hcmetrics: %s\n%s", options.error().text.c_str(), hcmetrics::usage().c_str());
    return 2;
  }
  log::open("hcmetrics", log::Where::Terminal, false);
  if (const auto status = run(*options); !status) {
    std::fprintf(stderr, "hcmetrics: %s\n", status.error().text.c_str());
    return 1;
  }
  return 0;
}
