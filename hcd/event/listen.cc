#include "hcd/event/listen.h"

#include <string>

#include <sys/socket.h>

namespace hcd::event {
namespace {

constexpr int kBacklog = 64;

void set(int socket, int option, int value) {
  setsockopt(socket, SOL_SOCKET, option, &value, sizeof value);
}

Status listen_at(const UniqueFd& socket, const Address& address, std::uint16_t port) {
  sockaddr_storage where{};
  const socklen_t size = address.to_sockaddr(port, where);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&where), size) != 0 || listen(socket.get(), kBacklog) != 0)
    return fail_errno("listen on " + address.text() + " port " + std::to_string(port));
  return {};
}

}  // namespace

// Two sockets listen on an address and on all addresses at once if both share the port. No longer than must be: who shares
// it takes whoever else of the same user asks for it.
Result<UniqueFd> listen_tcp(const Address& address, std::uint16_t port, int beside) {
  UniqueFd socket(::socket(address.af(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("make a TCP socket");
  set(socket.get(), SO_REUSEADDR, 1);  // connections of a former one may be in TIME_WAIT
  const auto share = [&](int on) {
    if (beside < 0) return;
    set(beside, SO_REUSEPORT, on);
    set(socket.get(), SO_REUSEPORT, on);
  };
  share(1);
  const auto done = listen_at(socket, address, port);
  share(0);
  if (!done) return std::unexpected(done.error());
  return socket;
}

}  // namespace hcd::event
