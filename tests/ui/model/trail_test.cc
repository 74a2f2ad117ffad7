#include "ui/model/trail.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::ui;

TEST_GROUP(Trail) {
  Trail trail;
};

TEST(Trail, it_keeps_the_last_checks_and_forgets_older_ones) {
  for (std::uint32_t i = 0; i < Trail::kSize + 5; i++) trail.add(1000 + i * 100);
  CHECK_EQUAL(Trail::kSize, trail.size());
  DOUBLES_EQUAL(1000 + (Trail::kSize + 4) * 100.0, trail.ago(0).latency_us, 4);
  DOUBLES_EQUAL(1500, trail.ago(Trail::kSize - 1).latency_us, 1);
}

TEST(Trail, latencies_are_true_to_a_three_thousandth) {
  for (const std::uint32_t us : {0U, 1U, 17U, 999U, 60'000U, 3'000'000U}) {
    trail.add(us);
    DOUBLES_EQUAL(us, trail.ago(0).latency_us, 0.5 + us / 3000.0);
  }
}

TEST(Trail, a_failure_is_no_latency) {
  trail.add(std::nullopt);
  CHECK(trail.ago(0).failed);
  CHECK_FALSE(trail.percentile(50).has_value());
}

TEST(Trail, percentiles_are_of_what_passed) {
  for (std::uint32_t i = 1; i <= 50; i++) trail.add(i * 1000);
  for (int i = 0; i < 10; i++) trail.add(std::nullopt);
  DOUBLES_EQUAL(25'000, *trail.percentile(50), 10);
  DOUBLES_EQUAL(50'000, *trail.percentile(99), 20);
  DOUBLES_EQUAL(1'000, *trail.percentile(1), 1);
}

TEST(Trail, the_height_grows_with_the_logarithm_up_to_half_of_the_time_allowed) {
  constexpr std::uint32_t kTimeout = 200'000;
  CHECK_EQUAL(0U, level(0, kTimeout, 8));
  CHECK_EQUAL(0U, level(200, kTimeout, 8));
  CHECK_EQUAL(7U, level(100'000, kTimeout, 8));
  CHECK_EQUAL(7U, level(4'000'000, kTimeout, 8));
  std::size_t last = 0;
  for (std::uint32_t us = 100; us < 200'000; us *= 2) {
    CHECK(level(us, kTimeout, 8) >= last);
    CHECK(level(us, kTimeout, 8) <= last + 1);
    last = level(us, kTimeout, 8);
  }
  CHECK_EQUAL(0U, level(5, 0, 0));
}
