#include "fastpath/ring.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <numeric>
#include <queue>

namespace hcd::fastpath {
namespace {

std::uint64_t mix(std::uint64_t x) {  // the finalizer of splitmix64
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

std::uint64_t total(std::span<const Share> shares) {
  return std::accumulate(shares.begin(), shares.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Share& share) { return sum + share.weight; });
}

// Divides `slots` in proportion to the weights, by largest remainder; nobody gets none.
std::vector<std::uint64_t> quotas(std::span<const Share> shares, std::size_t slots) {
  assert(shares.size() <= slots);
  const std::uint64_t sum = total(shares);
  assert(sum > 0);
  std::vector<std::uint64_t> parts;
  std::uint64_t given = 0;
  for (const Share& share : shares) given += parts.emplace_back(std::max<std::uint64_t>(share.weight * slots / sum, 1));
  std::vector<std::size_t> by_rest(shares.size());
  std::iota(by_rest.begin(), by_rest.end(), 0);
  std::ranges::sort(by_rest, {}, [&](std::size_t i) { return std::pair(sum - shares[i].weight * slots % sum, i); });
  for (std::size_t i = 0; given < slots; i++, given++) parts[by_rest[i]]++;
  // Those lifted to one slot take it from the largest.
  std::priority_queue<std::pair<std::uint64_t, std::size_t>> largest;
  for (std::size_t i = 0; given > slots && i < parts.size(); i++) largest.emplace(parts[i], i);
  for (; given > slots; given--) {
    const auto [part, i] = largest.top();
    largest.pop();
    largest.emplace(parts[i] = part - 1, i);
  }
  return parts;
}

// Indexes of the shares, each as often as its part says. The k-th slot of the i-th of n shares stands at
// (k + (i + 1/2) / n) / part: every share is spread evenly, and equal parts follow each other in their order.
std::vector<std::uint32_t> spread(const std::vector<std::uint64_t>& parts) {
  struct Slot {
    std::uint64_t numerator;  // of the position; its denominator is part
    std::uint64_t part;
    std::uint32_t share;
  };
  std::vector<Slot> slots;
  for (std::size_t i = 0; i < parts.size(); i++) {
    for (std::uint64_t k = 0; k < parts[i]; k++) {
      slots.push_back({2 * k * parts.size() + 2 * i + 1, parts[i], static_cast<std::uint32_t>(i)});
    }
  }
  std::ranges::sort(slots, [](const Slot& a, const Slot& b) {
    return std::pair(a.numerator * b.part, a.share) < std::pair(b.numerator * a.part, b.share);
  });
  std::vector<std::uint32_t> order;
  order.reserve(slots.size());
  for (const Slot& slot : slots) order.push_back(slot.share);
  return order;
}

std::vector<std::uint64_t> turn(std::span<const Share> shares) {
  std::uint64_t divisor = 0;
  for (const Share& share : shares) divisor = std::gcd(divisor, std::uint64_t{share.weight});
  assert(divisor > 0);
  if (total(shares) / divisor > kRingMax) return quotas(shares, kRingMax);
  std::vector<std::uint64_t> parts;
  for (const Share& share : shares) parts.push_back(share.weight / divisor);
  return parts;
}

}  // namespace

std::uint64_t host_identity(const Address& address, std::uint16_t port) {
  std::uint64_t half[2];
  static_assert(sizeof half == sizeof address.bytes);
  std::memcpy(half, address.bytes.data(), sizeof half);
  return mix(mix(mix(half[0]) ^ half[1]) ^ (static_cast<std::uint64_t>(address.family) << 16 | port));
}

std::vector<std::uint32_t> round_robin_ring(std::span<const Share> shares) {
  if (shares.empty()) return {};
  std::vector<std::uint32_t> slots = spread(turn(shares));
  for (std::uint32_t& slot : slots) slot = shares[slot].host;
  return slots;
}

std::size_t hash_ring_size(std::span<const Share> shares, std::size_t in_use) {
  if (shares.empty()) return in_use;
  constexpr std::size_t kPerShare = 128, kWasteful = 64;
  const auto smallest = std::ranges::min_element(shares, {}, &Share::weight)->weight;
  const std::uint64_t wanted = total(shares) * kPerShare / smallest;
  const std::size_t needed = std::bit_ceil(std::clamp<std::uint64_t>(wanted, kRingMin, kRingMax));
  return in_use >= needed && in_use / needed < kWasteful ? in_use : needed;
}

std::vector<std::uint32_t> hash_ring(std::span<const Share> shares, std::size_t slots) {
  assert(std::has_single_bit(slots));
  if (shares.empty()) return {};
  struct Preference {  // visits every slot once: the skip is odd and the size a power of two
    std::uint64_t next, skip;
  };
  std::vector<Preference> preferences;
  for (const Share& share : shares) preferences.push_back({mix(share.identity), mix(~share.identity) | 1});
  std::vector<std::uint32_t> ring(slots);
  std::vector<bool> taken(slots);
  for (const std::uint32_t index : spread(quotas(shares, slots))) {
    auto& [next, skip] = preferences[index];
    while (taken[next & (slots - 1)]) next += skip;
    taken[next & (slots - 1)] = true;
    ring[next & (slots - 1)] = shares[index].host;
  }
  return ring;
}

}  // namespace hcd::fastpath
