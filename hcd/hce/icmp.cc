#include "hcd/hce/icmp.h"

#include <cstring>

#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <sys/random.h>

#include "hcd/hce/subject.h"

namespace hcd::hce {
namespace {

struct Echo {  // the same for both families; the kernel fills in ICMPv6's checksum
  std::uint8_t type = 0, code = 0;
  std::uint16_t checksum = 0, id = 0, sequence = 0;
  std::uint32_t index = 0, zero = 0;
  std::uint64_t cookie = 0;
};
static_assert(sizeof(Echo) == 24);

constexpr std::uint8_t kRequest4 = 8, kReply4 = 0;

std::uint16_t internet_checksum(const Echo& echo) {
  std::array<std::uint16_t, sizeof(Echo) / 2> words;
  std::memcpy(words.data(), &echo, sizeof echo);
  std::uint32_t sum = 0;
  for (const auto word : words) sum += word;
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~((sum & 0xffff) + (sum >> 16)));
}

void widen_buffer(int fd) {
  const int size = 4 << 20;  // the answers of ten thousand hosts at once
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

UniqueFd open_raw(int family, int protocol) {
  UniqueFd fd(socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (fd) widen_buffer(fd.get());
  return fd;
}

// What a raw IPv4 socket reads begins with the IP header.
std::string_view skip_ip_header(std::string_view packet) {
  if (packet.empty()) return {};
  const std::size_t size = static_cast<std::size_t>(packet[0] & 0x0f) * 4;
  return size >= 20 && size <= packet.size() ? packet.substr(size) : std::string_view();
}

// The socket is everybody's, so a host's own time to live goes with its packet.
bool send_echo(int socket, Echo& echo, sockaddr_storage& peer, socklen_t size, std::uint8_t ttl) {
  iovec bytes{.iov_base = &echo, .iov_len = sizeof echo};
  alignas(cmsghdr) std::array<unsigned char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_name = &peer;
  message.msg_namelen = size;
  message.msg_iov = &bytes;
  message.msg_iovlen = 1;
  if (ttl != 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    const bool v4 = peer.ss_family == AF_INET;
    const int value = ttl;
    header->cmsg_level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
    header->cmsg_type = v4 ? IP_TTL : IPV6_HOPLIMIT;
    header->cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(CMSG_DATA(header), &value, sizeof value);
  }
  return sendmsg(socket, &message, 0) == static_cast<ssize_t>(sizeof echo);
}

}  // namespace

IcmpSockets open_icmp() {
  IcmpSockets out{.v4 = open_raw(AF_INET, IPPROTO_ICMP), .v6 = open_raw(AF_INET6, IPPROTO_ICMPV6)};
  const icmp_filter only4{.data = ~(1U << kReply4)};
  if (out.v4) setsockopt(out.v4.get(), SOL_RAW, ICMP_FILTER, &only4, sizeof only4);
  icmp6_filter only6;
  ICMP6_FILTER_SETBLOCKALL(&only6);
  ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &only6);
  if (out.v6) setsockopt(out.v6.get(), IPPROTO_ICMPV6, ICMP6_FILTER, &only6, sizeof only6);
  return out;
}

IcmpPool::IcmpPool(event::Loop& loop, IcmpSockets sockets, std::function<void(Probe&)> ready)
    : sockets_(std::move(sockets)), ready_(std::move(ready)), id_(static_cast<std::uint16_t>(draw())) {
  if (sockets_.v4) {
    watch4_ = loop.watch(sockets_.v4.get(), [this](event::Ready) { receive(sockets_.v4.get(), Family::Inet); });
    watch4_->want({.read = true});
  }
  if (sockets_.v6) {
    watch6_ = loop.watch(sockets_.v6.get(), [this](event::Ready) { receive(sockets_.v6.get(), Family::Inet6); });
    watch6_->want({.read = true});
  }
}

std::unique_ptr<Probe> IcmpPool::make() {
  auto probe = std::make_unique<IcmpProbe>(*this, static_cast<std::uint32_t>(probes_.size()));
  probes_.push_back(probe.get());
  return probe;
}

int IcmpPool::socket_for(const Address& address) const {
  return address.family == Family::Inet ? sockets_.v4.get() : sockets_.v6.get();
}

std::uint64_t IcmpPool::draw() {
  if (random_left_ == 0) {
    if (getrandom(random_.data(), sizeof random_, 0) != sizeof random_) return 0;  // cannot happen once booted
    random_left_ = random_.size();
  }
  return random_[--random_left_];
}

int IcmpPool::send(IcmpProbe& probe, const Address& to) {
  const int socket = socket_for(to);
  if (socket < 0) return EMFILE;
  probe.cookie_ = draw();
  Echo echo{.type = to.family == Family::Inet ? kRequest4 : std::uint8_t{ICMP6_ECHO_REQUEST},
            .id = id_,
            .sequence = static_cast<std::uint16_t>(probe.index_),
            .index = probe.index_,
            .cookie = probe.cookie_};
  if (to.family == Family::Inet) echo.checksum = internet_checksum(echo);
  sockaddr_storage peer;
  const socklen_t size = to.to_sockaddr(0, peer);
  return send_echo(socket, echo, peer, size, probe.subject == nullptr ? std::uint8_t{0} : probe.subject->ttl) ? 0
                                                                                                              : errno;
}

void IcmpPool::receive(int socket, Family family) {
  constexpr std::size_t kBatch = 64;
  std::array<std::array<char, 128>, kBatch> bytes;  // an echo reply of ours with the longest IP header fits
  std::array<sockaddr_storage, kBatch> from;
  std::array<iovec, kBatch> vectors;
  std::array<mmsghdr, kBatch> headers{};
  for (std::size_t i = 0; i < kBatch; i++) {
    vectors[i] = {bytes[i].data(), bytes[i].size()};
    headers[i].msg_hdr.msg_name = &from[i];
    headers[i].msg_hdr.msg_namelen = sizeof from[i];
    headers[i].msg_hdr.msg_iov = &vectors[i];
    headers[i].msg_hdr.msg_iovlen = 1;
  }
  const int count = recvmmsg(socket, headers.data(), kBatch, 0, nullptr);
  for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); i++) {
    std::string_view packet(bytes[i].data(), headers[i].msg_len);
    if (family == Family::Inet) packet = skip_ip_header(packet);
    if (const auto address = Address::from(reinterpret_cast<const sockaddr*>(&from[i]))) accept(packet, *address);
  }
}

void IcmpPool::accept(std::string_view icmp, const Address& from) {
  Echo echo;
  if (icmp.size() != sizeof echo) return;
  std::memcpy(&echo, icmp.data(), sizeof echo);
  const std::uint8_t reply = from.family == Family::Inet ? kReply4 : std::uint8_t{ICMP6_ECHO_REPLY};
  if (echo.type != reply || echo.id != id_ || echo.index >= probes_.size()) return;
  IcmpProbe& probe = *probes_[echo.index];
  if (probe.waiting_for_ == nullptr || *probe.waiting_for_ != from || probe.cookie_ != echo.cookie) return;
  ready_(probe);
}

Step IcmpProbe::start(const Address& address, const Plan&) {
  if (const int sys = pool_.send(*this, address); sys != 0)
    return done(failed_call(ipc::Reason::IcmpWriteTimeout, sys));
  waiting_for_ = &address;
  return Step::WaitRead;
}

std::unique_ptr<Probe> make_icmp(Env& env) {
  return env.icmp.make();
}

}  // namespace hcd::hce
