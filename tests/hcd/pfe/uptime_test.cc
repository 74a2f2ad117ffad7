#include "hcd/pfe/uptime.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfe;

TEST_GROUP(Uptime) {
  Uptime uptime;
  TimePoint now{std::chrono::hours(1000)};

  // A check every ten seconds for so long; one in `one_in` fails, 0: none.
  void checks(Seconds length, unsigned one_in) {
    for (unsigned i = 1; i <= length.count() / 10; i++, now += Seconds(10))
      uptime.add(one_in == 0 || i % one_in != 0, now);
  }
  void told(unsigned hour, unsigned day) {
    const auto out = uptime.tell(now);
    CHECK_EQUAL(hour, out.hour);
    CHECK_EQUAL(day, out.day);
  }
};

TEST(Uptime, before_the_first_check_nothing_is_known) {
  told(ctl::Availability::kNone, ctl::Availability::kNone);
}

TEST(Uptime, it_is_whole_only_if_no_check_failed) {
  checks(std::chrono::hours(30), 0);
  told(10'000, 10'000);
  uptime.add(false, now);
  checks(Seconds(2400), 0);
  const auto out = uptime.tell(now);
  CHECK(out.hour < 10'000 && out.hour > 9'900);
  CHECK(out.day < 10'000 && out.day > 9'980);
}

TEST(Uptime, an_hour_forgets_in_sixty_minutes_what_a_day_remembers) {
  checks(Seconds(600), 1);
  checks(Seconds(600), 0);
  told(5'000, 5'000);
  checks(std::chrono::minutes(30), 0);
  CHECK(uptime.tell(now).hour < 9'000);
  checks(std::chrono::minutes(10), 0);
  CHECK_EQUAL(10'000U, uptime.tell(now).hour);
  CHECK(uptime.tell(now).day < 9'000);
  checks(std::chrono::hours(24), 0);
  told(10'000, 10'000);
}

TEST(Uptime, each_part_counts_for_its_time_whatever_the_pace_of_checks) {
  checks(Seconds(600), 0);
  for (int i = 0; i < 6000; i++, now += Milliseconds(100)) uptime.add(false, now);
  told(5'000, 5'000);
}

TEST(Uptime, a_time_without_checks_says_nothing) {
  checks(Seconds(600), 2);
  now += std::chrono::minutes(30);
  checks(Seconds(600), 2);
  told(5'000, 5'000);
  now += std::chrono::hours(2);
  told(ctl::Availability::kNone, 5'000);
  now += std::chrono::hours(24);
  told(ctl::Availability::kNone, ctl::Availability::kNone);
  now += std::chrono::hours(100'000);
  checks(Seconds(10), 0);
  told(10'000, 10'000);
}

TEST(Uptime, more_checks_than_it_counts_in_a_part_keep_their_share) {
  for (int i = 0; i < 200'000; i++) uptime.add(i % 4 != 0, now);
  const auto out = uptime.tell(now);
  CHECK(out.hour >= 7'498 && out.hour <= 7'502);
}
