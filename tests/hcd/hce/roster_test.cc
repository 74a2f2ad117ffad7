#include "hcd/hce/roster.h"

#include <algorithm>
#include <set>

#include "tests/fake/fake_loop.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::chrono_literals;
using ipc::HostState;

TEST_GROUP(Roster) {
  test::FakeLoop loop;
  std::vector<conf::Id> checked;
  std::map<conf::Id, std::set<Duration>> gaps;  // between a host's checks
  std::map<conf::Id, TimePoint> last;
  // Without a check, a host passes at its first turn: no network in these tests.
  Runner runner{loop, {}, {}, [this](Subject& subject, const Verdict& verdict, Duration) {
                  subject.machine.apply(verdict.outcome);
                  checked.push_back(subject.id);
                  if (last.contains(subject.id)) gaps[subject.id].insert(loop.now() - last[subject.id]);
                  last[subject.id] = loop.now();
                }};
  Roster roster{runner};

  static conf::Host host(conf::Id id, const char* address) {
    conf::Host out;
    out.id = id;
    out.name = address;
    out.address = *Address::parse(address);
    return out;
  }
  static conf::Table table(std::vector<conf::Host> hosts) {
    conf::Table out;
    out.id = 1;
    out.name = "webhosts:80";
    out.port = 80;
    out.hosts = std::move(hosts);
    return out;
  }
  Status load(std::uint32_t generation, std::vector<conf::Table> tables) {
    if (auto status = roster.begin(generation); !status) return status;
    for (auto& t : tables)
      if (auto status = roster.add(std::move(t)); !status) return status;
    return roster.commit(generation);
  }
  const Subject* find(conf::Id id) {
    return roster.find(id);
  }
  std::size_t count(conf::Id id) const {
    return static_cast<std::size_t>(std::ranges::count(checked, id));
  }
};

TEST(Roster, a_certificate_is_kept_while_the_host_is_checked_over_tls) {
  auto over_tls = table({host(10, "10.0.0.1"), host(11, "10.0.0.2")});
  over_tls.check.tls.emplace();
  CHECK(load(1, {over_tls}).has_value());
  roster.find(10)->certificate = roster.find(11)->certificate = 4711;
  CHECK(load(2, {over_tls}).has_value());
  CHECK_EQUAL(4711U, find(10)->certificate);
  roster.toggle({.host = 11, .enabled = false});
  CHECK_EQUAL(0U, find(11)->certificate);
  CHECK(load(3, {table({host(10, "10.0.0.1")})}).has_value());
  CHECK_EQUAL(0U, find(10)->certificate);
}

TEST(Roster, hosts_that_stay_keep_what_is_known_of_them) {
  CHECK(load(1, {table({host(10, "10.0.0.1"), host(11, "10.0.0.2")})}).has_value());
  loop.advance(1s);
  const Subject* before = find(10);
  const auto total = before->machine.total();
  CHECK(load(2, {table({host(10, "10.0.0.1"), host(12, "10.0.0.3")})}).has_value());
  POINTERS_EQUAL(before, find(10));
  CHECK_EQUAL(total, find(10)->machine.total());
  POINTERS_EQUAL(nullptr, find(11));
  CHECK(find(12)->machine.state() == HostState::Unknown);
  loop.advance(10s);
  CHECK_EQUAL(total + 1, find(10)->machine.total());
  CHECK(count(12) > 0);
}

TEST(Roster, checks_come_regularly_unless_their_table_has_jitter) {
  auto steady = table({host(10, "10.0.0.1")}), shaken = table({host(20, "10.0.0.2")});
  shaken.id = 2;
  shaken.pace.jitter = 50;
  CHECK(load(1, {steady, shaken}).has_value());
  loop.advance(50s);
  gaps.clear();  // the first turns spread the hosts over the interval
  loop.advance(300s);
  CHECK_EQUAL(1U, gaps[10].size());
  CHECK(gaps[20].size() > 10);
}

TEST(Roster, another_check_keeps_the_state_and_comes_at_once) {
  CHECK(load(1, {table({host(10, "10.0.0.1")})}).has_value());
  loop.advance(1s);
  const auto before = count(10);
  conf::Table other = table({host(10, "10.0.0.1")});
  other.port = 81;
  CHECK(load(2, {other}).has_value());
  CHECK(find(10)->machine.state() == HostState::Up);
  CHECK_EQUAL(81, find(10)->plan->port);
  loop.advance(10ms);
  CHECK_EQUAL(before + 1, count(10));
}

TEST(Roster, another_address_is_another_host) {
  CHECK(load(1, {table({host(10, "10.0.0.1")})}).has_value());
  loop.advance(1s);
  CHECK(load(2, {table({host(10, "10.0.0.9")})}).has_value());
  CHECK(find(10)->machine.state() == HostState::Unknown);
}

