#include "tools/bench/testrun/frame.h"

#include <cassert>

namespace hcd::testrun {
namespace {

constexpr std::size_t kEther = 14;

void put16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}
void set16(Bytes& out, std::size_t where, std::uint16_t value) {
  out[where] = static_cast<std::uint8_t>(value >> 8);
  out[where + 1] = static_cast<std::uint8_t>(value);
}
std::uint16_t get16(const Bytes& bytes, std::size_t where) {
  return static_cast<std::uint16_t>(bytes[where] << 8 | bytes[where + 1]);
}
void put(Bytes& out, const Address& address) {
  out.insert(out.end(), address.bytes.begin(), address.bytes.begin() + static_cast<std::ptrdiff_t>(address.size()));
}

void put_ip4(Bytes& out, const Frame& frame, std::size_t segment) {
  const std::size_t header = 20 + frame.options;
  out.insert(out.end(), {static_cast<std::uint8_t>(0x40 | header / 4), frame.tos});
  put16(out, header + segment);
  put16(out, frame.id);
  put16(out, frame.fragment);
  out.insert(out.end(), {frame.ttl, frame.proto, 0, 0});
  put(out, frame.src.address);
  put(out, frame.dst.address);
  out.insert(out.end(), frame.options, 1);
  set16(out, kEther + 10, static_cast<std::uint16_t>(~sum16(&out[kEther], header)));
}

void put_ip6(Bytes& out, const Frame& frame, std::size_t segment) {
  put16(out, static_cast<std::size_t>(0x6000 | frame.tos << 4));
  put16(out, 0);
  put16(out, 8 * frame.extensions.size() + segment);
  out.insert(out.end(), {frame.extensions.empty() ? frame.proto : frame.extensions.front(), frame.ttl});
  put(out, frame.src.address);
  put(out, frame.dst.address);
  for (std::size_t i = 0; i < frame.extensions.size(); i++) {
    const bool last = i + 1 == frame.extensions.size(), fragment = frame.extensions[i] == 44;
    out.insert(out.end(), {last ? frame.proto : frame.extensions[i + 1], 0});
    if (fragment)
      out.insert(out.end(), {0, 1, 0, 0, 0, 7});
    else
      out.insert(out.end(), {1, 0, 0, 0, 0, 0});
  }
}

// Over the pseudo header and the segment from `tcp` on.
std::uint16_t tcp_sum(const Bytes& frame, std::uint8_t proto, std::size_t tcp, std::size_t end) {
  const bool four = frame[12] == 8;
  const std::size_t addresses = kEther + (four ? 12 : 8), length = four ? 8 : 32;
  return sum16(&frame[tcp], end - tcp,
               sum16(&frame[addresses], length) + proto + static_cast<std::uint32_t>(end - tcp));
}

bool has_ports(std::uint8_t proto) {
  return proto == kTcp || proto == kUdp;
}

// The protocol of what tcp_offset finds.
std::uint8_t proto_of(const Bytes& frame) {
  if (frame[12] == 8) return frame[kEther + 9];
  std::uint8_t next = frame[kEther + 6];
  for (std::size_t where = kEther + 40; !has_ports(next); where += 8) next = frame[where];
  return next;
}

}  // namespace

Endpoint at(const char* address, std::uint16_t port) {
  const auto parsed = Address::parse(address);
  assert(parsed);
  return {*parsed, port};
}

std::uint16_t sum16(const std::uint8_t* data, std::size_t size, std::uint32_t start) {
  std::uint64_t sum = start;
  for (std::size_t i = 0; i < size; i++) sum += i % 2 ? data[i] : data[i] << 8;
  while (sum >> 16) sum = (sum >> 16) + (sum & 0xffff);
  return static_cast<std::uint16_t>(sum);
}

Bytes Frame::bytes() const {
  Bytes out(to.begin(), to.end());
  out.insert(out.end(), from.begin(), from.end());
  const bool four = src.address.family == Family::Inet;
  put16(out, four ? 0x0800 : 0x86dd);
  const std::size_t segment = payload + (proto == kTcp ? 20 : 8);
  four ? put_ip4(out, *this, segment) : put_ip6(out, *this, segment);
  const std::size_t tcp = out.size();
  put16(out, src.port);
  put16(out, dst.port);
  if (proto == kTcp) out.insert(out.end(), {1, 2, 3, 4, 5, 6, 7, 8, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0});
  if (proto != kTcp) put16(out, segment), put16(out, 0);
  for (std::size_t i = 0; i < payload; i++) out.push_back(static_cast<std::uint8_t>(i * 7));
  const auto sum = static_cast<std::uint16_t>(~tcp_sum(out, proto, tcp, out.size()));
  set16(out, tcp + (proto == kTcp ? 16 : 6), proto == kUdp && sum == 0 ? std::uint16_t{0xffff} : sum);
  return out;
}

std::size_t tcp_offset(const Bytes& frame) {
  if (frame[12] == 8) return kEther + std::size_t{frame[kEther] & 15u} * 4;
  std::size_t where = kEther + 40;
  for (std::uint8_t next = frame[kEther + 6]; !has_ports(next); where += 8) next = frame[where];
  return where;
}

Faults faults(const Bytes& frame) {
  const bool four = frame[12] == 8;
  const std::size_t tcp = tcp_offset(frame);
  const std::size_t end = kEther + (four ? get16(frame, kEther + 2) : 40u + get16(frame, kEther + 4));
  const auto off = [](std::uint16_t sum) { return static_cast<std::uint16_t>(sum == 0xffff ? 0 : ~sum); };
  const std::uint8_t proto = proto_of(frame);
  const bool none = proto == kUdp && get16(frame, tcp + 6) == 0;
  return {four ? off(sum16(&frame[kEther], tcp - kEther)) : std::uint16_t{0},
          none ? std::uint16_t{0} : off(tcp_sum(frame, proto, tcp, end))};
}

}  // namespace hcd::testrun
