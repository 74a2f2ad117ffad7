#include "kmod/pick.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::abi;

TEST_GROUP(Pick){};

// Computed by an independent program that reproduces the value printed in the SipHash paper.
TEST(Pick, hashes_as_siphash_2_4_does) {
  const __u64 key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
  const __u64 addr[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
  CHECK(hcd_siphash(key, addr, 0) == 0xcf2794e0277187b7);
  CHECK(hcd_siphash(key, addr, 1) == 0x3f2acc7f57c29bdb);
}

// The bytes 0 to 12, and 0 to 36.
TEST(Pick, hashes_a_whole_flow_as_siphash_2_4_does) {
  const __u64 key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
  const __u64 src4[2] = {0x03020100, 0}, dst4[2] = {0x07060504, 0};
  CHECK(hcd_siphash_flow(key, src4, dst4, 0x0908, 0x0b0a, 12, 0) == 0x14ea5627c0843d90);
  const __u64 src6[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908}, dst6[2] = {0x1716151413121110, 0x1f1e1d1c1b1a1918};
  CHECK(hcd_siphash_flow(key, src6, dst6, 0x2120, 0x2322, 36, 1) == 0x027990f029623981);
}

TEST(Pick, takes_a_ring_apart_into_lines_and_slots) {
  const __u64 ring = 5ULL << 32 | 40;
  CHECK_EQUAL(40u, hcd_ring_slots(ring));
  CHECK_EQUAL(5u, hcd_ring_line_of(ring, 0));
  CHECK_EQUAL(5u, hcd_ring_line_of(ring, 15));
  CHECK_EQUAL(7u, hcd_ring_line_of(ring, 39));
}

TEST(Pick, visits_every_slot_in_a_turn_and_goes_on_where_one_was_refused) {
  const __u64 ring = 1ULL << 32 | 7;
  for (__u64 number = 0; number < 30; number++) CHECK_EQUAL(number % 7, hcd_ring_slot(ring, number, 0));
  CHECK_EQUAL(0u, hcd_ring_slot(ring, 6, 1));
  CHECK(hcd_ring_slot(ring, ~0ULL, 3) < 7);
}