TEST(Roster, a_long_table_comes_in_pieces) {
  CHECK(load(1, {table({host(10, "10.0.0.1")}), table({host(11, "10.0.0.2")})}).has_value());
  CHECK(find(10) != nullptr && find(11) != nullptr);
}

TEST(Roster, a_bad_configuration_changes_nothing) {
  CHECK(load(1, {table({host(10, "10.0.0.1")})}).has_value());
  CHECK(!load(2, {table({host(10, "10.0.0.1"), host(10, "10.0.0.2")})}).has_value());
  conf::Table timeless = table({host(12, "10.0.0.2")});
  timeless.timeout = 0ms;
  CHECK(!load(3, {timeless}).has_value());
  CHECK(!load(1, {}).has_value());
  CHECK(!roster.commit(7).has_value());
  CHECK(!roster.add(table({})).has_value());
  CHECK(find(10) != nullptr && find(12) == nullptr);
  CHECK_EQUAL(1U, roster.generation());
}

TEST(Roster, a_disabled_host_is_not_checked_and_an_enabled_one_is_at_once) {
  conf::Host off = host(10, "10.0.0.1");
  off.disabled = true;
  CHECK(load(1, {table({off, host(11, "10.0.0.2")})}).has_value());
  loop.advance(20s);
  CHECK_EQUAL(0U, count(10));
  roster.toggle({.host = 10, .enabled = true});
  roster.toggle({.host = 11, .enabled = false});
  CHECK(find(11)->machine.state() == HostState::Unknown);
  const auto before = count(11);
  loop.advance(10ms);
  CHECK_EQUAL(1U, count(10));
  loop.advance(20s);
  CHECK_EQUAL(before, count(11));
}

TEST(Roster, a_host_with_a_parent_is_not_checked_itself) {
  conf::Host child = host(11, "10.0.0.2");
  child.parent = 10;
  CHECK(load(1, {table({host(10, "10.0.0.1"), child})}).has_value());
  loop.advance(20s);
  CHECK(count(10) > 0);
  CHECK_EQUAL(0U, count(11));
  CHECK_EQUAL(1U, find(10)->children.size());
  POINTERS_EQUAL(find(11), find(10)->children[0]);
  CHECK(load(2, {table({host(10, "10.0.0.1"), host(11, "10.0.0.2")})}).has_value());
  CHECK(find(10)->children.empty());
  loop.advance(1s);
  CHECK(count(11) > 0);
  const auto before = count(11);
  CHECK(load(3, {table({host(10, "10.0.0.1"), child})}).has_value());
  loop.advance(60s);
  CHECK_EQUAL(before, count(11));
}

TEST(Roster, a_parent_that_is_no_host_or_its_own_is_the_parents_fault) {
  conf::Host child = host(11, "10.0.0.2");
  child.parent = 99;
  CHECK(!load(1, {table({host(10, "10.0.0.1"), child})}).has_value());
  child.parent = 11;
  CHECK(!load(2, {table({host(10, "10.0.0.1"), child})}).has_value());
}

TEST(Roster, an_operators_switch_survives_a_reload_that_does_not_contradict_it) {
  CHECK(load(1, {table({host(10, "10.0.0.1")})}).has_value());
  roster.toggle({.host = 10, .enabled = false});
  CHECK(load(2, {table({host(10, "10.0.0.1")})}).has_value());
  CHECK(!find(10)->enabled);
  conf::Table off = table({host(10, "10.0.0.1")});
  off.disabled = true;
  CHECK(load(3, {off}).has_value());
  CHECK(load(4, {table({host(10, "10.0.0.1")})}).has_value());
  CHECK(find(10)->enabled);
}

TEST(Roster, states_given_back_may_come_before_or_after_the_configuration) {
  const ipc::HostSync up{.host = 10, .state = HostState::Up, .enabled = true, .up = 5, .total = 6, .retries = 0};
  const ipc::HostSync off{.host = 11, .state = HostState::Unknown, .enabled = false, .up = 0, .total = 0, .retries = 0};
  roster.restore(up);
  CHECK(load(1, {table({host(10, "10.0.0.1"), host(11, "10.0.0.2"), host(12, "10.0.0.3")})}).has_value());
  roster.restore(off);
  CHECK(find(10)->machine.state() == HostState::Up);
  CHECK_EQUAL(6U, find(10)->machine.total());
  CHECK(!find(11)->enabled);
  loop.advance(1s);
  const auto total = find(12)->machine.total();
  roster.restore({.host = 12, .state = HostState::Down, .enabled = true, .up = 0, .total = 99, .retries = 0});
  CHECK_EQUAL(total, find(12)->machine.total());  // what was seen since is newer
}
