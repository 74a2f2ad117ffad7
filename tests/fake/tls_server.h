// A TLS server on 127.0.0.1 in a thread of its own, with a self-signed certificate made on the spot: it answers one
// connection, and every wait of its is bounded.
#pragma once
#include <csignal>
#include <string>
#include <thread>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include "fastpath/base/c_ptr.h"
#include "fastpath/base/unique_fd.h"

namespace hcd::test {

class TlsServer {
 public:
  // `first`: so many bytes of the answer are a TLS record of their own, all of it goes out in one piece, and the connection
  // stays open.
  explicit TlsServer(std::string answer, std::size_t first = 0)
      : answer_(std::move(answer)), first_(first), context_(SSL_CTX_new(TLS_server_method())) {
    std::signal(SIGPIPE, SIG_IGN);  // its client may be gone while it still has something to say
    make_certificate();
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

  void make_certificate() {
    const CPtr<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
    const CPtr<X509, X509_free> certificate(X509_new());
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    SSL_CTX_use_certificate(context_.get(), certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), key.get());
  }

  void serve() {
    const UniqueFd fd(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!fd) return;
    bound_waits(fd.get());
    const CPtr<SSL, SSL_free> ssl(SSL_new(context_.get()));
    SSL_set_fd(ssl.get(), fd.get());
    if (SSL_accept(ssl.get()) != 1) return;
    if (const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name)) name_ = name;
    char bytes[4096];
    if (SSL_read(ssl.get(), bytes, sizeof bytes) <= 0) return;
    const int first = static_cast<int>(first_), on = 1, off = 0;
    setsockopt(fd.get(), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    if (first > 0) SSL_write(ssl.get(), answer_.data(), first);
    SSL_write(ssl.get(), answer_.data() + first, static_cast<int>(answer_.size()) - first);
    setsockopt(fd.get(), IPPROTO_TCP, TCP_CORK, &off, sizeof off);
    if (first > 0) SSL_read(ssl.get(), bytes, sizeof bytes);  // until the client has gone
    SSL_shutdown(ssl.get());
  }

  std::string answer_, name_;
  const std::size_t first_;
  CPtr<SSL_CTX, SSL_CTX_free> context_;
  UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace hcd::test
