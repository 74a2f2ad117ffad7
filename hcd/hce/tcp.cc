#include "hcd/hce/tcp.h"

#include <algorithm>

#include <netinet/tcp.h>

#include "hcd/conf/names.h"
#include "hcd/hce/subject.h"
#include "hcd/hce/ttl.h"

namespace hcd::hce {

using ipc::Reason;
using tls::Io;

Step TcpProbe::start(const Address& address, const Plan& plan) {
  plan_ = &plan;
  phase_ = Phase::Connecting;
  peer_size_ = address.to_sockaddr(plan.port, peer_);
  if (!open(address.family)) return done(failed_call(Reason::TcpConnectFailed, errno));
  const std::uint8_t ttl = subject == nullptr ? 0 : subject->ttl;
  if (std::exchange(ttl_, ttl) != ttl) set_ttl(socket_.get(), family_, ttl);
  delay_ack(!listens_first(plan));
  const Step step = connect();
  // A peer on this machine has answered by now; asking once more is cheaper than waiting to be told.
  return step == Step::WaitWrite ? connect() : step;
}

bool TcpProbe::open(Family family) {
  if (socket_ && family_ == family) return true;
  shed();
  socket_.reset(socket(family == Family::Inet ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_) return false;
  family_ = family;
  const linger reset_on_close{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &reset_on_close, sizeof reset_on_close);
  return true;
}

// On a socket that connects, this option has the last ACK of the handshake wait for data, for at most 200 ms.
void TcpProbe::delay_ack(bool delay) {
  const int wanted = delay ? 1 : 0;
  if (std::exchange(ack_delayed_, delay) == delay) return;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_DEFER_ACCEPT, &wanted, sizeof wanted);
}

// Calling connect again tells how an attempt goes on, and in one call whether it is over and why.
Step TcpProbe::connect() {
  if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&peer_), peer_size_) == 0 || errno == EISCONN)
    return connected();
  if (errno == EINPROGRESS || errno == EALREADY || errno == EINTR) return Step::WaitWrite;
  return done(failed_call(Reason::TcpConnectFailed, errno));
}

Step TcpProbe::connected() {
  if (plan_->check.tls && !plan_->check.peer.starttls) return secure();
  plain_.attach(socket_.get());
  stream_ = &plain_;
  phase_ = Phase::Talking;
  return talk(*stream_, *plan_);
}

// An HTTP check's host, without the port that may stand in it.
std::string TcpProbe::sni() const {
  const std::string& host = plan_->check.http.host;
  if (!plan_->check.tls->sni.empty()) return plan_->check.tls->sni;
  if (host.starts_with('[') || std::ranges::count(host, ':') > 1) return {};  // an address
  return host.substr(0, host.find(':'));
}

std::string TcpProbe::certificate_name() const {
  if (!plan_->check.tls->name.empty()) return plan_->check.tls->name;
  if (auto name = sni(); !name.empty()) return name;
  return subject != nullptr ? conf::written_name(subject->name) : std::string();
}

Step TcpProbe::secure() {
  if (!tls_.open(*plan_->tls, socket_.get(), sni(), certificate_name())) return done(unrun("TLS"));
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
      // The connection's failure, or the protocol's.
      return done(failed_io(tls_.error_number() != 0 ? Reason::TlsConnectFailed : Reason::TlsConnectError, *stream_));
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

bool TcpProbe::listens_first(const Plan&) const {
  return false;
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
  constexpr sockaddr kNobody{.sa_family = AF_UNSPEC, .sa_data = {}};
  if (socket_ && ::connect(socket_.get(), &kNobody, sizeof kNobody) != 0) shed();
}

void TcpProbe::shed() {
  socket_.reset();
  watched = false;
  ack_delayed_ = false;
  ttl_ = 0;
}

}  // namespace hcd::hce
