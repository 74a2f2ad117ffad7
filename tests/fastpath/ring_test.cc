#include "fastpath/ring.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "kmod/pick.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

namespace {

std::vector<Share> shares(const std::vector<std::uint32_t>& weights) {
  std::vector<Share> out;
  for (std::uint32_t i = 0; i < weights.size(); i++) {
    const auto address = Address::v4(htonl(0x0a000001 + i));
    out.push_back({.host = i + 1, .weight = weights[i], .identity = host_identity(address, 80)});
  }
  return out;
}

std::map<std::uint32_t, std::size_t> count(const std::vector<std::uint32_t>& ring) {
  std::map<std::uint32_t, std::size_t> out;
  for (const auto host : ring) out[host]++;
  return out;
}

void check_equal(const std::vector<std::uint32_t>& expected, const std::vector<std::uint32_t>& actual) {
  CHECK(expected == actual);
}

// The part of the other hosts' slots that move when `gone` leaves, with the size that the ring then has.
double disturbed(const std::vector<Share>& all, std::size_t gone) {
  std::vector<Share> left = all;
  left.erase(left.begin() + static_cast<std::ptrdiff_t>(gone));
  const std::size_t slots = hash_ring_size(all);
  LONGS_EQUAL(slots, hash_ring_size(left, slots));
  const auto before = hash_ring(all, slots);
  const auto after = hash_ring(left, slots);
  std::size_t moved = 0, others = 0;
  for (std::size_t i = 0; i < slots; i++) {
    CHECK(after[i] != all[gone].host);
    if (before[i] == all[gone].host) continue;
    others++;
    if (before[i] != after[i]) moved++;
  }
  return static_cast<double>(moved) / static_cast<double>(others);
}

}  // namespace

TEST_GROUP(Ring){};

TEST(Ring, round_robin_of_equal_weights_is_the_address_order) {
  check_equal({1, 2, 3}, round_robin_ring(shares({1, 1, 1})));
  check_equal({1, 2, 3}, round_robin_ring(shares({7, 7, 7})));
}

TEST(Ring, round_robin_of_one_host_is_one_slot_and_of_none_is_empty) {
  check_equal({1}, round_robin_ring(shares({1000})));
  check_equal({}, round_robin_ring({}));
}

TEST(Ring, round_robin_is_exact_over_a_turn) {
  const std::vector<std::uint32_t> weights = {3, 1, 4, 1, 5, 9, 2, 6, 997};
  const auto ring = round_robin_ring(shares(weights));
  LONGS_EQUAL(std::accumulate(weights.begin(), weights.end(), 0U), ring.size());
  for (const auto& [host, slots] : count(ring)) LONGS_EQUAL(weights[host - 1], slots);
}

TEST(Ring, round_robin_divides_by_the_common_divisor) {
  LONGS_EQUAL(4, round_robin_ring(shares({300, 100})).size());
}

TEST(Ring, round_robin_is_smooth) {
  check_equal({1, 2, 2, 2}, round_robin_ring(shares({1, 3})));
  check_equal({1, 1, 1, 2, 1, 1, 3}, round_robin_ring(shares({5, 1, 1})));
  // No two slots of a host that has a tenth are nearer than five apart.
  const auto ring = round_robin_ring(shares({10, 20, 30, 40}));
  std::size_t last = ring.size();
  for (std::size_t i = 0; i < 2 * ring.size(); i++) {
    if (ring[i % ring.size()] != 1) continue;
    CHECK(last == ring.size() || i - last >= 5);
    last = i;
  }
}

TEST(Ring, round_robin_scales_a_turn_that_is_too_long_and_keeps_everybody) {
  std::vector<std::uint32_t> weights(2000, 997);
  weights[0] = 1;
  weights[1] = 1000;
  const auto slots = count(round_robin_ring(shares(weights)));
  LONGS_EQUAL(weights.size(), slots.size());
  LONGS_EQUAL(1, slots.at(1));
  std::size_t sum = 0;
  for (const auto& [host, part] : slots) sum += part;
  LONGS_EQUAL(kRingMax, sum);
}

TEST(Ring, as_many_hosts_as_slots_get_one_each_whatever_they_weigh) {
  std::vector<std::uint32_t> weights(kRingMin, 1);
  weights[5] = 1000;
  for (const auto& [host, part] : count(hash_ring(shares(weights), kRingMin))) LONGS_EQUAL(1, part);
}

