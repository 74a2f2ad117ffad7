#include "hcd/hce/wheel.h"

#include <vector>

#include <CppUTest/TestHarness.h>

using namespace hcd::hce;

TEST_GROUP(TimerWheel) {
  TimerWheel wheel;
  std::vector<Timed*> fired;
  void advance(Tick now) {
    wheel.advance(now, [this](Timed& node) { fired.push_back(&node); });
  }
};

TEST(TimerWheel, fires_in_order_of_time_and_once) {
  Timed a, b, c;
  wheel.add(a, 30);
  wheel.add(b, 10);
  wheel.add(c, 31);
  advance(30);
  CHECK(fired == std::vector<Timed*>({&b, &a}));
  advance(30);
  CHECK_EQUAL(2U, fired.size());
}

TEST(TimerWheel, a_node_rounds_away_waits_for_its_round) {
  Timed near, far;
  wheel.add(near, 5);
  wheel.add(far, 5 + 4096 * 2);
  advance(6);
  CHECK(fired == std::vector<Timed*>({&near}));
  advance(5 + 4096 * 2 - 1);
  CHECK_EQUAL(1U, fired.size());
  advance(5 + 4096 * 2);
  CHECK_EQUAL(2U, fired.size());
}

TEST(TimerWheel, what_was_armed_for_the_past_fires_next) {
  Timed node;
  advance(100);
  wheel.add(node, 3);
  CHECK(wheel.next() == 101U);
  advance(101);
  CHECK_EQUAL(1U, fired.size());
}

TEST(TimerWheel, removed_and_rearmed_nodes_do_not_fire_at_their_old_time) {
  Timed a, b;
  wheel.add(a, 10);
  wheel.add(b, 10);
  wheel.remove(a);
  wheel.add(b, 20);
  advance(19);
  CHECK(fired.empty());
  CHECK(wheel.next() == 20U);
}

TEST(TimerWheel, a_callback_may_remove_its_neighbour_and_rearm_itself) {
  Timed a, b;
  wheel.add(a, 10);
  wheel.add(b, 10);
  int calls = 0;
  wheel.advance(10, [&](Timed& node) {
    calls++;
    wheel.remove(b);
    wheel.add(node, 10);  // the past: the next tick
  });
  CHECK_EQUAL(1, calls);
  CHECK(wheel.next() == 11U);
}

TEST(TimerWheel, the_next_time_is_never_late) {
  CHECK(!wheel.next());
  Timed a, b;
  advance(4000);
  wheel.add(a, 4097);
  CHECK(wheel.next() == 4097U);
  wheel.add(b, 4001);
  CHECK(wheel.next() == 4001U);
  wheel.remove(b);
  wheel.add(b, 4000 + 4096);
  wheel.remove(a);
  CHECK(wheel.next() == 8096U);
}
