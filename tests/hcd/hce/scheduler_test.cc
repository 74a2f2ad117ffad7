#include "hcd/hce/scheduler.h"

#include <map>
#include <vector>

#include "tests/fake/fake_loop.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::chrono_literals;

namespace {

struct Recorder final : Scheduler::Client {
  test::FakeLoop& loop;
  Scheduler* scheduler = nullptr;
  bool finish_at_once = true;
  std::map<Turn*, std::vector<TimePoint>> begun;
  std::vector<Turn*> order, overrun_turns, starved_turns;
  std::vector<TimePoint> expired_at;
  explicit Recorder(test::FakeLoop& l) : loop(l) {}
  void begin(Turn& turn) override {
    begun[&turn].push_back(loop.now());
    order.push_back(&turn);
    if (finish_at_once) scheduler->finished(turn);
  }
  void overrun(Turn& turn) override {
    overrun_turns.push_back(&turn);
    scheduler->finished(turn);
  }
  void starved(Turn& turn) override { starved_turns.push_back(&turn); }
  void expired(Deadline&) override { expired_at.push_back(loop.now()); }
};

}  // namespace

TEST_GROUP(Scheduler) {
  test::FakeLoop loop;
  Recorder client{loop};
  std::unique_ptr<Scheduler> scheduler;
  void make(Scheduler::Limits limits) {
    scheduler = std::make_unique<Scheduler>(loop, client, limits);
    client.scheduler = scheduler.get();
  }
  std::vector<Turn> add(std::size_t count, Duration interval = 10s) {
    std::vector<Turn> turns(count);
    for (std::uint32_t id = 0; auto& turn : turns) scheduler->add(turn, ++id, interval, 200ms);
    return turns;
  }
  std::size_t begun() {
    std::size_t all = 0;
    for (const auto& [turn, times] : client.begun) all += times.size();
    return all;
  }
};

TEST(Scheduler, a_new_host_is_checked_at_once) {
  make({});
  const auto turns = add(1);
  loop.advance(0s);
  CHECK_EQUAL(1U, begun());
}

TEST(Scheduler, each_host_has_its_turn_once_an_interval) {
  make({});
  const auto turns = add(100);
  loop.advance(10s);
  const std::size_t first = begun();
  for (int round = 1; round <= 5; round++) {
    loop.advance(10s);
    CHECK_EQUAL(first + 100U * round, begun());
  }
  for (const auto& [turn, times] : client.begun)
    for (std::size_t i = 2; i < times.size(); i++) CHECK(times[i] - times[i - 1] == 10s);
}

TEST(Scheduler, turns_are_spread_evenly_over_the_interval) {
  make({});
  const auto turns = add(1000);
  loop.advance(20s);
  client.begun.clear();
  std::size_t before = 0, most = 0, least = 1000;
  for (int i = 0; i < 100; i++) {
    loop.advance(100ms);
    most = std::max(most, begun() - before);
    least = std::min(least, begun() - before);
    before = begun();
  }
  CHECK_EQUAL(1000U, before);
  CHECK(most <= 14 && least >= 6);  // 10 on average
}

TEST(Scheduler, where_checks_are_few_some_begin_together_and_where_they_are_many_no_more_do) {
  for (const auto& [hosts, fewest, most] :
       {std::tuple(500U, 4U, 20U), std::tuple(1000U, 4U, 24U), std::tuple(10000U, 40U, 64U)}) {
    make({.running = 100000});
    const auto turns = add(hosts, 1s);
    loop.advance(4s);
    client.begun.clear();
    loop.advance(1s);
    std::map<TimePoint, unsigned> together;
    for (const auto& [turn, times] : client.begun) together[times.front()]++;
    CHECK_EQUAL(hosts, client.begun.size());
    CHECK(together.size() * fewest <= hosts);
    for (const auto& [time, starts] : together) CHECK(starts <= most);
  }
}

