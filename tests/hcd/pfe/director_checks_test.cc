#include "tests/hcd/pfe/director_fixture.h"

using namespace hcd;
using namespace hcd::pfe;
using namespace std::chrono_literals;
using ctl::Verdict;
using ipc::HostState;

// What operators see of checks, and ask of them.
TEST_GROUP_BASE(DirectorChecks,
                test::DirectorFixture){ctl::Evidence evidence(const char* target){auto out = director->checks({target});
CHECK(out.has_value());
return std::move(*out);
}
void ask(const char* target, std::uint32_t ticket = 1) {
  director->check_now({target}, ticket, "root");
  loop.run();
}
void asked_result(conf::Id id, HostState state) {
  auto status = test::result(id, state);
  status.asked = true;
  director->record(status);
  loop.run();
}
[[nodiscard]] std::string told() {  // "checking 2 | webhosts/10.1.1.100 up | done"
  return join(std::exchange(parts, {}), " | ");
}
}
;

TEST(DirectorChecks, the_last_results_of_a_host_and_the_latencies_of_its_table_are_remembered) {
  auto status = test::result(0, HostState::Up);
  status.latency = 3ms;
  status.code = 200;
  director->record(status);
  director->record(
      ipc::CheckResults{.generation = 1, .results = {{.host = 0, .latency_us = 5000, .up = 2, .total = 2}}});
  result(0, HostState::Down);
  const auto found = evidence("webhosts");
  CHECK_EQUAL(1U, found.tables.size());
  CHECK_EQUAL(2U, found.tables[0].count);
  CHECK(found.tables[0].p50_us >= 3000 && found.tables[0].p50_us <= 3375);
  CHECK(found.tables[0].p99_us >= 5000 && found.tables[0].p99_us <= 5625);
  CHECK_EQUAL(2U, found.hosts.size());
  const auto& host = found.hosts[0];
  STRCMP_EQUAL("webhosts/10.1.1.100", host.name.c_str());
  CHECK_EQUAL(3U, host.checks.size());
  CHECK(host.checks[1].latency_us == 5000 && host.checks[1].code == 200);
  CHECK(host.checks[2].state == HostState::Down && host.checks[2].reason == ipc::Reason::TcpConnectFailed);
  CHECK_EQUAL(2U, host.changes.size());
  CHECK(host.changes[1].from == HostState::Up && host.changes[1].to == HostState::Down);
  CHECK(found.hosts[1].checks.empty());
}

TEST(DirectorChecks, what_is_remembered_survives_a_reload) {
  result(0, HostState::Up);
  CHECK(director->configure(test::sample(2)).has_value());
  CHECK_EQUAL(1U, evidence("10.1.1.100").hosts[0].checks.size());
}

TEST(DirectorChecks, a_result_that_is_told_again_is_no_further_check) {
  result(0, HostState::Up);
  CHECK(director->configure(test::sample(2)).has_value());
  auto same = test::result(0, HostState::Up);
  same.generation = 2;
  director->record(same);
  CHECK_EQUAL(1U, evidence("10.1.1.100").hosts[0].checks.size());
  CHECK_EQUAL(1U, evidence("webhosts").tables[0].count);
  same.total++;
  director->record(same);
  CHECK_EQUAL(2U, evidence("10.1.1.100").hosts[0].checks.size());
}

TEST(DirectorChecks, nobody_of_that_name_is_said_so) {
  CHECK(director->checks({"nowhere"}).error().verdict == Verdict::NotFound);
  ask("nowhere");
  STRCMP_EQUAL("no host or table \"nowhere\"", told().c_str());
}

TEST(DirectorChecks, hosts_are_checked_at_once_and_each_result_is_told) {
  ask("webhosts");
  STRCMP_EQUAL("0 1", orders.c_str());
  asked_result(1, HostState::Down);
  result(0, HostState::Up);  // of a check that was in flight
  asked_result(0, HostState::Up);
  STRCMP_EQUAL("checking 2 | webhosts/10.1.1.101 down | webhosts/10.1.1.100 up | done", told().c_str());
  asked_result(0, HostState::Up);
  STRCMP_EQUAL("", told().c_str());
}

TEST(DirectorChecks, a_disabled_host_is_not_checked_and_one_that_is_disabled_meanwhile_is_not_waited_for) {
  disable(ctl::Kind::Host, "1");
  ask("webhosts");
  STRCMP_EQUAL("0", orders.c_str());
  disable(ctl::Kind::Host, "0");
  STRCMP_EQUAL("webhosts/10.1.1.101 disabled | checking 1 | webhosts/10.1.1.100 disabled | done", told().c_str());
  orders.clear();
  ask("webhosts");
  STRCMP_EQUAL("", orders.c_str());
  STRCMP_EQUAL("webhosts/10.1.1.100 disabled | webhosts/10.1.1.101 disabled | done", told().c_str());
}

TEST(DirectorChecks, hosts_that_a_reload_takes_away_or_disables_are_not_waited_for) {
  ask("*");
  auto next = test::sample(2);
  next.tables[0].hosts[0].disabled = true;
  next.tables[0].hosts.pop_back();
  CHECK(director->configure(next).has_value());
  asked_result(3, HostState::Up);
  STRCMP_EQUAL("checking 3 | webhosts/10.1.1.100 disabled | sorry_server:80/127.0.0.1 up | done", told().c_str());
}

TEST(DirectorChecks, a_host_with_a_parent_is_checked_by_its_parent) {
  auto next = test::sample(2);
  next.tables[1].hosts[0].parent = 1;
  next.tables[0].hosts[1].parent = 0;
  CHECK(director->configure(next).has_value());
  ask("sorry_server:80");
  STRCMP_EQUAL("0", orders.c_str());
  asked_result(0, HostState::Up);
  asked_result(1, HostState::Up);
  asked_result(3, HostState::Up);
  STRCMP_EQUAL("checking 1 | sorry_server:80/127.0.0.1 up | done", told().c_str());
}

TEST(DirectorChecks, a_result_that_does_not_come_ends_the_wait) {
  ask("webhosts");
  asked_result(0, HostState::Up);
  loop.advance(60s);
  STRCMP_EQUAL("checking 2 | webhosts/10.1.1.100 up | no result of 1 of the hosts in time", told().c_str());
  asked_result(1, HostState::Up);
  STRCMP_EQUAL("", told().c_str());
}

TEST(DirectorChecks, without_a_check_engine_nobody_waits) {
  ask("webhosts", 1);
  director->hce_lost();
  there_is_hce = false;
  ask("webhosts", 2);
  const char* why = "checking 2 | the check engine is not there; it is started again";
  STRCMP_EQUAL((std::string(why) + " | " + why).c_str(), told().c_str());
}

TEST(DirectorChecks, only_so_many_requests_wait_at_a_time) {
  for (std::uint32_t ticket = 0; ticket <= Asks::kMax; ticket++) ask("10.1.1.100", ticket);
  CHECK_EQUAL(Asks::kMax + 1, parts.size());
  STRCMP_EQUAL("too many checks are asked for already", parts.back().c_str());
  parts.clear();
  asked_result(0, HostState::Up);
  CHECK_EQUAL(2 * Asks::kMax, parts.size());  // a result and an end each
}
