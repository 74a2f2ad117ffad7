#include "kmod/index.h"

#include <set>
#include <vector>

#include <CppUTest/TestHarness.h>

using namespace hcd::abi;

namespace {

constexpr hcd_seed kSeed{{0x0123456789abcdef, 0xfedcba9876543210}};

// As the packet path searches: home, and the next line when home has no free place.
std::set<std::uint32_t> found(const std::vector<hcd_index_line>& lines, std::uint64_t hash) {
  std::set<std::uint32_t> indices;
  const auto mask = static_cast<std::uint32_t>(lines.size() - 1);
  for (std::uint32_t probe = 0; probe < HCD_INDEX_PROBES; probe++) {
    bool full = true;
    for (const std::uint64_t entry : lines[(static_cast<std::uint32_t>(hash) + probe) & mask].entry) {
      if (entry == 0) full = false;
      const auto index = static_cast<std::uint32_t>(entry);
      if (index != 0 && (entry ^ index) == hcd_index_tag(hash)) indices.insert(index);
    }
    if (!full) break;
  }
  return indices;
}

}  // namespace

TEST_GROUP(Index){};

TEST(Index, finds_what_was_put_until_it_is_removed) {
  std::vector<hcd_index_line> lines(64);
  for (std::uint32_t i = 1; i <= 200; i++) CHECK(hcd_index_put(lines.data(), 63, hcd_mix(kSeed, i), i));
  for (std::uint32_t i = 1; i <= 200; i += 2) CHECK(hcd_index_remove(lines.data(), 63, hcd_mix(kSeed, i), i));
  for (std::uint32_t i = 1; i <= 200; i++) CHECK_EQUAL(i % 2 == 0, found(lines, hcd_mix(kSeed, i)).contains(i));
}

TEST(Index, overflows_into_the_next_line_and_finds_it_after_a_removal_from_the_full_one) {
  std::vector<hcd_index_line> lines(4);
  const auto hash = [](std::uint64_t i) { return i << 32 | 1; };
  for (std::uint32_t i = 1; i <= 16; i++) CHECK(hcd_index_put(lines.data(), 3, hash(2 * i), i));
  CHECK(!hcd_index_put(lines.data(), 3, hash(99), 99));
  CHECK(hcd_index_remove(lines.data(), 3, hash(2), 1));
  for (std::uint32_t i = 2; i <= 16; i++) CHECK(found(lines, hash(2 * i)).contains(i));
  CHECK(hcd_index_put(lines.data(), 3, hash(99), 99));
  CHECK(found(lines, hash(99)).contains(99));
  CHECK(!hcd_index_remove(lines.data(), 3, hash(2), 1));
}

TEST(Index, holds_several_rules_of_one_endpoint) {
  std::vector<hcd_index_line> lines(4);
  CHECK(hcd_index_put(lines.data(), 3, 0, 7));
  CHECK(hcd_index_put(lines.data(), 3, 0, 8));
  CHECK(found(lines, 0) == (std::set<std::uint32_t>{7, 8}));
}

TEST(Index, hashes_an_endpoint_as_the_packet_path_does_its_words) {
  hcd_endpoint at{.addr = {192, 0, 2, 80}, .port = 0x5000, .proto = 6, .family = 4};
  std::uint64_t words[2];
  __builtin_memcpy(words, at.addr, sizeof(words));
  CHECK(hcd_endpoint_hash(kSeed, &at) == hcd_endpoint_hash4(kSeed, static_cast<std::uint32_t>(words[0]), at.port, 6));
  at.family = 6;
  CHECK(hcd_endpoint_hash(kSeed, &at) == hcd_endpoint_hash6(kSeed, words[0], words[1], at.port, 6));
}

TEST(Index, gives_a_client_different_buckets_and_each_way_of_them_once) {
  for (std::uint32_t i = 0; i < 1000; i++) {
    const std::uint64_t hash = hcd_flow_hash4(kSeed, 0x0100000a, static_cast<std::uint16_t>(i));
    for (const std::uint32_t mask : {3U, 63U, 0xffffU}) {
      std::set<std::uint32_t> buckets;
      for (std::uint32_t rank = 0; rank < HCD_RANKS; rank++) buckets.insert(hcd_flow_bucket(hash, rank, mask));
      LONGS_EQUAL(HCD_RANKS, buckets.size());
      CHECK(*buckets.rbegin() <= mask);
    }
    for (const int six : {0, 1}) {
      std::set<std::uint32_t> ways;
      for (std::uint32_t nth = 0; nth < HCD_WAYS; nth++) ways.insert(hcd_flow_way(hash, nth, six));
      LONGS_EQUAL(HCD_WAYS, ways.size());
      CHECK(six == 1 || hcd_flow_way(hash, 0, 0) % HCD_LINE_WAYS4 == 0);
    }
  }
}