TEST(Ring, source_hash_is_within_one_percent_of_the_weights) {
  for (const auto& weights : {std::vector<std::uint32_t>{1, 1, 1}, {1, 2, 3, 4}, {1, 1000}, {10, 1, 1, 7, 13}}) {
    const auto all = shares(weights);
    const auto slots = hash_ring_size(all);
    const auto sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (const auto& [host, part] : count(hash_ring(all, slots))) {
      const double ideal = weights[host - 1] / sum * static_cast<double>(slots);
      CHECK(std::fabs(static_cast<double>(part) - ideal) <= std::max(ideal * 0.01, 1.0));
    }
  }
}

// Not the slots alone: what clients' addresses come to, by the hash that the packet path takes.
TEST(Ring, source_hash_gives_clients_to_hosts_within_one_percent_of_the_weights) {
  constexpr std::uint32_t kClients = 1 << 20;
  const auto all = shares({1, 2, 3, 4});
  const auto ring = hash_ring(all, hash_ring_size(all));
  const __u64 key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
  std::map<std::uint32_t, std::size_t> clients;
  for (std::uint32_t i = 0; i < kClients; i++) {
    const __u64 address[2] = {htonl(0xc6000000 + i), 0};
    clients[ring[abi::hcd_ring_slot(ring.size(), abi::hcd_siphash(key, address, 0), 0)]]++;
  }
  for (const auto& [host, part] : clients)
    DOUBLES_EQUAL(host / 10.0, static_cast<double>(part) / kClients, host / 1000.0);
}

TEST(Ring, source_hash_moves_few_flows_of_the_hosts_that_stay) {
  for (const std::size_t hosts : {2, 3, 5, 8, 16, 100, 512, 1000}) {
    const auto all = shares(std::vector<std::uint32_t>(hosts, 1));
    for (const std::size_t gone : {std::size_t{0}, hosts / 2, hosts - 1}) CHECK(disturbed(all, gone) < 0.03);
  }
}

TEST(Ring, source_hash_moves_few_flows_of_the_hosts_that_stay_whatever_they_weigh) {
  const auto all = shares({1, 2, 3, 5, 8, 13, 8, 5, 3, 2, 1});
  for (std::size_t gone = 0; gone < all.size(); gone++) CHECK(disturbed(all, gone) < 0.03);
}

// Another weight moves the difference, not more than that and 3 %.
TEST(Ring, source_hash_moves_little_for_another_weight) {
  const auto all = shares({10, 10, 10, 10});
  auto changed = all;
  changed[2].weight = 9;
  const std::size_t slots = std::max(hash_ring_size(all), hash_ring_size(changed));
  const auto before = hash_ring(all, slots), after = hash_ring(changed, slots);
  std::size_t moved = 0;
  for (std::size_t i = 0; i < slots; i++) moved += before[i] != after[i] ? 1 : 0;
  CHECK(static_cast<double>(moved) / static_cast<double>(slots) < 0.25 - 9.0 / 39 + 0.03);
}

TEST(Ring, source_hash_keeps_to_hosts_whatever_their_index_is) {
  auto all = shares({1, 1, 1, 1});
  const auto before = hash_ring(all, 1024);
  for (Share& share : all) share.host += 100;
  const auto after = hash_ring(all, 1024);
  for (std::size_t i = 0; i < before.size(); i++) LONGS_EQUAL(before[i] + 100, after[i]);
}

TEST(Ring, source_hash_size_grows_with_the_hosts_and_stays_while_it_is_enough) {
  LONGS_EQUAL(1024, hash_ring_size(shares({1, 1})));
  LONGS_EQUAL(2048, hash_ring_size(shares(std::vector<std::uint32_t>(9, 1))));
  LONGS_EQUAL(kRingMax, hash_ring_size(shares(std::vector<std::uint32_t>(5000, 1))));
  LONGS_EQUAL(4096, hash_ring_size(shares({1, 1}), 4096));
  LONGS_EQUAL(1024, hash_ring_size(shares({1, 1}), kRingMax));
  LONGS_EQUAL(2048, hash_ring_size({}, 2048));
}

TEST(Ring, identity_tells_hosts_apart_by_address_family_and_port) {
  const auto v4 = *Address::parse("10.0.0.1");
  CHECK(host_identity(v4, 80) != host_identity(v4, 81));
  CHECK(host_identity(v4, 80) != host_identity(*Address::parse("10.0.0.2"), 80));
  CHECK(host_identity(v4, 80) != host_identity(*Address::parse("a00:1::"), 80));
}
