// The tcp check: a connection that is made and dropped; with `tls`, one whose handshake completes. What speaks over a
// connection (http.h) derives from it.
//
// Connections end with a reset: it leaves nothing behind, where ten thousand orderly closes an interval would leave ten
// thousand TIME_WAIT and no port. The socket is then used again (connect(2): AF_UNSPEC dissolves the association), which
// spares half the cost of a check. Where the check is to speak first, or not at all, the handshake's last ACK waits for its
// words: the answer to the SYN has told that the server listens, and a server that nobody speaks to is not woken.
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
  void shed() override;
  [[nodiscard]] int fd() const override { return socket_.get(); }
  [[nodiscard]] std::uint32_t certificate() const override { return tls_.expires(); }

 protected:
  // The connection stands, as far as the plan asks for it; called again whenever it is ready.
  [[nodiscard]] virtual Step talk(tls::Stream& stream, const Plan& plan);
  [[nodiscard]] virtual Verdict talk_timed_out(bool encrypted) const;
  [[nodiscard]] virtual bool listens_first(const Plan& plan) const;  // the server speaks first
  Step secure();  // TLS begins on the connection that stands; talk() is called again when it does too

 private:
  enum class Phase : std::uint8_t { Connecting, Handshaking, Talking };

  [[nodiscard]] bool open(Family family);
  void delay_ack(bool delay);
  Step connect();
  Step connected();
  Step handshake();
  [[nodiscard]] std::string sni() const;
  [[nodiscard]] std::string certificate_name() const;

  const Plan* plan_ = nullptr;
  UniqueFd socket_;
  Family family_ = Family::None;  // of the socket
  bool ack_delayed_ = false;
  std::uint8_t ttl_ = 0;
  sockaddr_storage peer_{};
  socklen_t peer_size_ = 0;
  Phase phase_ = Phase::Connecting;
  tls::PlainStream plain_;
  tls::ClientStream tls_;
  tls::Stream* stream_ = &plain_;
};

// A check that speaks over its connection: X has begin(plan), run(stream, verdict) and timed_out(encrypted).
template <class X>
class StreamProbe : public TcpProbe {
 public:
  [[nodiscard]] Step start(const Address& address, const Plan& plan) override {
    exchange_.begin(plan);
    return TcpProbe::start(address, plan);
  }

 protected:
  [[nodiscard]] Step talk(tls::Stream& stream, const Plan&) override {
    Verdict verdict;
    const Step step = exchange_.run(stream, verdict);
    return step == Step::Done ? done(std::move(verdict)) : step;
  }
  [[nodiscard]] Verdict talk_timed_out(bool encrypted) const override { return exchange_.timed_out(encrypted); }

  X exchange_;
};

}  // namespace hcd::hce
