#include "hcd/parent/metrics_socket.h"

#include <utility>

#include <fcntl.h>

#include "hcd/event/listen.h"
#include "hcd/ipc/messages.h"

namespace hcd::parent {

Status MetricsSocket::prepare(const Where& where) {
  next_ = {};
  if (!where || where == now_.where) return {};
  const bool same_port = now_.where && now_.where->port == where->port;
  auto socket = event::listen_tcp(where->address, where->port, same_port ? now_.socket.get() : -1);
  if (!socket) return fail_in("metrics", socket.error());
  next_ = {.where = where, .socket = std::move(*socket)};
  return {};
}

// A child serves on one socket for all its life.
void MetricsSocket::take(const Where& where) {
  if (where == now_.where) return;
  now_ = std::exchange(next_, {});
  need_(false);
  need_(where.has_value());
}

Status MetricsSocket::hand_over(ipc::Channel& child) const {
  std::vector<UniqueFd> copy;
  copy.emplace_back(fcntl(now_.socket.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy.front()) return fail_errno("copy the socket for metrics");
  child.send(static_cast<std::uint32_t>(ipc::Type::MetricsSocket), 0, {}, std::move(copy));
  return {};
}

}  // namespace hcd::parent
