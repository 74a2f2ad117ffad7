#include "hcd/tls/client.h"

#include <climits>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "fastpath/base/address.h"
#include "fastpath/base/error.h"
#include "fastpath/base/text.h"
#include "hcd/tls/expiry.h"

namespace hcd::tls {
namespace {

// OpenSSL judges a call by what the thread's error queue and errno hold after it, so they must be clean before.
void prepare() {
  ERR_clear_error();
  errno = 0;
}

}  // namespace

ClientContext::ClientContext(Options options)
    : options_(std::move(options)), context_(SSL_CTX_new(TLS_client_method())) {
  ERR_clear_error();
  if (!context_) return;
  SSL_CTX_set_verify(context_.get(), verifies() ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_cert_verify_callback(context_.get(), ClientStream::on_certificate, nullptr);
  if (verifies()) {
    SSL_CTX_set1_cert_store(context_.get(), options_.verify_by->store());
    SSL_CTX_set_security_level(context_.get(), 2);
  } else {
    // An old server that its clients still reach is up: no floor but what the library can do.
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_security_level(context_.get(), 0);
  }
  if (!options_.alpn.empty()) {
    const std::string list = static_cast<char>(options_.alpn.size()) + options_.alpn;
    if (SSL_CTX_set_alpn_protos(context_.get(), reinterpret_cast<const unsigned char*>(list.data()),
                                static_cast<unsigned>(list.size())) != 0) {
      context_.reset();
      return;
    }
  }
  SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
  // RELEASE_BUFFERS: thousands of handshakes at once hold no idle buffers of 32 KiB.
  SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
  // Many servers end without close_notify; a digest of what came is the judge of that, not the protocol.
  SSL_CTX_set_options(context_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                          SSL_OP_NO_TICKET);
}

// The server has shown its certificate. Nothing is computed of it where nobody asked for that.
int ClientStream::on_certificate(X509_STORE_CTX* store, void*) {
  auto* ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& self = *static_cast<ClientStream*>(SSL_get_app_data(ssl));
  self.expires_ = expiry_of(X509_STORE_CTX_get0_cert(store));
  return self.context_->verifies() ? X509_verify_cert(store) : 1;
}

bool ClientStream::open(const ClientContext& context, int fd, const std::string& sni, const std::string& name) {
  context_ = &context;
  error_.clear();
  sys_ = 0;
  expires_ = 0;
  ssl_.reset(context.get() != nullptr ? SSL_new(context.get()) : nullptr);
  bool ready = ssl_ && SSL_set_fd(ssl_.get(), fd) == 1 && SSL_set_app_data(ssl_.get(), this) == 1;
  if (ready && !sni.empty() && !Address::parse(sni))  // spelled out: the library's macro is an old-style cast
    ready = SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     const_cast<char*>(sni.c_str())) == 1;
  if (ready && context.verifies()) ready = expect_name(name);
  if (!ready) ERR_clear_error();
  return ready;
}

void ClientStream::close() {
  ssl_.reset();
  expires_ = 0;
}

bool ClientStream::expect_name(const std::string& name) {
  name_ = name;
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (name.empty()) return false;  // it would verify any
  if (Address::parse(name)) return X509_VERIFY_PARAM_set1_ip_asc(param, name.c_str()) == 1;
  return X509_VERIFY_PARAM_set1_host(param, name.data(), name.size()) == 1;
}

Io ClientStream::handshake() {
  prepare();
  const Io io = told(SSL_connect(ssl_.get()));
  if (io.what == Io::What::Done) return agreed();
  if (io.what != Io::What::Failed || !context_->verifies()) return io;
  if (const long result = SSL_get_verify_result(ssl_.get()); result != X509_V_OK) error_ = distrust(result);
  return io;
}

Io ClientStream::agreed() {
  const std::string& wanted = context_->alpn();
  if (wanted.empty()) return {Io::What::Done};
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &chosen, &size);
  const std::string_view got(reinterpret_cast<const char*>(chosen), size);
  if (got == wanted) return {Io::What::Done};
  error_ = "ALPN: the server does not agree to " + printable(wanted, 64);
  return {Io::What::Failed};
}

std::string ClientStream::distrust(long result) const {
  switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return "certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID: return "certificate is not valid yet";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return "certificate is not for " + printable(name_, 90);
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return "certificate is self-signed";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: return "certificate is of an unknown CA";
    default: return "certificate: " + printable(X509_verify_cert_error_string(result), 90);
  }
}

Io ClientStream::read(std::span<char> out) {
  prepare();
  return told(SSL_read(ssl_.get(), out.data(), static_cast<int>(std::min<std::size_t>(out.size(), INT_MAX))));
}

Io ClientStream::write(std::string_view bytes) {
  prepare();
  return told(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX))));
}

Io ClientStream::told(int result) {
  const int sys = errno;
  if (result > 0) return {Io::What::Done, static_cast<std::size_t>(result)};
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: return {Io::What::WantRead};
    case SSL_ERROR_WANT_WRITE: return {Io::What::WantWrite};
    case SSL_ERROR_ZERO_RETURN: return {Io::What::Closed};
    case SSL_ERROR_SYSCALL:
      if (sys == 0) return {Io::What::Closed};
      sys_ = sys;
      error_ = errno_name(sys);
      return {Io::What::Failed};
    default: break;
  }
  const char* reason = ERR_reason_error_string(ERR_get_error());
  error_ = printable(reason != nullptr ? reason : "TLS error", 100);
  ERR_clear_error();
  return {Io::What::Failed};
}

}  // namespace hcd::tls
