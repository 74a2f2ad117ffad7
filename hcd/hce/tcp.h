// The tcp check: a connection that is made and dropped; with `tls`, one whose handshake completes. What speaks over a
// connection (http.h) derives from it.
//
// Connections are closed with linger 0: a reset leaves nothing behind, where ten thousand orderly closes an interval
// would leave ten thousand TIME_WAIT and no port.
#pragma once
#include <memory>

#include "fastpath/base/unique_fd.h"
#include "hcd/hce/probe.h"
#include "hcd/tls/client.h"
#include "hcd/tls/stream.h"

namespace hcd::hce {

class TcpProbe : public Probe {
 public:
  [[nodiscard]] Step start(const Address& address, const Plan& plan) override;
  [[nodiscard]] Step ready() override;
  [[nodiscard]] Verdict timed_out() const override;
  void reset() override;
  [[nodiscard]] int fd() const override { return socket_.get(); }

 protected:
  // The connection stands, as far as the plan asks for it; called again whenever it is ready.
  [[nodiscard]] virtual Step talk(tls::Stream& stream, const Plan& plan);
  [[nodiscard]] virtual Verdict talk_timed_out(bool encrypted) const;
  Step secure();  // TLS begins on the connection that stands; talk() is called again when it does too

 private:
  enum class Phase : std::uint8_t { Connecting, Handshaking, Talking };

  Step connect();
  Step connected();
  Step handshake();

  const Plan* plan_ = nullptr;
  UniqueFd socket_;
  sockaddr_storage peer_{};
  socklen_t peer_size_ = 0;
  Phase phase_ = Phase::Connecting;
  tls::PlainStream plain_;
  tls::ClientStream tls_;
  tls::Stream* stream_ = &plain_;
};

}  // namespace hcd::hce
