#include <set>

#include "kmod/hcd_abi.h"
// clang-format off: it needs the sizes
#include "kmod/count.h"
// clang-format on

#include <CppUTest/TestHarness.h>

using namespace hcd::abi;

TEST_GROUP(Count){};

TEST(Count, holds_packets_and_bytes_in_one_word) {
  std::uint64_t count = 0;
  for (const std::uint32_t bytes : {40U, 65535U, 1500U}) count += hcd_count_of(bytes);
  LONGS_EQUAL(3, hcd_count_packets(count));
  LONGS_EQUAL(67075, hcd_count_bytes(count));
}
TEST(Count, is_full_before_either_half_overflows) {
  const std::uint64_t packets = ((1ULL << 27) - 1) << HCD_COUNT_BYTES, bytes = (1ULL << 35) - 1;
  CHECK(!hcd_count_is_full(0));
  CHECK(!hcd_count_is_full(packets | bytes));
  CHECK(hcd_count_is_full(packets + hcd_count_of(0)));
  CHECK(hcd_count_is_full(bytes + hcd_count_of(1)));
}
TEST(Count, names_each_state_otherwise) {
  std::set<std::uint64_t> ids;
  for (const std::uint32_t birth : {1U, 2U, UINT32_MAX})
    for (const std::uint32_t bucket : {0U, 1U, (1U << 28) - 1})
      for (std::uint32_t way = 0; way < HCD_WAYS; way++)
        for (const int six : {0, 1}) ids.insert(hcd_state_id(birth, bucket, way, six));
  LONGS_EQUAL(3 * 3 * HCD_WAYS * 2, ids.size());
}
TEST(Count, gives_a_state_several_places_for_what_it_cannot_hold) {
  for (const std::uint64_t id : {1ULL, ~0ULL, 0x123456789abcdefULL}) {
    std::set<std::uint32_t> places;
    for (std::uint32_t probe = 0; probe < HCD_LARGE_PROBES; probe++) places.insert(hcd_large_at(id, probe));
    LONGS_EQUAL(HCD_LARGE_PROBES, places.size());
    CHECK(*places.rbegin() < HCD_LARGE);
  }
}
