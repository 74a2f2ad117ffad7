// Fragments for the packet tests, and a service of UDP that gets them.
#pragma once
#include "tests/packets/fixture.h"

namespace hcd::packets {

inline const Endpoint kName = at("192.0.2.80", 53), kName6 = at("2001:db8::80", 53);
inline const Endpoint kHost = at("10.0.0.1", 5353), kHost6 = at("2001:db8:5::1", 5353);

void serve_names(const Site& site);

// Bytes from to to of what the frame carries; `more` says that it is not the last.
[[nodiscard]] Bytes cut(const Bytes& whole, std::size_t from, std::size_t to, bool more, std::uint8_t id);
[[nodiscard]] std::vector<Bytes> pieces(const Frame& frame, std::size_t size, std::uint8_t id);
void set16(Bytes& out, std::size_t where, std::size_t value);

}  // namespace hcd::packets
