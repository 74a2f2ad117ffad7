#include "hcd/pfe/ramp.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfe;

TEST_GROUP(SlowStart) {
  static constexpr Seconds kTime{30};
  const TimePoint since{Seconds(999)};
};

TEST(SlowStart, a_host_takes_ten_steps_in_its_time) {
  unsigned last = 0;
  for (int second = 0; second <= 30; second++) {
    const unsigned step = ramp_step(since, since + Seconds(second), kTime);
    CHECK(step == last || step == last + 1);
    last = step;
  }
  CHECK_EQUAL(1U, ramp_step(since, since, kTime));
  CHECK_EQUAL(2U, ramp_step(since, since + Seconds(3), kTime));
  CHECK_EQUAL(10U, last);
}

TEST(SlowStart, hosts_that_came_up_at_different_times_step_at_the_same) {
  const TimePoint next = next_ramp_step(since + Milliseconds(100), kTime);
  for (const auto later : {Milliseconds(0), Milliseconds(700), Milliseconds(2900)}) {
    CHECK_EQUAL(1U, ramp_step(since + later, next - Milliseconds(1), kTime));
    CHECK_EQUAL(2U, ramp_step(since + later, next, kTime));
  }
}

TEST(SlowStart, without_a_time_or_after_it_the_weight_is_full) {
  CHECK_EQUAL(kRampSteps, ramp_step(since, since, Seconds(0)));
  CHECK_EQUAL(kRampSteps, ramp_step(since, since + Seconds(31), kTime));
  CHECK_EQUAL(kRampSteps, ramp_step(TimePoint(), since, kTime));
}

TEST(SlowStart, a_time_that_is_yet_to_come_is_the_first_step) {
  CHECK_EQUAL(1U, ramp_step(since + Seconds(9), since, kTime));
}

TEST(SlowStart, one_host_alone_and_hosts_of_one_step_have_their_own_weights) {
  Ramp ramp;
  ramp.add(7, 1);
  CHECK_EQUAL(7, ramp.weight(7, 1));
  ramp.add(3, 1);
  CHECK_EQUAL(3, ramp.weight(3, 1));
}

TEST(SlowStart, a_host_that_warms_up_has_its_part_beside_the_others) {
  Ramp ramp;
  ramp.add(1, 3);
  ramp.add(2, kRampSteps);
  CHECK_EQUAL(3, ramp.weight(1, 3));
  CHECK_EQUAL(20, ramp.weight(2, kRampSteps));
}

TEST(SlowStart, weights_stay_within_what_the_fast_path_takes) {
  Ramp ramp;
  ramp.add(1000, kRampSteps);
  ramp.add(1000, 4);
  ramp.add(1, 1);
  CHECK_EQUAL(1000, ramp.weight(1000, kRampSteps));
  CHECK_EQUAL(400, ramp.weight(1000, 4));
  CHECK_EQUAL(1, ramp.weight(1, 1));
}
