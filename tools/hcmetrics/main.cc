// hcmetrics: what hcd knows, for Prometheus and its kin, over HTTP. A process of its own, without privileges: it asks the
// daemon's read-only socket as any tool does, so whatever befalls it, no packet and no check is touched.
#include <csignal>
#include <cstdio>

#include <sys/socket.h>

#include "fastpath/base/log.h"
#include "hcd/ctl/client.h"
#include "tools/hcmetrics/http.h"
#include "tools/hcmetrics/options.h"
#include "tools/hcmetrics/privilege.h"

namespace {

using namespace hcd;

constexpr Seconds kLimit{3};  // for an answer of the daemon

Result<UniqueFd> bind_at(const Address& address, std::uint16_t port) {
  UniqueFd fd(socket(address.af(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno("socket");
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_storage where{};
  const socklen_t size = address.to_sockaddr(port, where);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&where), size) != 0)
    return fail_errno(address.text() + " port " + std::to_string(port));
  return fd;
}

Result<ctl::Snapshot> look(const std::string& socket) {
  auto client = ctl::Client::connect(socket, kLimit);
  if (!client) return std::unexpected(client.error());
  if (const auto welcome = client->hello("hcmetrics " HCD_VERSION); !welcome) return std::unexpected(welcome.error());
  return client->show({.numbers = true});
}

Status run(const hcmetrics::Options& options) {
  auto socket = bind_at(options.address, options.port);
  if (!socket) return std::unexpected(socket.error());
  if (const auto status = hcmetrics::drop_privileges(options.user); !status) return status;
  std::signal(SIGPIPE, SIG_IGN);
  const SystemClock clock;
  hcmetrics::Exporter exporter([&options] { return look(options.socket); }, clock);
  return hcmetrics::serve(std::move(*socket), exporter);
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
