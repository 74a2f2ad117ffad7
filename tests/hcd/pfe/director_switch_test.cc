#include "hcd/pfe/director.h"
#include "tests/hcd/pfe/director_fixture.h"

using namespace hcd;
using namespace hcd::pfe;
using ctl::Verdict;
using ipc::HostState;

TEST_GROUP_BASE(DirectorSwitch, test::DirectorFixture){};

TEST(DirectorSwitch, a_drained_host_is_checked_but_takes_no_sessions_until_it_is_undrained) {
  result(0, HostState::Up);
  result(1, HostState::Up);
  CHECK(change(ctl::Kind::Host, ctl::Action::Drain, "0").verdict == Verdict::Done);
  STRCMP_EQUAL("10.1.1.101", in_force().c_str());
  STRCMP_EQUAL("up (drained)", host(0).c_str());
  STRCMP_EQUAL("active (1 hosts up)", table(0).c_str());
  CHECK(switches.empty());  // hce goes on
  result(0, HostState::Down);
  STRCMP_EQUAL("down (drained)", host(0).c_str());
  result(0, HostState::Up);
  STRCMP_EQUAL("10.1.1.101", in_force().c_str());
  CHECK(change(ctl::Kind::Host, ctl::Action::Undrain, "0").verdict == Verdict::Done);
  STRCMP_EQUAL("10.1.1.100 10.1.1.101", in_force().c_str());
  STRCMP_EQUAL("up", host(0).c_str());
  STRCMP_EQUAL("", parked.at("host webhosts/10.1.1.100").c_str());
}

TEST(DirectorSwitch, draining_and_disabling_are_two_things_and_both_survive_a_reload_and_a_restart) {
  result(0, HostState::Up);
  change(ctl::Kind::Host, ctl::Action::Drain, "0");
  disable(ctl::Kind::Host, "0");
  STRCMP_EQUAL("disabled", host(0).c_str());
  enable(ctl::Kind::Host, "0");
  CHECK(director->configure(test::sample(2)).has_value());
  result(0, HostState::Up);
  STRCMP_EQUAL("up (drained)", host(0).c_str());
  const auto kept = parked;
  start(std::make_unique<fastpath::MemoryEngine>());
  for (const auto& [key, value] : kept) CHECK(director->restore(key, value).has_value());
  CHECK(director->configure(test::sample()).has_value());
  result(0, HostState::Up);
  STRCMP_EQUAL("up (drained)", host(0).c_str());
}

TEST(DirectorSwitch, only_hosts_are_drained_and_a_second_time_changes_nothing) {
  CHECK(change(ctl::Kind::Table, ctl::Action::Drain, "webhosts").verdict == Verdict::Usage);
  change(ctl::Kind::Host, ctl::Action::Drain, "0");
  STRCMP_EQUAL("host 10.1.1.100 of webhosts: drained already",
               change(ctl::Kind::Host, ctl::Action::Drain, "0").text.c_str());
  STRCMP_EQUAL("host 10.1.1.101 of webhosts: undrained already",
               change(ctl::Kind::Host, ctl::Action::Undrain, "1").text.c_str());
}

TEST(DirectorSwitch, a_disabled_parent_takes_its_children_with_it) {
  auto family = test::sample(2);
  family.tables[1].hosts[0].parent = 0;
  CHECK(director->configure(family).has_value());
  for (const conf::Id id : {0U, 1U, 3U}) result(id, HostState::Up);
  switches.clear();
  disable(ctl::Kind::Host, "0");
  CHECK(switches == (std::vector<std::string>{"0 off", "3 off"}));
  STRCMP_EQUAL("disabled", host(2).c_str());
  enable(ctl::Kind::Host, "0");
  CHECK(switches == (std::vector<std::string>{"0 off", "3 off", "0 on", "3 on"}));
  STRCMP_EQUAL("unknown", host(2).c_str());
}
