#include "hcd/pfe/session_rates.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::pfe;

TEST_GROUP(SessionRates) {
  SessionRates rates;
  void sample_each_step(std::uint64_t from, std::uint64_t by, int steps) {
    for (int i = 1; i <= steps; i++) rates.sample(from + by * static_cast<std::uint64_t>(i));
  }
};

TEST(SessionRates, what_was_counted_before_is_in_the_total_alone) {
  rates.sample(1000);
  CHECK_EQUAL(1000U, rates.sessions().total);
  CHECK_EQUAL(0U, rates.sessions().last_day);
}

TEST(SessionRates, the_past_minute_hour_and_day_slide) {
  rates.sample(0);
  sample_each_step(0, 10, 360);  // an hour of one session a second
  CHECK_EQUAL(60U, rates.sessions().last_minute);
  CHECK_EQUAL(3600U, rates.sessions().last_hour);
  sample_each_step(3600, 0, 6);  // a minute of none
  CHECK_EQUAL(0U, rates.sessions().last_minute);
  CHECK_EQUAL(3540U, rates.sessions().last_hour);
  CHECK_EQUAL(3600U, rates.sessions().last_day);
  sample_each_step(3600, 0, 8640);
  CHECK_EQUAL(0U, rates.sessions().last_day);
}

TEST(SessionRates, the_mean_is_over_all_that_was_watched) {
  rates.sample(0);
  sample_each_step(0, 10, 12);
  sample_each_step(120, 0, 12);
  CHECK_EQUAL(30U, rates.sessions().mean_minute);
}

TEST(SessionRates, a_counter_that_was_cleared_counts_from_zero) {
  rates.sample(500);
  rates.sample(40);
  CHECK_EQUAL(40U, rates.sessions().last_minute);
  CHECK_EQUAL(540U, rates.sessions().total);
}

TEST(SessionRates, while_no_rules_are_in_force_nothing_is_counted_and_nothing_forgotten) {
  rates.sample(500);
  rates.sample(std::nullopt);
  rates.sample(3);
  CHECK_EQUAL(503U, rates.sessions().total);
  CHECK_EQUAL(3U, rates.sessions().last_minute);
}