TEST(Scheduler, where_the_interval_is_short_phases_stay_fine) {
  make({});
  const auto turns = add(20, 200ms);
  loop.advance(1s);
  std::map<TimePoint, unsigned> together;
  for (const auto& [turn, times] : client.begun) together[times.back()]++;
  CHECK(together.size() >= 15U);
}

TEST(Scheduler, ten_thousand_new_hosts_are_paced) {
  make({.running = 100000, .burst = 50});
  const auto turns = add(10000);
  loop.advance(4ms);
  CHECK(begun() <= 100U);
  loop.advance(396ms);
  CHECK(begun() <= 101U * 50U);
  loop.advance(500ms);
  CHECK(client.begun.size() == 10000U);
}

TEST(Scheduler, fifty_thousand_new_hosts_are_paced_and_their_turns_spread) {
  make({.running = 100000, .burst = 64});
  const auto turns = add(50000);
  const TimePoint begin = loop.now();
  loop.advance(10s);
  CHECK_EQUAL(50000U, client.begun.size());
  std::map<Duration, std::size_t> in_tick, in_window;  // starts in each 4 ms; in each 100 ms of the second interval
  TimePoint last_first;
  loop.advance(10s);
  for (const auto& [turn, times] : client.begun) {
    last_first = std::max(last_first, times.front());
    for (const auto time : times) in_tick[(time - begin) / Scheduler::kTick * Scheduler::kTick]++;
    for (const auto time : times)
      if (time >= begin + 10s && time < begin + 20s) in_window[(time - begin) / 100ms * 100ms]++;
  }
  CHECK(last_first - begin <= 50000 / 64 * Scheduler::kTick + 1s);  // as fast as may be: turns of others come between
  for (const auto& [tick, starts] : in_tick) CHECK(starts <= 64U);
  for (const auto& [window, starts] : in_window) CHECK(starts >= 450U && starts <= 550U);  // 500 on average
}

TEST(Scheduler, a_check_that_still_runs_at_its_next_turn_is_overrun_and_starts_again) {
  make({});
  client.finish_at_once = false;
  const auto turns = add(1);
  loop.advance(21s);
  CHECK_EQUAL(2U, client.overrun_turns.size());
  CHECK_EQUAL(3U, begun());
}

TEST(Scheduler, a_slow_host_does_not_delay_another) {
  make({.running = 8, .burst = 64});
  std::vector<Turn> turns(8);
  client.finish_at_once = false;
  scheduler->add(turns[0], 1, 10s, 200ms);
  loop.advance(0s);
  client.finish_at_once = true;
  for (std::uint32_t i = 1; i < 8; i++) scheduler->add(turns[i], i + 1, 10s, 200ms);
  loop.advance(4ms);
  for (auto& turn : turns) CHECK_EQUAL(1U, client.begun[&turn].size());
}

TEST(Scheduler, beyond_the_bound_turns_wait_in_order) {
  make({.running = 2, .burst = 64});
  client.finish_at_once = false;
  std::vector<Turn> turns(4);
  for (std::uint32_t id = 0; auto& turn : turns) scheduler->add(turn, ++id, 10s, 200ms);
  loop.advance(8ms);
  CHECK_EQUAL(2U, begun());
  scheduler->finished(turns[1]);
  loop.advance(4ms);
  CHECK(client.order == std::vector<Turn*>({&turns[0], &turns[1], &turns[2]}));
  CHECK_EQUAL(2U, scheduler->running());
}

TEST(Scheduler, a_host_that_waits_for_a_whole_interval_is_told_and_keeps_its_place) {
  make({.running = 1, .burst = 64});
  client.finish_at_once = false;
  std::vector<Turn> turns(2);
  scheduler->add(turns[0], 1, 3600s, 200ms);
  scheduler->add(turns[1], 2, 1s, 200ms);
  loop.advance(3s);
  CHECK(!client.starved_turns.empty());
  CHECK(client.starved_turns[0] == &turns[1]);
  scheduler->finished(turns[0]);
  loop.advance(4ms);
  CHECK_EQUAL(1U, client.begun[&turns[1]].size());
}

