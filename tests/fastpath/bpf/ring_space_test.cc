#include "fastpath/bpf/ring_space.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::fastpath;

TEST_GROUP(RingSpace) {
  RingSpace space{101};
};

TEST(RingSpace, never_gives_line_0) {
  LONGS_EQUAL(100, space.free());
  LONGS_EQUAL(1, space.take(1)->base);
}

TEST(RingSpace, gives_whole_lines) {
  LONGS_EQUAL(1, space.take(16)->count);
  LONGS_EQUAL(2, space.take(17)->count);
  LONGS_EQUAL(97, space.free());
}

TEST(RingSpace, gives_the_smallest_gap_that_fits) {
  const auto a = space.take(10 * 16), b = space.take(1), c = space.take(3 * 16), d = space.take(1);
  CHECK(b && d);
  space.release(*a);
  space.release(*c);
  LONGS_EQUAL(c->base, space.take(3 * 16)->base);
}

TEST(RingSpace, merges_what_comes_back) {
  const auto a = space.take(16), b = space.take(16), c = space.take(16);
  space.release(*a);
  space.release(*c);
  space.release(*b);
  LONGS_EQUAL(100, space.take(100 * 16)->count);
  CHECK(!space.take(1));
}

TEST(RingSpace, retired_lines_are_free_only_after_a_grace_period) {
  const auto all = space.take(100 * 16);
  space.retire(*all);
  CHECK(!space.take(1));
  space.settle();
  CHECK(space.take(100 * 16).has_value());
}

TEST(RingSpace, refuses_claims_out_of_range_or_taken) {
  CHECK(!space.claim({0, 1}));
  CHECK(!space.claim({100, 2}));
  CHECK(!space.claim({4294967295U, 4294967295U}));
  CHECK(!space.claim({5, 0}));
  CHECK(space.claim({5, 10}));
  CHECK(!space.claim({14, 1}));
  CHECK(space.claim({15, 1}));
}
