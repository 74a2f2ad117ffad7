#include "hcd/hce/host.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using ipc::HostState;

TEST_GROUP(HostMachine){};

TEST(HostMachine, a_new_host_is_unknown_and_has_no_availability) {
  const HostMachine host(2);
  CHECK(host.state() == HostState::Unknown);
  STRCMP_EQUAL("", host.availability().c_str());
}

TEST(HostMachine, the_first_outcome_decides_even_with_retries_left) {
  HostMachine up(3), down(3);
  CHECK(up.apply(Outcome::Passed).to == HostState::Up);
  const Transition change = down.apply(Outcome::Failed);
  CHECK(change.from == HostState::Unknown && change.to == HostState::Down && change.changed());
}

TEST(HostMachine, an_up_host_tolerates_as_many_failures_as_it_has_retries) {
  HostMachine host(2);
  host.apply(Outcome::Passed);
  for (int i = 0; i < 2; i++) {
    const Transition change = host.apply(Outcome::Failed);
    CHECK(change.tolerated && !change.changed() && change.to == HostState::Up);
  }
  CHECK(host.apply(Outcome::Failed).to == HostState::Down);
  CHECK_EQUAL(2U, host.retries());
}

TEST(HostMachine, a_success_refills_the_retries) {
  HostMachine host(1);
  host.apply(Outcome::Passed);
  host.apply(Outcome::Failed);
  host.apply(Outcome::Passed);
  CHECK(host.apply(Outcome::Failed).tolerated);
  CHECK(!host.apply(Outcome::Failed).tolerated);
}

TEST(HostMachine, a_down_host_uses_no_retries) {
  HostMachine host(1);
  host.apply(Outcome::Failed);
  CHECK(!host.apply(Outcome::Failed).tolerated);
  CHECK_EQUAL(0U, host.retries());
  host.apply(Outcome::Passed);
  CHECK(host.apply(Outcome::Failed).tolerated);
}

TEST(HostMachine, a_tolerated_failure_counts_as_up) {
  HostMachine host(1);
  host.apply(Outcome::Passed);
  host.apply(Outcome::Failed);
  STRCMP_EQUAL("100.00%", host.availability().c_str());
  host.apply(Outcome::Failed);
  STRCMP_EQUAL("66.67%", host.availability().c_str());
}

TEST(HostMachine, a_check_that_could_not_run_makes_unknown_and_counts_as_none) {
  HostMachine host(0);
  host.apply(Outcome::Passed);
  CHECK(host.apply(Outcome::Unrun).to == HostState::Unknown);
  CHECK_EQUAL(1U, host.total());
  STRCMP_EQUAL("100.00%", host.availability().c_str());
}

TEST(HostMachine, disabling_forgets_all_but_the_allowance) {
  HostMachine host(1);
  host.apply(Outcome::Passed);
  host.apply(Outcome::Failed);
  host.reset();
  CHECK(host.state() == HostState::Unknown);
  CHECK_EQUAL(0U, host.total());
  CHECK_EQUAL(0U, host.retries());
  host.apply(Outcome::Passed);
  CHECK(host.apply(Outcome::Failed).tolerated);
}

TEST(HostMachine, what_was_restored_goes_on_and_a_lie_is_corrected) {
  HostMachine host(1);
  host.restore({.host = 1, .state = HostState::Up, .enabled = true, .up = 9, .total = 3, .retries = 1});
  CHECK_EQUAL(3U, host.up());
  CHECK(host.apply(Outcome::Failed).tolerated);
}

TEST(HostMachine, a_new_allowance_counts_what_was_used) {
  HostMachine host(3);
  host.apply(Outcome::Passed);
  host.apply(Outcome::Failed);
  host.apply(Outcome::Failed);
  host.allow(2);
  CHECK(!host.apply(Outcome::Failed).tolerated);
}
