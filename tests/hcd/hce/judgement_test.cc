// rise and fall, flapping, failures told from outside, parents: what a host's state rests on beside its last check.
#include "hcd/hce/host.h"
#include "hcd/hce/pace.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::chrono_literals;
using ipc::HostState;

TEST_GROUP(Judgement) {
  TimePoint now{1000s};
  conf::Judgement rules;
  HostMachine host{0};

  Transition pass() {
    return host.apply(Outcome::Passed, rules, now += 1s);
  }
  Transition fail() {
    return host.apply(Outcome::Failed, rules, now += 1s);
  }
  // "u" up, "d" down, "?" unknown: the state after each of the results, "+" passed, "-" failed, "0" not run.
  std::string states(std::string_view results) {
    std::string out;
    for (const char result : results) {
      const auto outcome = result == '+' ? Outcome::Passed : result == '-' ? Outcome::Failed : Outcome::Unrun;
      host.apply(outcome, rules, now += 1s);
      out +=
          state_text(host.state())[0] == 'u' && host.state() == HostState::Unknown ? '?' : state_text(host.state())[0];
    }
    return out;
  }
};

TEST(Judgement, a_host_comes_up_after_rise_passed_checks_in_a_row) {
  rules.rise = 3;
  STRCMP_EQUAL("dddd", states("-++-").c_str());
  STRCMP_EQUAL("dd?u", states("++0+").c_str());
}

TEST(Judgement, a_host_goes_down_after_fall_failed_checks_in_a_row) {
  rules.fall = 3;
  STRCMP_EQUAL("uuuuuud", states("+--+---").c_str());
}

TEST(Judgement, the_first_result_decides_whatever_rise_and_fall_are) {
  rules.rise = rules.fall = 5;
  STRCMP_EQUAL("u", states("+").c_str());
  host.reset();
  STRCMP_EQUAL("d", states("-").c_str());
}

TEST(Judgement, retries_are_used_first_and_then_failures_count_towards_fall) {
  rules.fall = 3;
  host = HostMachine(2);
  STRCMP_EQUAL("uuuuud", states("+-----").c_str());
  CHECK_EQUAL(4U, host.retries());
  rules.rise = 2;
  STRCMP_EQUAL("duuuuud", states("++-----").c_str());
}

TEST(Judgement, what_fall_tolerates_counts_as_up) {
  rules.fall = 2;
  states("+-");
  STRCMP_EQUAL("100.00%", host.availability().c_str());
  states("-");
  STRCMP_EQUAL("66.67%", host.availability().c_str());
}

TEST(Judgement, a_check_that_could_not_run_neither_breaks_a_count_nor_helps_it) {
  rules.rise = 2;
  rules.fall = 2;
  STRCMP_EQUAL("uu?d?du", states("+-0-0++").c_str());
  STRCMP_EQUAL("?u", states("0-").c_str());  // a first failure, still tolerated
}

TEST(Judgement, a_count_is_under_way_until_the_state_changes_or_is_confirmed) {
  rules.rise = rules.fall = 2;
  states("+");
  CHECK(!host.changing());
  states("-");
  CHECK(host.changing());
  states("-");
  CHECK(!host.changing());
  states("+");
  CHECK(host.changing());
  states("-");
  CHECK(!host.changing());
  host = HostMachine(1);
  rules.fall = 1;
  states("+-");
  CHECK(host.changing());
  states("-");
  CHECK(!host.changing());
}

TEST(Judgement, a_result_says_whether_it_leaves_the_memory_another_one) {
  rules.rise = rules.fall = 3;
  CHECK(pass().remembered);
  CHECK(!pass().remembered);
  for (int i = 0; i < 3; i++) CHECK(fail().remembered);  // it counts: pfe must know, to give it back to a new hce
  CHECK(!fail().remembered);
  HostMachine child{0};
  CHECK(child.follow(host).remembered);
  CHECK(!child.follow(host).remembered);
}

TEST(Judgement, the_interval_follows_the_state) {
  Plan plan;
  plan.interval = 10s;
  CHECK(interval_of(plan, host) == 10s);
  plan.pace = {.down = 30s, .changing = 500ms};
  rules.rise = rules.fall = 2;
  states("+");
  CHECK(interval_of(plan, host) == 10s);
  states("-");
  CHECK(interval_of(plan, host) == 500ms);
  states("-");
  CHECK(interval_of(plan, host) == 30s);
  states("+");
  CHECK(interval_of(plan, host) == 500ms);
}

TEST(Judgement, a_host_that_changes_too_often_is_held_down) {
  rules.flap = 3;
  rules.flap_within = 60s;
  rules.flap_hold = 10s;
  STRCMP_EQUAL("uudud", states("++-+-").c_str());  // three changes
  const Transition fourth = pass();
  CHECK(fourth.held && fourth.to == HostState::Down && !fourth.changed());
  CHECK_EQUAL(4U, host.memory().changes.size());
  CHECK(!pass().held);
}

TEST(Judgement, a_held_host_is_released_to_its_state_once_it_has_not_changed_for_the_hold) {
  rules.flap = 3;
  rules.flap_within = 60s;
  rules.flap_hold = 10s;
  states("+-+-+");
  for (int i = 0; i < 9; i++) CHECK(pass().to == HostState::Down);
  const Transition release = pass();
  CHECK(release.released && release.from == HostState::Down && release.to == HostState::Up);
  CHECK(host.memory().since == now.time_since_epoch());
}

