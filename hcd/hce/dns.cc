#include "hcd/hce/dns.h"

#include <sys/random.h>
#include <sys/socket.h>

#include "hcd/conf/dns_words.h"
#include "hcd/hce/subject.h"
#include "hcd/hce/ttl.h"

namespace hcd::hce {

using ipc::Reason;
using tls::Io;

namespace {

constexpr std::size_t kReadSize = 4096;

const Address* wanted(const conf::PeerCheck& expected) {
  return expected.address ? &*expected.address : nullptr;
}

}  // namespace

namespace dns {

void Query::begin(std::string_view query) {
  size_ = 2 + query.copy(bytes_.data() + 2, kQueryMax);
  bytes_[0] = static_cast<char>(query.size() >> 8);
  bytes_[1] = static_cast<char>(query.size() & 0xff);
  static_cast<void>(getrandom(bytes_.data() + 2, 2, 0));  // cannot fail once booted, and not for so few bytes
}

Verdict judge(const Answer& answer, const conf::PeerCheck& expected) {
  if (answer.kind == Answer::Kind::Malformed) return failed(Reason::DnsMalformed, std::string(answer.problem));
  if (answer.rcode != expected.rcode.value_or(0))
    return failed(Reason::DnsMismatch, conf::dns_rcode_text(answer.rcode));
  if (expected.address && !answer.has_address) return failed(Reason::DnsMismatch, "no " + expected.address->text());
  if (!expected.rcode && answer.records == 0)
    return failed(Reason::DnsMismatch, "no " + conf::dns_type_text(expected.query) + " record");
  return passed(Reason::DnsOk);
}

void Exchange::begin(const Plan& plan) {
  plan_ = &plan;
  query_.begin(plan.request);
  writer_.begin(query_.framed());
  heard_.clear();
}

bool Exchange::whole() const {
  const auto at = [this](std::size_t i) { return static_cast<std::uint8_t>(heard_[i]); };
  return heard_.size() >= 2 && heard_.size() - 2 >= (std::size_t{at(0)} << 8 | at(1));
}

Step Exchange::run(tls::Stream& stream, Verdict& out) {
  if (const auto step = writer_.run(stream, out)) return *step;
  std::array<char, kReadSize> bytes;
  Io io;
  for (int i = 0; i < kReadsPerStep; i++) {
    if (const auto step = read_once(stream, bytes, io, out)) return *step;
    if (io.what == Io::What::Closed) {
      out = failed(Reason::DnsMalformed, heard_.empty() ? "empty answer" : "truncated");
      return Step::Done;
    }
    heard_.append(bytes.data(), io.bytes);
    if (!whole()) continue;
    out = judge_heard();
    return Step::Done;
  }
  return Step::Again;
}

Verdict Exchange::judge_heard() const {
  const std::size_t size =
      std::size_t{static_cast<std::uint8_t>(heard_[0])} << 8 | static_cast<std::uint8_t>(heard_[1]);
  const auto answer =
      parse_answer(std::string_view(heard_).substr(2, size), query_.message(), wanted(plan_->check.peer));
  // The connection is this query's alone, so nothing on it is a stray.
  if (answer.kind == Answer::Kind::Stray) return failed(Reason::DnsMalformed, "answer to another query");
  if (answer.truncated) return failed(Reason::DnsMalformed, "truncated over TCP");
  return judge(answer, plan_->check.peer);
}

void Exchange::reset() {
  if (heard_.capacity() > kReadSize) heard_ = std::string();
}

}  // namespace dns

Status prepare_dns(const conf::Check& check, Plan& plan) {
  const conf::PeerCheck& peer = check.peer;
  auto query = dns::encode_query(peer.name, peer.query);
  if (!query || peer.query == 0) return fail(Code::Invalid, "the check asks for what is no DNS name or type");
  plan.request = std::move(*query);
  return {};
}

Step DnsProbe::start(const Address& address, const Plan& plan) {
  address_ = &address;
  plan_ = &plan;
  strays_ = false;
  return plan.check.peer.tcp ? ask_by_tcp() : ask_by_udp();
}

// A connected socket hears its peer alone, and of its absence.
Step DnsProbe::ask_by_udp() {
  udp_.reset(socket(address_->af(), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!udp_) return done(failed_call(Reason::DnsFailed, errno));
  if (subject != nullptr && subject->ttl != 0) set_ttl(udp_.get(), address_->family, subject->ttl);
  sockaddr_storage peer;
  const socklen_t size = address_->to_sockaddr(plan_->port, peer);
  if (::connect(udp_.get(), reinterpret_cast<const sockaddr*>(&peer), size) != 0)
    return done(failed_call(Reason::DnsFailed, errno));
  query_.begin(plan_->request);
  if (send(udp_.get(), query_.message().data(), query_.message().size(), 0) < 0)
    return done(failed_call(Reason::DnsFailed, errno));
  return Step::WaitRead;
}

Step DnsProbe::read_datagrams() {
  std::array<char, kReadSize> bytes;
  for (int i = 0; i < kReadsPerStep; i++) {
    const ssize_t size = recv(udp_.get(), bytes.data(), bytes.size(), MSG_TRUNC);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return Step::WaitRead;
    if (size < 0) return done(failed_call(Reason::DnsFailed, errno));
    const auto whole = static_cast<std::size_t>(size);
    if (const Step step = hear({bytes.data(), std::min(whole, bytes.size())}); step != Step::Again) return step;
  }
  return Step::Again;
}

// Again: it was not the answer.
Step DnsProbe::hear(std::string_view datagram) {
  const auto answer = dns::parse_answer(datagram, query_.message(), wanted(plan_->check.peer));
  if (answer.kind == dns::Answer::Kind::Stray) {
    strays_ = true;
    return Step::Again;
  }
  if (datagram.size() > dns::kUdpMax) return done(failed(Reason::DnsMalformed, "longer than UDP allows"));
  if (answer.kind == dns::Answer::Kind::Valid && answer.truncated) return ask_by_tcp();
  return done(dns::judge(answer, plan_->check.peer));
}

Step DnsProbe::ask_by_tcp() {
  udp_.reset();
  watched = false;  // it waits on another descriptor now
  return StreamProbe::start(*address_, *plan_);
}

Step DnsProbe::ready() {
  return udp_ ? read_datagrams() : StreamProbe::ready();
}

Verdict DnsProbe::timed_out() const {
  if (udp_) return failed(Reason::DnsTimeout, strays_ ? "only answers to other queries" : "");
  return StreamProbe::timed_out();
}

void DnsProbe::reset() {
  udp_.reset();
  exchange_.reset();
  StreamProbe::reset();
  shed();  // the next check begins with a descriptor of the other kind, and one at a time is what the Runner counts
}

}  // namespace hcd::hce
