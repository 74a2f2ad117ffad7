// The dns check: one query, over UDP, and again over TCP where the answer did not fit; or over TCP at once. An answer counts
// when it comes from the host's address and port and gives back the query's id and question: the id is random, and so is
// the source port, of the kernel's choice. What is not that is passed over, and told if nothing better came in time.
#pragma once
#include <array>
#include <string>

#include "hcd/hce/dns_message.h"
#include "hcd/hce/plan.h"
#include "hcd/hce/tcp.h"
#include "hcd/hce/transfer.h"

namespace hcd::hce {

namespace dns {

// A query as it is sent over TCP, its length before it (RFC 1035 4.2.2); over UDP it goes without.
class Query {
 public:
  void begin(std::string_view query);  // with an id of its own from now on
  [[nodiscard]] std::string_view message() const { return framed().substr(2); }
  [[nodiscard]] std::string_view framed() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 2 + kQueryMax> bytes_{};
  std::size_t size_ = 2;
};

[[nodiscard]] Verdict judge(const Answer& answer, const conf::PeerCheck& expected);

class Exchange {  // the query and its answer over any stream
 public:
  void begin(const Plan& plan);  // which outlives it
  [[nodiscard]] Step run(tls::Stream& stream, Verdict& out);
  [[nodiscard]] Verdict timed_out(bool encrypted) const { return failed(writer_.timed_out(encrypted)); }
  void reset();  // lets go of what was heard

 private:
  [[nodiscard]] bool whole() const;
  [[nodiscard]] Verdict judge_heard() const;

  const Plan* plan_ = nullptr;
  Query query_;
  RequestWriter writer_;
  std::string heard_;  // its length, and as much of the answer as came: it grows with what comes, not with what is said
};

}  // namespace dns

// Refuses a name or type that no configuration holds; makes the query.
[[nodiscard]] Status prepare_dns(const conf::Check& check, Plan& plan);

class DnsProbe final : public StreamProbe<dns::Exchange> {
 public:
  [[nodiscard]] Step start(const Address& address, const Plan& plan) override;
  [[nodiscard]] Step ready() override;
  [[nodiscard]] Verdict timed_out() const override;
  void reset() override;
  [[nodiscard]] int fd() const override { return udp_ ? udp_.get() : StreamProbe::fd(); }

 private:
  Step ask_by_udp();
  Step read_datagrams();
  Step hear(std::string_view datagram);
  Step ask_by_tcp();

  const Address* address_ = nullptr;
  const Plan* plan_ = nullptr;
  UniqueFd udp_;
  dns::Query query_;
  bool strays_ = false;  // came, and no answer
};

}  // namespace hcd::hce