TEST(Judgement, each_change_while_held_begins_the_hold_anew) {
  rules.flap = 3;
  rules.flap_within = 60s;
  rules.flap_hold = 10s;
  states("+-+-+");
  for (int i = 0; i < 8; i++) pass();
  fail();
  for (int i = 0; i < 9; i++) CHECK(!fail().released);
  CHECK(fail().released);
  CHECK(host.state() == HostState::Down);
}

TEST(Judgement, changes_that_are_long_past_do_not_count) {
  rules.flap = 3;
  rules.flap_within = 60s;
  rules.flap_hold = 10s;
  for (int i = 0; i < 10; i++) {
    CHECK(pass().to == HostState::Up);
    now += 29s;
    CHECK(fail().to == HostState::Down);
    now += 29s;
    CHECK(!host.memory().held);
  }
}

TEST(Judgement, tolerated_failures_are_no_changes) {
  rules.flap = 1;
  rules.flap_within = 60s;
  rules.flap_hold = 10s;
  rules.fall = 2;
  STRCMP_EQUAL("uuuuuu", states("+-+-+-").c_str());
  CHECK(host.memory().changes.empty());
}

TEST(Judgement, a_configuration_without_flapping_releases_at_the_next_result) {
  rules.flap = 1;
  rules.flap_within = rules.flap_hold = 3600s;
  states("+-+");
  CHECK(host.memory().held);
  rules = {};
  CHECK(pass().to == HostState::Up);
}

TEST(Judgement, the_memory_of_changes_is_bounded) {
  rules.flap = 100;
  rules.flap_within = 86400s;
  rules.flap_hold = 86400s;
  for (int i = 0; i < 500; i++) states("+-");
  CHECK_EQUAL(ipc::HostMemory::kChangesMax, host.memory().changes.size());
  CHECK(host.memory().held);
}

TEST(Judgement, failures_told_from_outside_take_it_down_until_a_check_passes) {
  rules.passive = 3;
  rules.passive_within = 10s;
  rules.rise = rules.fall = 5;
  states("+");
  CHECK(!host.accuse(rules, now += 1s).changed());
  CHECK(!host.accuse(rules, now += 1s).changed());
  CHECK(host.accuse(rules, now += 1s).to == HostState::Down);
  STRCMP_EQUAL("dddu", states("-0-+").c_str());
}

TEST(Judgement, failures_told_from_outside_count_within_their_time_only) {
  rules.passive = 2;
  rules.passive_within = 10s;
  states("+");
  for (int i = 0; i < 5; i++) CHECK(!host.accuse(rules, now += 10s).changed());
  CHECK(host.accuse(rules, now += 9s).changed());
}

TEST(Judgement, failures_told_from_outside_mean_nothing_of_a_host_that_is_down_or_unknown_or_not_asked_for) {
  rules.passive = 1;
  rules.passive_within = 10s;
  CHECK(!host.accuse(rules, now).changed());
  states("-");
  CHECK(!host.accuse(rules, now).changed());
  states("+");
  CHECK(!host.accuse({}, now).changed());
  CHECK(host.state() == HostState::Up);
}

TEST(Judgement, a_host_with_a_parent_has_its_state_and_counts_for_itself) {
  rules.fall = 2;
  HostMachine child{0};
  states("+-");
  CHECK(child.follow(host).to == HostState::Up);
  states("-");
  CHECK(child.follow(host).to == HostState::Down);
  STRCMP_EQUAL("50.00%", child.availability().c_str());
  CHECK(child.memory().since == host.memory().since);
}

TEST(Judgement, what_was_counted_goes_on_in_a_restarted_engine) {
  rules = {.rise = 3, .fall = 3, .flap = 3, .flap_within = 60s, .flap_hold = 10s};
  states("+--");
  HostMachine next{0};
  next.restore({.host = 1, .state = host.state(), .up = 3, .total = 3, .memory = host.memory()});
  CHECK(next.apply(Outcome::Failed, rules, now += 1s).to == HostState::Down);
  rules.rise = rules.fall = 1;
  states("-+-+");
  CHECK(host.memory().held);
  HostMachine held{0};
  held.restore({.host = 1, .state = host.state(), .memory = host.memory()});
  CHECK(held.state() == HostState::Down);
  CHECK(held.apply(Outcome::Passed, rules, now += 9s).to == HostState::Down);
  CHECK(held.apply(Outcome::Passed, rules, now += 1s).to == HostState::Up);
}

TEST(Judgement, since_is_when_the_state_changed_and_not_when_a_check_could_not_run) {
  states("+");
  const auto since = host.memory().since;
  states("+0+");
  CHECK(host.memory().since == since);
  states("-");
  CHECK(host.memory().since == now.time_since_epoch());
}

TEST(Judgement, counts_and_times_out_of_range_are_refused) {
  CHECK(check_pace({}, {}).has_value());
  CHECK(!check_pace({}, {.rise = 0}).has_value());
  CHECK(!check_pace({}, {.fall = 101}).has_value());
  CHECK(!check_pace({}, {.flap_hold = Seconds(-1)}).has_value());
  CHECK(!check_pace({.down = Milliseconds(-1)}, {}).has_value());
  CHECK(!check_pace({.jitter = 51}, {}).has_value());
}
