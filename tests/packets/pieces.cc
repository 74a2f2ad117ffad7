#include "tests/packets/pieces.h"

#include <algorithm>

namespace hcd::packets {
namespace {

constexpr std::size_t kEther = 14;

std::size_t header(const Bytes& frame) {
  return kEther + (frame[12] == 8 ? std::size_t{20} : std::size_t{40});
}

}  // namespace

void set16(Bytes& out, std::size_t where, std::size_t value) {
  out[where] = static_cast<std::uint8_t>(value >> 8);
  out[where + 1] = static_cast<std::uint8_t>(value);
}

void serve_names(const Site& site) {
  (void)site.stage.add_rule({.to = kName, .ring = {site.stage.add_host(kHost, kUdp)}, .proto = kUdp});
  (void)site.stage.add_rule({.to = kName6, .ring = {site.stage.add_host(kHost6, kUdp)}, .proto = kUdp});
}

Bytes cut(const Bytes& whole, std::size_t from, std::size_t to, bool more, std::uint8_t id) {
  const std::size_t begin = header(whole);
  Bytes out(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(begin));
  if (whole[12] == 8) {
    set16(out, kEther + 2, 20 + to - from);
    set16(out, kEther + 4, id);
    set16(out, kEther + 6, from / 8 | (more ? 0x2000 : 0));
    set16(out, kEther + 10, 0);
    set16(out, kEther + 10, static_cast<std::uint16_t>(~sum16(&out[kEther], 20)));
  } else {
    set16(out, kEther + 4, 8 + to - from);
    out.insert(out.end(), {out[kEther + 6], 0, 0, 0, 0, 0, 0, id});
    out[kEther + 6] = 44;
    set16(out, begin + 2, from | (more ? 1 : 0));
  }
  out.insert(out.end(), whole.begin() + static_cast<std::ptrdiff_t>(begin + from),
             whole.begin() + static_cast<std::ptrdiff_t>(begin + to));
  return out;
}
std::vector<Bytes> pieces(const Frame& frame, std::size_t size, std::uint8_t id) {
  const Bytes whole = frame.bytes();
  const std::size_t all = whole.size() - header(whole);
  std::vector<Bytes> out;
  for (std::size_t from = 0; from < all; from += size)
    out.push_back(cut(whole, from, std::min(from + size, all), from + size < all, id));
  return out;
}

}  // namespace hcd::packets