TEST(Scheduler, a_removed_host_has_no_more_turns_and_frees_its_place) {
  make({.running = 1, .burst = 64});
  client.finish_at_once = false;
  std::vector<Turn> turns(2);
  scheduler->add(turns[0], 1, 1s, 200ms);
  scheduler->add(turns[1], 2, 1s, 200ms);
  loop.advance(0s);
  scheduler->remove(turns[0]);
  loop.advance(10s);
  CHECK_EQUAL(1U, client.begun[&turns[0]].size());
  CHECK(client.begun[&turns[1]].size() > 1);
}

TEST(Scheduler, a_deadline_is_never_early_and_not_much_late) {
  make({});
  Deadline kept, cancelled;
  loop.advance(1s + 1ms);
  const TimePoint due = loop.now() + 200ms;
  scheduler->arm(kept, 200ms);
  scheduler->arm(cancelled, 100ms);
  scheduler->cancel(cancelled);
  loop.advance(1s);
  CHECK_EQUAL(1U, client.expired_at.size());
  CHECK(client.expired_at[0] >= due && client.expired_at[0] <= due + 2 * Scheduler::kTick);
}

TEST(Scheduler, a_host_added_after_a_long_silence_is_not_late) {
  make({});
  loop.advance(3600s);
  const auto turns = add(1);
  loop.advance(100ms);
  CHECK_EQUAL(1U, begun());
  CHECK(client.starved_turns.empty() && client.overrun_turns.empty());
}

TEST(Scheduler, an_interval_may_be_shorter_than_a_second) {
  make({});
  const auto turns = add(10, 400ms);
  loop.advance(1s);
  const std::size_t first = begun();
  loop.advance(10s);
  CHECK_EQUAL(first + 250U, begun());
}

TEST(Scheduler, another_interval_begins_after_the_timeout_and_within_one_interval_of_it) {
  make({});
  auto turns = add(50);
  loop.advance(20s);
  const TimePoint changed = loop.now();
  for (auto& turn : turns) scheduler->set_interval(turn, 1s);
  client.begun.clear();
  loop.advance(5s);
  for (const auto& [turn, times] : client.begun) {
    CHECK(times[0] - changed >= 200ms);
    CHECK(times[0] - changed <= 1s + 200ms + 2 * Scheduler::kTick);
    for (std::size_t i = 1; i < times.size(); i++) CHECK(times[i] - times[i - 1] == 1s);
  }
  CHECK_EQUAL(50U, client.begun.size());
}

TEST(Scheduler, another_interval_is_spread_evenly_too) {
  make({});
  auto turns = add(1000);
  loop.advance(20s);
  for (auto& turn : turns) scheduler->set_interval(turn, 2s);
  loop.advance(4s);
  client.begun.clear();
  std::size_t before = 0, most = 0;
  for (int i = 0; i < 20; i++) {
    loop.advance(100ms);
    most = std::max(most, begun() - before);
    before = begun();
  }
  CHECK_EQUAL(1000U, before);
  CHECK(most <= 60);  // 50 on average
}

TEST(Scheduler, the_same_interval_again_moves_nothing) {
  make({});
  auto turns = add(1);
  loop.advance(20s);
  client.begun.clear();
  for (int i = 0; i < 100; i++) {
    scheduler->set_interval(turns[0], 10s);
    loop.advance(1s);
  }
  CHECK_EQUAL(10U, begun());
}

TEST(Scheduler, a_removed_host_gets_no_other_interval) {
  make({});
  std::vector<Turn> turns(1);
  scheduler->set_interval(turns[0], 1s);
  loop.advance(10s);
  CHECK_EQUAL(0U, begun());
}

