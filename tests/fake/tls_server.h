// A TLS server on 127.0.0.1 in a thread of its own: it answers one connection, and every wait of its is bounded.
#pragma once
#include <csignal>
#include <string>
#include <thread>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "fastpath/base/unique_fd.h"
#include "tests/fake/certificates.h"

namespace hcd::test {

class TlsServer {
 public:
  struct Options {
    std::string answer;      // to the client's first words
    std::string before_tls;  // what it says in plain text to the very first ones, and only then begins TLS
    // So many bytes of the answer are a TLS record of their own, all of it goes out in one piece, and the connection stays
    // open.
    std::size_t first = 0;
    const Identity* identity = nullptr;  // none: one that it signed itself
  };

  explicit TlsServer(Options options) : options_(std::move(options)), context_(SSL_CTX_new(TLS_server_method())) {
    std::signal(SIGPIPE, SIG_IGN);  // its client may be gone while it still has something to say
    const Identity own = make_identity("itself", {});
    const Identity& identity = options_.identity != nullptr ? *options_.identity : own;
    SSL_CTX_use_certificate(context_.get(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), identity.key.get());
    listener_.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_.get(), 8);
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    bound_waits(listener_.get());
    thread_ = std::thread([this] { serve(); });
  }
  ~TlsServer() { thread_.join(); }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  // What the client asked for; after the server has answered.
  [[nodiscard]] std::string name() {
    thread_.join();
    thread_ = std::thread([] {});
    return name_;
  }

 private:
  static void bound_waits(int fd) {
    const timeval limit{.tv_sec = 5, .tv_usec = 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  void serve() {
    const UniqueFd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd) return;
    bound_waits(fd.get());
    char bytes[4096];
    const std::string& plain = options_.before_tls;
    if (!plain.empty() && recv(fd.get(), bytes, sizeof bytes, 0) <= 0) return;
    if (!plain.empty() && send(fd.get(), plain.data(), plain.size(), 0) < 0) return;
    const CPtr<SSL, SSL_free> ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), fd.get());
    if (SSL_accept(ssl.get()) != 1) return;
    if (const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name)) name_ = name;
    if (SSL_read(ssl.get(), bytes, sizeof bytes) <= 0) return;
    const std::string& answer = options_.answer;
    const int first = static_cast<int>(options_.first), on = 1, off = 0;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    if (first > 0) SSL_write(ssl.get(), answer.data(), first);
    SSL_write(ssl.get(), answer.data() + first, static_cast<int>(answer.size()) - first);
    setsockopt(fd.get(), IPPROTO_TCP, TCP_CORK, &off, sizeof off);
    if (first > 0) SSL_read(ssl.get(), bytes, sizeof bytes);  // until the client has gone
    SSL_shutdown(ssl.get());
  }

  const Options options_;
  std::string name_;
  CPtr<SSL_CTX, SSL_CTX_free> context_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace hcd::test