// A state in its first line needs no bit; each rank has two of its home's own byte, one in each half.
TEST(Index, says_in_bits_of_its_own_where_the_states_of_a_home_bucket_stand) {
  for (const int six : {0, 1}) {
    const std::uint64_t hash = hcd_flow_hash4(kSeed, 0x0100000a, 7);
    const std::uint32_t line = six == 1 ? HCD_LINE_WAYS6 : HCD_LINE_WAYS4;
    for (std::uint32_t nth = 0; nth < HCD_WAYS; nth++)
      CHECK_EQUAL(nth < line ? 1 : 0, hcd_way_is_first(hash, hcd_flow_way(hash, nth, six), six));
  }
  hcd_spill spill{};
  std::uint64_t all = 0;
  for (std::uint32_t home = 1000; home < 1008; home++)
    for (std::uint32_t rank = 0; rank < HCD_RANKS; rank++) {
      CHECK_EQUAL(0, all & hcd_spill_bits(home, rank));
      all |= hcd_spill_bits(home, rank);
      for (const std::uint32_t half : {0U, 1U}) {
        spill = {};
        *hcd_spill_at(&spill, home) = hcd_spill_bits(home, rank) & hcd_spill_half(half);
        for (std::uint32_t other = 1000; other < 1064; other++)
          LONGS_EQUAL(other == home ? 1U << rank : 0, hcd_spill_ranks(*hcd_spill_at(&spill, other), other));
      }
    }
  CHECK(all == ~std::uint64_t{0});
}

// How full the tables may get: a new flow finds no place with half of all taken in less than one case of 50,000, with five
// eighths in less than one of 2,000, when as many flows have come and gone as the table holds.
TEST(Index, finds_a_place_for_nearly_every_flow) {
  constexpr std::uint32_t kBuckets = 1 << 12, kPlaces = kBuckets * HCD_WAYS;
  const auto lost = [](std::uint32_t flows, std::uint32_t in) {
    std::vector<std::uint8_t> taken(kBuckets);
    std::vector<std::uint32_t> stands;  // the bucket of each flow
    std::uint64_t random = 1;
    std::uint32_t none = 0;
    const auto next = [&] { return random = random * 6364136223846793005 + 1442695040888963407, random >> 32; };
    for (std::uint32_t i = 0; i < flows + in; i++) {
      if (stands.size() >= flows) {
        std::swap(stands[next() % stands.size()], stands.back());
        taken[stands.back()]--;
        stands.pop_back();
      }
      const std::uint64_t hash =
          hcd_flow_hash4(kSeed, static_cast<std::uint32_t>(next()), static_cast<std::uint16_t>(next()));
      std::uint32_t rank = 0;
      while (rank < HCD_RANKS && taken[hcd_flow_bucket(hash, rank, kBuckets - 1)] == HCD_WAYS) rank++;
      if (rank == HCD_RANKS) {
        none++;
      } else {
        stands.push_back(hcd_flow_bucket(hash, rank, kBuckets - 1));
        taken[stands.back()]++;
      }
    }
    return none;
  };
  CHECK(lost(kPlaces / 4, 200'000) == 0);
  CHECK(lost(kPlaces / 2, 200'000) <= 200'000 / 50'000);
  CHECK(lost(kPlaces * 5 / 8, 200'000) <= 200'000 / 2'000);
}

// Neighbouring ports and addresses, the usual clients, must not crowd: 65,536 flows over 16,384 buckets.
TEST(Index, spreads_flows_evenly) {
  std::vector<int> four(16384), six(16384);
  for (std::uint32_t i = 0; i < 65536; i++) {
    four[hcd_flow_hash4(kSeed, 0x0100000a + ((i & 0xff) << 24), static_cast<std::uint16_t>(i >> 8)) & 16383]++;
    six[hcd_flow_hash6(kSeed, 0xb80d0120, std::uint64_t{i & 0xff} << 56, static_cast<std::uint16_t>(i >> 8)) & 16383]++;
  }
  for (const auto* buckets : {&four, &six})
    for (const int flows : *buckets) CHECK(flows < 24);
}
