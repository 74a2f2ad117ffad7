// Where states stand, and what becomes of a new one where there is no room.
#include <array>
#include <span>

#include <arpa/inet.h>

#include "kmod/count.h"
#include "kmod/index.h"
#include "kmod/tcp.h"
#include "tests/packets/crowd.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

constexpr std::array kTurn = {&kServer1, &kServer2, &kServer3};
void establish(const Site& site, std::span<const Endpoint> clients) {
  for (std::size_t i = 0; i < clients.size(); i++) site.establish(clients[i], kVip, *kTurn[i % 3]);
}

// The sum of what was taken out of counts, by direction.
struct Large {
  std::size_t states = 0;
  std::uint64_t packets[2] = {}, bytes[2] = {};
};
Large large(const Site& site) {
  Large out;
  for (const hcd_large& one : site.stage.large) {
    out.states += one.id != 0;
    for (const int side : {0, 1}) out.packets[side] += one.packets[side], out.bytes[side] += one.bytes[side];
  }
  return out;
}

}  // namespace

PACKET_TEST(Place, never_evicts_an_established_connection) {
  const auto clients = crowd(site, kPlaces + 1);
  establish(site, {clients.data(), kPlaces});
  site.drops({.src = clients[kPlaces], .dst = kVip}, HCD_MEMORY);
  for (std::size_t i = 0; i < kPlaces; i++)
    site.forwards({.src = clients[i], .dst = kVip, .flags = kAck}, *kTurn[i % 3]);
}
PACKET_TEST(Place, goes_to_the_next_of_its_buckets_where_one_is_full) {
  const auto clients = crowd(site, kPlaces);
  for (std::size_t rank = 0; rank < HCD_RANKS; rank++) {
    for (const auto& way : site.stage.states4[rank].way) LONGS_EQUAL(0, way.key);
    for (std::size_t i = rank * HCD_WAYS; i < (rank + 1) * HCD_WAYS; i++)
      site.establish(clients[i], kVip, *kTurn[i % 3]);
    for (const auto& way : site.stage.states4[rank].way) CHECK(way.key != 0);
  }
}
// Where it is looked for first: of the ways of its home bucket in those of one cache line, if one of them is free.
PACKET_TEST(Place, stands_in_the_line_of_its_home_bucket_that_its_hash_chooses) {
  for (std::uint16_t port = 2000; port < 2040; port++) {
    site.stage.clear_states();
    (void)site.run({.src = {kClient.address, port}, .dst = kVip});
    (void)site.run({.src = {kClient6.address, port}, .dst = kVip6});
    std::uint32_t word = 0;
    __u64 words[2];
    std::memcpy(&word, kClient.address.bytes.data(), sizeof word);
    std::memcpy(words, kClient6.address.bytes.data(), sizeof words);
    const auto mask = static_cast<std::uint32_t>(site.stage.states4.size() - 1);
    const std::uint64_t four = hcd_flow_hash4(stage_seed(), word, htons(port));
    const std::uint64_t six = hcd_flow_hash6(stage_seed(), words[0], words[1], htons(port));
    CHECK(site.stage.states4[hcd_flow_bucket(four, 0, mask)].way[hcd_flow_way(four, 0, 0)].key != 0);
    CHECK(site.stage.states6[hcd_flow_bucket(six, 0, mask)].way[hcd_flow_way(six, 0, 1)].key != 0);
  }
}
// Of full buckets goes: what is expired, then what is closed, then the half-open state that is oldest.
PACKET_TEST(Place, evicts_the_expired_then_the_closed_then_the_oldest_half_open_state) {
  const auto clients = crowd(site, kPlaces + 4);
  for (std::size_t i = 0; i < kPlaces; i++) (void)site.run({.src = clients[i], .dst = kVip});
  hcd_state4* ways[] = {&site.stage.states4[0].way[3], &site.stage.states4[1].way[0], &site.stage.states4[2].way[1],
                        &site.stage.states4[3].way[7]};
  const std::uint64_t first[] = {ways[0]->key, ways[1]->key, ways[2]->key, ways[3]->key};
  Site::age(ways[0]->value, 10);
  Site::age(ways[1]->value, 20);
  Site::age(ways[2]->value, 1000);
  ways[3]->value = (ways[3]->value & ~std::uint64_t{0xff}) | HCD_TIME_WAIT << 4 | HCD_TIME_WAIT;
  for (const std::size_t evicted : {2, 3, 1, 0}) {
    (void)site.run({.src = clients[kPlaces + evicted], .dst = kVip});
    CHECK(ways[evicted]->key != first[evicted]);
    ways[evicted]->value += std::uint64_t{1} << 32;
  }
  LONGS_EQUAL(2, site.stage.reason(HCD_EXPIRED));
  LONGS_EQUAL(2, site.stage.reason(HCD_EVICTED));
}
PACKET_TEST(Place, spares_half_open_ones_where_a_full_table_refuses) {
  const auto clients = crowd(site, kPlaces + 1);
  for (std::size_t i = 0; i < kPlaces; i++) (void)site.run({.src = clients[i], .dst = kVip});
  site.stage.settings[0].when_full = HCD_REFUSE;
  site.drops({.src = clients[kPlaces], .dst = kVip}, HCD_MEMORY);
  LONGS_EQUAL(0, site.stage.reason(HCD_EVICTED));
  site.stage.settings[0].when_full = HCD_EVICT_HALF_OPEN;
  LONGS_EQUAL(site.verdicts().redirect, site.run({.src = clients[kPlaces], .dst = kVip}).action);
  LONGS_EQUAL(1, site.stage.reason(HCD_EVICTED));
}
PACKET_TEST(Place, is_found_in_its_other_buckets_after_home_has_emptied) {
  const auto clients = crowd(site, kPlaces);
  establish(site, clients);
  for (const std::size_t emptied : {0, 2}) site.stage.states4[emptied] = {};
  for (std::size_t i = 0; i < kPlaces; i++) {
    if (i / HCD_WAYS % 2 == 0) {
      site.drops({.src = clients[i], .dst = kVip, .flags = kAck}, HCD_NO_STATE);
    } else {
      site.forwards({.src = clients[i], .dst = kVip, .flags = kAck}, *kTurn[i % 3]);
      site.answers({.src = *kTurn[i % 3], .dst = clients[i], .flags = kAck}, kVip);
    }
  }
  LONGS_EQUAL(0xff, site.stage.spills4[0].homes[0]);  // every rank of home 0, and no other home
}
PACKET_TEST(Place, empties_a_count_before_it_is_full) {
  site.establish(kClient, kVip, kServer1);
  site.establish(kClient6, kVip6, kServer61);
  LONGS_EQUAL(0, large(site).states);
  for (int time = 1; time <= 2; time++) {
    site.state()->counts[0] = ((__u64{1} << 27) - 1) << HCD_COUNT_BYTES | 77;
    site.state6()->counts[1] = __u64{5} << HCD_COUNT_BYTES | ((__u64{1} << 35) - 1);
    site.forwards({.src = kClient, .dst = kVip, .flags = kAck}, kServer1);
    site.answers({.src = kServer61, .dst = kClient6, .flags = kAck}, kVip6);
    LONGS_EQUAL(0, site.state()->counts[0]);
    LONGS_EQUAL(0, site.state6()->counts[1]);
    const Large sum = large(site);
    LONGS_EQUAL(2, sum.states);
    LONGS_EQUAL(time * (1 << 27), sum.packets[0]);
    LONGS_EQUAL(time * (77 + 40), sum.bytes[0]);
    LONGS_EQUAL(time * 6, sum.packets[1]);
    CHECK(sum.bytes[1] == static_cast<std::uint64_t>(time) * ((__u64{1} << 35) - 1 + 60));
  }
}
