#include "hcd/pfe/choice.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfe;
using conf::Id;
using Ids = std::vector<Id>;

TEST_GROUP(Choice) {
  const TimePoint t0{Seconds(1000)};
  Latch latch;
  conf::Service service;
  void setup() override {
    service.table = 1;
    service.backups = {2, 3};
    service.conditions = {{.use = 4, .watch = 1, .below = 50, .percent = true}, {.use = 3, .watch = 1, .below = 2}};
  }
};

TEST(Choice, the_table_then_the_backups_in_order) {
  CHECK(order_of_choice(service, {false, false}) == Ids({1, 2, 3}));
}

TEST(Choice, conditions_that_hold_come_first_in_their_order_and_no_table_twice) {
  CHECK(order_of_choice(service, {true, true}) == Ids({4, 3, 1, 2}));
  CHECK(order_of_choice(service, {false, true}) == Ids({3, 1, 2}));
}

TEST(Choice, all_that_is_named_is_watched_tables_too) {
  service.conditions[0].watch = 9;
  CHECK(tables_named(service) == Ids({1, 2, 3, 4, 9}));
}

TEST(Choice, below_a_percentage_is_of_all_hosts_and_half_is_not_below_half) {
  const conf::Condition& half = service.conditions[0];
  CHECK(!is_below(half, {.live = 2, .hosts = 4}));
  CHECK(is_below(half, {.live = 1, .hosts = 4}));
  CHECK(!is_below(half, {.live = 2, .hosts = 3}));
  CHECK(!is_below(half, {.live = 0, .hosts = 0}));
}

TEST(Choice, below_a_number_is_of_hosts_up) {
  CHECK(is_below(service.conditions[1], {.live = 1, .hosts = 40}));
  CHECK(!is_below(service.conditions[1], {.live = 2, .hosts = 2}));
}

TEST(Choice, a_table_with_fewer_hosts_than_its_minimum_is_short) {
  conf::Table table;
  CHECK(!is_short(table, 0));
  table.minimum = 2;
  CHECK(is_short(table, 1));
  CHECK(!is_short(table, 2));
}

TEST(Choice, a_latch_without_a_time_follows_at_once) {
  CHECK(latch.update(true, t0, Seconds(0)));
  CHECK(!latch.update(false, t0, Seconds(0)));
  CHECK(!latch.due(Seconds(0)));
}

TEST(Choice, a_latch_with_a_time_waits_for_it_both_ways) {
  const Seconds hold(10);
  CHECK(!latch.update(true, t0, hold));
  CHECK(latch.due(hold) == t0 + hold);
  CHECK(!latch.update(true, t0 + Seconds(9), hold));
  CHECK(latch.update(true, t0 + Seconds(10), hold));
  CHECK(latch.update(false, t0 + Seconds(20), hold));
  CHECK(!latch.update(false, t0 + Seconds(30), hold));
}

TEST(Choice, a_pause_begins_the_time_anew) {
  const Seconds hold(10);
  latch.update(true, t0, hold);
  latch.update(false, t0 + Seconds(5), hold);
  CHECK(!latch.due(hold));
  CHECK(!latch.update(true, t0 + Seconds(9), hold));
  CHECK(!latch.update(true, t0 + Seconds(18), hold));
  CHECK(latch.update(true, t0 + Seconds(19), hold));
}
