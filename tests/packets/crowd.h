// Clients for whose states there is little room.
#pragma once
#include "tests/packets/fixture.h"

namespace hcd::packets {

inline constexpr std::size_t kPlaces = abi::HCD_RANKS * abi::HCD_WAYS;

// So many clients whose states have the same buckets, with kPlaces places together: home is 0, then 1, 2 and 3.
[[nodiscard]] std::vector<Endpoint> crowd(const Site& site, std::size_t size, bool six = false);

}  // namespace hcd::packets
