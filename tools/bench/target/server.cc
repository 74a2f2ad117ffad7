#include "tools/bench/target/server.h"

#include <array>

#include <netinet/tcp.h>
#include <sys/epoll.h>

namespace hcd::bench {
namespace {

constexpr std::string_view kUp = "HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
constexpr std::string_view kDown = "HTTP/1.0 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr int kPatience = 5;  // seconds for a request to come

}  // namespace

Result<Server> Server::open(std::uint16_t port) {
  Server out;
  out.epoll_.reset(epoll_create1(EPOLL_CLOEXEC));
  if (auto done = out.listen(AF_INET, port); !done) return std::unexpected(done.error());
  if (auto done = out.listen(AF_INET6, port); !done) return std::unexpected(done.error());
  return out;
}

Status Server::listen(int family, std::uint16_t port) {
  UniqueFd& fd = family == AF_INET ? v4_ : v6_;
  fd.reset(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  setsockopt(fd.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &kPatience, sizeof kPatience);
  const Address any{.family = family == AF_INET ? Family::Inet : Family::Inet6};
  sockaddr_storage at;
  const socklen_t size = any.to_sockaddr(port, at);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), size) != 0 || ::listen(fd.get(), 65535) != 0)
    return fail_errno("listen on " + endpoint_text(any, port));
  epoll_event event{.events = EPOLLIN, .data = {.fd = fd.get()}};
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) == 0 ? Status() : fail_errno("watch the listener");
}

void Server::serve() {
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); i++) {
    const int fd = events[i].data.fd;
    fd == v4_.get() || fd == v6_.get() ? accept(fd) : answer(fd);
  }
}

void Server::accept(int listener) {
  while (true) {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0) return;
    answer(connection);
  }
}

// A request of one piece is all that checkers send.
void Server::answer(int connection) {
  std::array<char, 2048> request;
  const ssize_t got = recv(connection, request.data(), request.size(), 0);
  if (got < 0 && errno == EAGAIN) {  // it waited in vain: its connection came without
    epoll_event event{.events = EPOLLIN, .data = {.fd = connection}};
    epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection, &event);
    return;
  }
  if (got > 0) {
    const std::string_view text = refuses(connection) ? kDown : kUp;
    (void)send(connection, text.data(), text.size(), MSG_NOSIGNAL);
  }
  close(connection);
}

bool Server::refuses(int connection) {
  if (dead_.empty()) return false;
  sockaddr_storage at;
  socklen_t size = sizeof at;
  if (getsockname(connection, reinterpret_cast<sockaddr*>(&at), &size) != 0) return false;
  const auto address = Address::from(reinterpret_cast<const sockaddr*>(&at));
  const auto found = address ? dead_.find(*address) : dead_.end();
  if (found == dead_.end()) return false;
  if (found->second == TimePoint()) {
    found->second = SystemClock().now();
    refused_++;
  }
  return true;
}

}  // namespace hcd::bench