TEST(Scheduler, an_overrun_is_still_told_in_a_shorter_interval_and_not_before_the_timeout) {
  make({});
  client.finish_at_once = false;
  auto turns = add(1);
  loop.advance(21s);
  scheduler->finished(turns[0]);
  client.overrun_turns.clear();
  client.begun.clear();
  scheduler->set_interval(turns[0], 300ms);
  loop.advance(3s);
  CHECK(client.overrun_turns.size() >= 8);
  const auto& times = client.begun[&turns[0]];
  for (std::size_t i = 1; i < times.size(); i++) CHECK(times[i] - times[i - 1] == 300ms);
}

TEST(Scheduler, with_jitter_turns_come_at_random_within_it_and_none_is_lost) {
  make({.seed = 7});
  std::vector<Turn> turns(100);
  for (std::uint32_t id = 0; auto& turn : turns)
    scheduler->add(turn, ++id, {.interval = 1s, .timeout = 200ms, .jitter = 20});
  loop.advance(3s);
  client.begun.clear();
  loop.advance(100s);
  bool differ = false;
  for (const auto& [turn, times] : client.begun) {
    CHECK(times.size() >= 99 && times.size() <= 101);
    for (std::size_t i = 1; i < times.size(); i++) {
      CHECK(times[i] - times[i - 1] >= 800ms && times[i] - times[i - 1] <= 1200ms);
      differ |= times[i] - times[i - 1] != 1s;
    }
  }
  CHECK(differ);
}

TEST(Scheduler, two_seeds_do_not_keep_step) {
  const auto times_of = [this](std::uint64_t seed) {
    make({.seed = seed});
    client.begun.clear();
    std::vector<Turn> turns(1);
    const TimePoint start = loop.now();
    scheduler->add(turns[0], 1, {.interval = 10s, .timeout = 200ms, .jitter = 10});
    loop.advance(100s);
    std::vector<Duration> out;
    for (const auto time : client.begun[&turns[0]]) out.push_back(time - start);
    scheduler->remove(turns[0]);
    return out;
  };
  CHECK(times_of(1) == times_of(1));
  CHECK(times_of(1) != times_of(2));
}

TEST(Scheduler, an_idle_scheduler_arms_no_timer) {
  make({});
  CHECK_EQUAL(0U, loop.timers());
  std::vector<Turn> turns(1);
  scheduler->add(turns[0], 1, 10s, 200ms);
  loop.advance(1s);
  scheduler->remove(turns[0]);
  loop.advance(20s);
  CHECK_EQUAL(0U, loop.timers());
}

TEST(Scheduler, a_host_may_be_checked_out_of_turn_and_its_turns_stay_as_they_were) {
  make({});
  auto turns = add(1);
  loop.advance(10s);
  const auto before = client.begun[&turns[0]];
  const TimePoint asked = loop.now();
  scheduler->start_now(turns[0]);
  loop.advance(0s);
  CHECK_EQUAL(before.size() + 1, begun());
  CHECK(client.begun[&turns[0]].back() == asked);
  loop.advance(10s);
  CHECK_EQUAL(before.size() + 2, begun());
  CHECK(client.begun[&turns[0]].back() - before.back() == 10s);
}

TEST(Scheduler, one_that_is_asked_for_while_it_runs_begins_once_more_when_it_has_finished) {
  client.finish_at_once = false;
  make({});
  auto turns = add(1);
  loop.advance(0s);
  scheduler->start_now(turns[0]);
  scheduler->start_now(turns[0]);
  loop.advance(100ms);
  CHECK_EQUAL(1U, begun());
  scheduler->finished(turns[0]);
  loop.advance(100ms);
  CHECK_EQUAL(2U, begun());
  scheduler->finished(turns[0]);
  loop.advance(100ms);
  CHECK_EQUAL(2U, begun());
}

TEST(Scheduler, one_that_is_removed_is_not_begun_again) {
  client.finish_at_once = false;
  make({});
  auto turns = add(1);
  loop.advance(0s);
  scheduler->start_now(turns[0]);
  scheduler->remove(turns[0]);
  scheduler->start_now(turns[0]);
  loop.advance(100ms);
  CHECK_EQUAL(1U, begun());
}
