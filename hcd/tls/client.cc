#include "hcd/tls/client.h"

#include <climits>
#include <cstring>

#include <openssl/err.h>

#include "fastpath/base/address.h"
#include "fastpath/base/text.h"

namespace hcd::tls {
namespace {

// OpenSSL judges a call by what the thread's error queue and errno hold after it, so they must be clean before.
void prepare() {
  ERR_clear_error();
  errno = 0;
}

}  // namespace

ClientContext::ClientContext() : context_(SSL_CTX_new(TLS_client_method())) {
  ERR_clear_error();
  if (!context_) return;
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_NONE, nullptr);
  // An old server that its clients still reach is up: no floor but what the library can do.
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_security_level(context_.get(), 0);
  SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
  // RELEASE_BUFFERS: thousands of handshakes at once hold no idle buffers of 32 KiB.
  SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
  // Many servers end without close_notify; a digest of what came is the judge of that, not the protocol.
  SSL_CTX_set_options(context_.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}

bool ClientStream::open(const ClientContext& context, int fd, const std::string& name) {
  error_.clear();
  reset_ = false;
  sys_ = 0;
  ssl_.reset(context.get() != nullptr ? SSL_new(context.get()) : nullptr);
  bool ready = ssl_ && SSL_set_fd(ssl_.get(), fd) == 1;
  if (ready && !name.empty() && !Address::parse(name))  // spelled out: the library's macro is an old-style cast
    ready = SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                     const_cast<char*>(name.c_str())) == 1;
  if (!ready) ERR_clear_error();
  return ready;
}

Io ClientStream::handshake() {
  prepare();
  return told(SSL_connect(ssl_.get()));
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
      reset_ = true;
      sys_ = sys;
      if (const char* name = strerrorname_np(sys)) error_ = name;
      return {Io::What::Failed};
    default: break;
  }
  const char* reason = ERR_reason_error_string(ERR_get_error());
  error_ = printable(reason != nullptr ? reason : "TLS error", 100);
  ERR_clear_error();
  return {Io::What::Failed};
}

}  // namespace hcd::tls
