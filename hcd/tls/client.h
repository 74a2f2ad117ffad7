// The client's side of TLS over a connected, non-blocking socket, for checks: every call returns at once and says what it
// waits for. The peer's certificate is not verified, as hoststated does not: a check asks whether a service answers.
#pragma once
#include <string>

#include <openssl/ssl.h>

#include "fastpath/base/c_ptr.h"
#include "hcd/tls/stream.h"

namespace hcd::tls {

class ClientContext {  // one a process; reads no file
 public:
  ClientContext();
  [[nodiscard]] SSL_CTX* get() const { return context_.get(); }  // none: no memory

 private:
  CPtr<SSL_CTX, SSL_CTX_free> context_;
};

class ClientStream final : public Stream {
 public:
  // The socket is borrowed. `name` is sent as SNI if it is a name. False: no memory.
  [[nodiscard]] bool open(const ClientContext& context, int fd, const std::string& name);
  void close() { ssl_.reset(); }  // sends nothing

  [[nodiscard]] Io handshake() override;
  [[nodiscard]] Io read(std::span<char> out) override;
  [[nodiscard]] Io write(std::string_view bytes) override;
  [[nodiscard]] bool encrypted() const override { return true; }
  [[nodiscard]] std::string error() const override { return error_; }
  [[nodiscard]] int error_number() const override { return sys_; }
  [[nodiscard]] bool reset_by_peer() const { return reset_; }  // the failure was the connection's, not the protocol's

 private:
  Io told(int result);

  CPtr<SSL, SSL_free> ssl_;
  std::string error_;
  bool reset_ = false;
  int sys_ = 0;
};

}  // namespace hcd::tls
