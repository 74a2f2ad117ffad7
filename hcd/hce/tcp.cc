#include "hcd/hce/tcp.h"

namespace hcd::hce {

using ipc::Reason;
using tls::Io;

Step TcpProbe::start(const Address& address, const Plan& plan) {
  plan_ = &plan;
  phase_ = Phase::Connecting;
  peer_size_ = address.to_sockaddr(plan.port, peer_);
  socket_.reset(socket(address.af(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_) return done(failed_call(Reason::TcpConnectFailed, errno));
  const Step step = connect();
  // A peer on this machine has answered by now; asking once more is cheaper than waiting to be told.
  return step == Step::WaitWrite ? connect() : step;
}

// Calling connect again tells how an attempt goes on, and in one call whether it is over and why.
Step TcpProbe::connect() {
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&peer_), peer_size_) == 0 || errno == EISCONN)
    return connected();
  if (errno == EINPROGRESS || errno == EALREADY || errno == EINTR) return Step::WaitWrite;
  return done(failed_call(Reason::TcpConnectFailed, errno));
}

Step TcpProbe::connected() {
  const linger reset_on_close{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &reset_on_close, sizeof reset_on_close);
  if (plan_->check.tls && !plan_->check.peer.starttls) return secure();
  plain_.attach(socket_.get());
  stream_ = &plain_;
  phase_ = Phase::Talking;
  return talk(*stream_, *plan_);
}

Step TcpProbe::secure() {
  if (!tls_.open(*plan_->tls, socket_.get(), plan_->check.http.host)) return done(unrun("TLS"));
  stream_ = &tls_;
  phase_ = Phase::Handshaking;
  return handshake();
}

Step TcpProbe::handshake() {
  switch (stream_->handshake().what) {
    case Io::What::WantRead: return Step::WaitRead;
    case Io::What::WantWrite: return Step::WaitWrite;
    case Io::What::Closed: return done(failed(Reason::TlsConnectFailed, "closed"));
    case Io::What::Failed:
      return done(failed_io(tls_.reset_by_peer() ? Reason::TlsConnectFailed : Reason::TlsConnectError, *stream_));
    case Io::What::Done: break;
  }
  phase_ = Phase::Talking;
  return talk(*stream_, *plan_);
}

Step TcpProbe::ready() {
  switch (phase_) {
    case Phase::Connecting: return connect();
    case Phase::Handshaking: return handshake();
    case Phase::Talking: break;
  }
  return talk(*stream_, *plan_);
}

Step TcpProbe::talk(tls::Stream& stream, const Plan&) {
  return done(passed(stream.encrypted() ? Reason::TlsConnectOk : Reason::TcpConnectOk));
}

Verdict TcpProbe::timed_out() const {
  switch (phase_) {
    case Phase::Connecting: return failed(Reason::TcpConnectTimeout);
    case Phase::Handshaking: return failed(Reason::TlsConnectTimeout);
    case Phase::Talking: break;
  }
  return talk_timed_out(stream_->encrypted());
}

Verdict TcpProbe::talk_timed_out(bool encrypted) const {
  return failed(encrypted ? Reason::TlsReadTimeout : Reason::TcpReadTimeout);
}

void TcpProbe::reset() {
  tls_.close();
  socket_.reset();
}

}  // namespace hcd::hce
