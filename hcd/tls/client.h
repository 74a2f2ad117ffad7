// The client's side of TLS over a connected, non-blocking socket, for checks: every call returns at once and says what it
// waits for. Unless it is asked for, the peer's certificate is not verified, as hoststated does not: a check asks whether a
// service answers. No session is resumed: every handshake is a whole one, in which the server shows its certificate.
#pragma once
#include <string>

#include <openssl/ssl.h>

#include "fastpath/base/c_ptr.h"
#include "hcd/tls/authorities.h"
#include "hcd/tls/stream.h"

namespace hcd::tls {

class ClientContext {  // shared by all connections that ask the same; reads no file
 public:
  struct Options {
    std::shared_ptr<const Authorities> verify_by;  // none: the certificate is not verified
    std::string alpn;  // the protocol that must be agreed upon; empty: any, and none is offered
  };

  ClientContext() : ClientContext(Options()) {}
  explicit ClientContext(Options options);
  [[nodiscard]] SSL_CTX* get() const { return context_.get(); }  // none: no memory
  [[nodiscard]] bool verifies() const { return options_.verify_by != nullptr; }
  [[nodiscard]] const std::string& alpn() const { return options_.alpn; }

 private:
  Options options_;
  CPtr<SSL_CTX, SSL_CTX_free> context_;
};

class ClientStream final : public Stream {
 public:
  // The socket is borrowed, the context outlives us. `sni` is sent if it is a name; a context that verifies wants the
  // certificate to be for `name`, which may be an address. False: no memory.
  [[nodiscard]] bool open(const ClientContext& context, int fd, const std::string& sni, const std::string& name = {});
  void close();  // sends nothing
  // When the certificate ends that the server has shown, verified or not: expiry_of(). 0: it has shown none yet.
  [[nodiscard]] std::uint32_t expires() const { return expires_; }

  [[nodiscard]] Io handshake() override;
  [[nodiscard]] Io read(std::span<char> out) override;
  [[nodiscard]] Io write(std::string_view bytes) override;
  [[nodiscard]] bool encrypted() const override { return true; }
  [[nodiscard]] std::string error() const override { return error_; }
  [[nodiscard]] int error_number() const override { return sys_; }

 private:
  friend class ClientContext;
  static int on_certificate(X509_STORE_CTX* store, void*);
  Io told(int result);
  [[nodiscard]] bool expect_name(const std::string& name);
  [[nodiscard]] Io agreed();
  [[nodiscard]] std::string distrust(long result) const;

  const ClientContext* context_ = nullptr;
  std::string name_;
  CPtr<SSL, SSL_free> ssl_;
  std::string error_;
  int sys_ = 0;
  std::uint32_t expires_ = 0;
};

}  // namespace hcd::tls
