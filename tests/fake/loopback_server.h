// A server on 127.0.0.1 for tests, in the test's own loop: a listener on a port of the kernel's choice, and a function
// that is called with each connection as it becomes readable.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "fastpath/base/unique_fd.h"
#include "hcd/event/loop.h"

namespace hcd::test {

class LoopbackServer {
 public:
  // Returns false when the connection is to be closed.
  using Serve = std::function<bool(int fd, const std::string& got)>;

  LoopbackServer(event::Loop& loop, Serve serve) : loop_(loop), serve_(std::move(serve)) {
    listener_.reset(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_.get(), 512);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    watcher_ = loop.watch(listener_.get(), [this](event::Ready) { accept_one(); });
    watcher_->want({.read = true});
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int accepted() const { return accepted_; }

 private:
  struct Connection {
    UniqueFd fd;
    std::string got;
    std::unique_ptr<event::Watcher> watcher;
  };

  void accept_one() {
    UniqueFd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd) return;
    accepted_++;
    auto& connection = connections_[fd.get()];
    connection = std::make_shared<Connection>();
    connection->watcher = loop_.watch(fd.get(), [this, raw = fd.get()](event::Ready) { on_readable(raw); });
    connection->fd = std::move(fd);
    connection->watcher->want({.read = true});
  }
  void on_readable(int fd) {
    auto connection = connections_[fd];
    char bytes[4096];
    const ssize_t count = read(fd, bytes, sizeof bytes);
    if (count > 0) connection->got.append(bytes, static_cast<std::size_t>(count));
    if (count > 0 && serve_(fd, connection->got)) return;
    connections_.erase(fd);
    loop_.defer([connection] {});
  }

  event::Loop& loop_;
  Serve serve_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  int accepted_ = 0;
  std::unique_ptr<event::Watcher> watcher_;
  std::map<int, std::shared_ptr<Connection>> connections_;
};

}  // namespace hcd::test
