// The slots of a rule: every method is a way to index this sequence of hosts.
// - round-robin: one turn of the weights. The next new flow takes the next slot, so each host's part is exact over a
//   turn, and its slots are spread evenly over it; with equal weights they are in address order, the lowest first, as in
//   pf.
// - source-hash: a Maglev table (Eisenbud et al., NSDI 2016, section 3.4), weighted. Where one host leaves, its slots
//   move and hardly any other does; pf's own source-hash takes the hash modulo the number of addresses and moves nearly
//   all.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "fastpath/base/address.h"

namespace hcd::fastpath {

struct Share {
  std::uint32_t host = 0;    // what the slots shall hold
  std::uint32_t weight = 1;  // above 0
  // source-hash: the host's own order of preference, the same in every process and at every start
  std::uint64_t identity = 0;
};

// source-hash: small tables grow without a new size, which would move all flows
inline constexpr std::size_t kRingMin = 1024;
inline constexpr std::size_t kRingMax = 1 << 17;  // slots of one rule

[[nodiscard]] std::uint64_t host_identity(const Address& address, std::uint16_t port);

// Slots in the order of use; as many as the weights' sum after division by their greatest common divisor. Weights whose
// turn is longer than kRingMax are scaled down to it, each host keeping a slot at least. At most kRingMax shares.
[[nodiscard]] std::vector<std::uint32_t> round_robin_ring(std::span<const Share> shares);

// Slots so many that the smallest share has 128 (within kRingMin and kRingMax): a power of two. A size in use is
// kept as long as it is large enough and not wasteful, because another size would move all flows.
[[nodiscard]] std::size_t hash_ring_size(std::span<const Share> shares, std::size_t in_use = 0);

// `slots` is a power of two, at least as large as shares. Every host gets its exact part, to a slot.
[[nodiscard]] std::vector<std::uint32_t> hash_ring(std::span<const Share> shares, std::size_t slots);

}  // namespace hcd::fastpath
