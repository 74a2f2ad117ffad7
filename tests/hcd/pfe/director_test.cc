#include "hcd/pfe/director.h"

#include "tests/hcd/pfe/director_fixture.h"

using namespace hcd;
using namespace hcd::pfe;
using ctl::Verdict;
using ipc::HostState;

TEST_GROUP_BASE(Director, test::DirectorFixture){};

TEST(Director, at_first_nothing_is_known_and_no_traffic_is_steered) {
  STRCMP_EQUAL("none", in_force().c_str());
  STRCMP_EQUAL("down", service().c_str());
  STRCMP_EQUAL("empty", table(0).c_str());
  STRCMP_EQUAL("unknown", host(0).c_str());
}

TEST(Director, hosts_that_pass_their_check_are_put_in_force_and_shown) {
  result(0, HostState::Up);
  result(1, HostState::Up);
  STRCMP_EQUAL("10.1.1.100 10.1.1.101", in_force().c_str());
  STRCMP_EQUAL("active", service().c_str());
  STRCMP_EQUAL("active (2 hosts up)", table(0).c_str());
}

TEST(Director, a_general_failure_brings_the_backup_and_then_removes_the_rules) {
  for (const conf::Id id : {0U, 1U, 3U}) result(id, HostState::Up);
  result(0, HostState::Down);
  STRCMP_EQUAL("10.1.1.101", in_force().c_str());
  result(1, HostState::Down);
  STRCMP_EQUAL("127.0.0.1", in_force().c_str());
  STRCMP_EQUAL("active (using backup table)", service().c_str());
  STRCMP_EQUAL("empty", table(0).c_str());
  result(3, HostState::Down);
  CHECK(engine->ruleset().empty());
  STRCMP_EQUAL("down", service().c_str());
}

TEST(Director, a_transition_is_told_with_its_reason) {
  result(0, HostState::Up);
  result(0, HostState::Down);
  CHECK(std::ranges::find(events, "webhosts/10.1.1.100: up -> down, tcp connect failed (ECONNREFUSED)") !=
        events.end());
}

TEST(Director, a_check_that_could_not_be_run_changes_no_traffic) {
  result(0, HostState::Up);
  director->record({.host = 0, .generation = 1, .reason = ipc::Reason::NoResources, .total = 1});
  loop.run();
  STRCMP_EQUAL("unknown", host(0).c_str());
  STRCMP_EQUAL("10.1.1.100", in_force().c_str());
  result(0, HostState::Down);
  director->record({.host = 0, .generation = 1, .reason = ipc::Reason::NoResources, .total = 2});
  loop.run();
  STRCMP_EQUAL("none", in_force().c_str());
}

TEST(Director, a_refusal_by_the_engine_is_shown_and_the_service_is_not_called_active) {
  verdict = fail(Code::Limit, "no space left");
  result(0, HostState::Up);
  STRCMP_EQUAL("down", service().c_str());
  STRCMP_EQUAL("no space left", director->snapshot().services[0].error.c_str());
  verdict = {};
  loop.advance(Seconds(1));
  STRCMP_EQUAL("active", service().c_str());
  STRCMP_EQUAL("", director->snapshot().services[0].error.c_str());
}

TEST(Director, disabling_a_table_by_hand_brings_the_backup_as_in_the_talk) {
  for (const conf::Id id : {0U, 1U, 3U}) result(id, HostState::Up);
  CHECK(disable(ctl::Kind::Table, "webhosts").verdict == Verdict::Done);
  STRCMP_EQUAL("disabled", table(0).c_str());
  STRCMP_EQUAL("disabled", host(0).c_str());
  STRCMP_EQUAL("active (using backup table)", service().c_str());
  CHECK(switches == (std::vector<std::string>{"0 off", "1 off"}));
}

TEST(Director, a_host_that_is_enabled_again_waits_for_its_first_check) {
  result(0, HostState::Up);
  result(1, HostState::Up);
  disable(ctl::Kind::Host, "0");
  STRCMP_EQUAL("10.1.1.101", in_force().c_str());
  STRCMP_EQUAL("", ctl::availability_text(director->snapshot().hosts[0]).c_str());
  enable(ctl::Kind::Host, "webhosts/10.1.1.100");
  STRCMP_EQUAL("unknown", host(0).c_str());
  STRCMP_EQUAL("10.1.1.101", in_force().c_str());
  result(0, HostState::Up);
  STRCMP_EQUAL("10.1.1.100 10.1.1.101", in_force().c_str());
  CHECK(switches == (std::vector<std::string>{"0 off", "0 on"}));
}

TEST(Director, a_result_that_was_under_way_when_its_host_was_disabled_is_ignored) {
  disable(ctl::Kind::Host, "0");
  result(0, HostState::Up);
  STRCMP_EQUAL("disabled", host(0).c_str());
  STRCMP_EQUAL("none", in_force().c_str());
}

TEST(Director, a_disabled_service_has_no_rules_until_it_is_enabled) {
  result(0, HostState::Up);
  disable(ctl::Kind::Service, "www");
  CHECK(engine->ruleset().empty());
  STRCMP_EQUAL("disabled", service().c_str());
  enable(ctl::Kind::Service, "www");
  STRCMP_EQUAL("active", service().c_str());
}

TEST(Director, a_change_that_the_engine_refuses_is_not_called_done) {
  result(0, HostState::Up);
  verdict = fail(Code::Limit, "no space left");
  const auto answer = disable(ctl::Kind::Service, "www");
  CHECK(answer.verdict == Verdict::Refused);
  STRCMP_EQUAL("service www disabled, but the engine refuses: no space left; it is tried again", answer.text.c_str());
  STRCMP_EQUAL("active", service().c_str());
}

TEST(Director, a_change_made_on_an_old_view_is_refused_with_who_changed_it) {
  const auto seen = director->snapshot().header.vitals.generation;
  disable(ctl::Kind::Host, "0");
  const auto answer =
      change({.kind = ctl::Kind::Host, .action = ctl::Action::Enable, .targets = {{.text = "0"}}, .generation = seen},
             "uid 7 (pid 1)");
  CHECK(answer.verdict == Verdict::Conflict);
  STRCMP_EQUAL("host 10.1.1.100 of webhosts has been changed by root (uid 0, pid 4411) at 1970-01-01 01:00:00 UTC",
               answer.text.c_str());
}

TEST(Director, an_override_survives_a_reload_and_a_configuration_that_says_the_same_ends_it) {
  result(1, HostState::Up);
  disable(ctl::Kind::Host, "0");
  CHECK(director->configure(test::sample(2)).has_value());
  STRCMP_EQUAL("disabled", host(0).c_str());
  CHECK(director->snapshot().hosts[0].override.has_value());
  auto edited = test::sample(3);
  edited.tables[0].hosts[0].disabled = true;
  CHECK(director->configure(edited).has_value());
  CHECK(!director->snapshot().hosts[0].override);
  STRCMP_EQUAL("", parked.at("host webhosts/10.1.1.100").c_str());
  CHECK(director->configure(test::sample(4)).has_value());
  STRCMP_EQUAL("unknown", host(0).c_str());
}

TEST(Director, what_was_parked_is_in_force_in_the_next_life) {
  disable(ctl::Kind::Table, "webhosts");
  const auto kept = parked;
  start(std::make_unique<fastpath::MemoryEngine>());
  for (const auto& [key, value] : kept) CHECK(director->restore(key, value).has_value());
  CHECK(!director->restore("host webhosts/10.1.1.100", "from another version"));
  CHECK(director->configure(test::sample()).has_value());
  STRCMP_EQUAL("disabled", table(0).c_str());
  STRCMP_CONTAINS("root", director->snapshot().tables[0].override->latest()->by.c_str());
  CHECK(director->host_syncs().at(0).enabled == false);
}

TEST(Director, hosts_that_an_adopted_engine_serves_keep_their_place_until_their_first_result) {
  result(0, HostState::Up);
  auto adopted = std::make_unique<fastpath::MemoryEngine>();
  auto earlier = adopted->begin();
  bring_about(earlier, "hcd/www", engine->ruleset().at("hcd/www"));
  CHECK(adopted->commit(earlier).has_value());
  engine = adopted.get();
  start(std::move(adopted));
  CHECK(director->configure(test::sample()).has_value());
  STRCMP_EQUAL("10.1.1.100", in_force().c_str());
  STRCMP_EQUAL("active", service().c_str());
  result(1, HostState::Up);
  STRCMP_EQUAL("10.1.1.100 10.1.1.101", in_force().c_str());
  result(0, HostState::Down);
  STRCMP_EQUAL("10.1.1.101", in_force().c_str());
}

TEST(Director, a_reload_keeps_states_counters_and_traffic_and_tells_what_is_gone) {
  director->record(test::result(0, HostState::Up, 3, 4));
  result(1, HostState::Up);
  auto smaller = test::sample(2);
  smaller.tables[0].hosts.pop_back();
  CHECK(director->configure(smaller).has_value());
  STRCMP_EQUAL("10.1.1.100", in_force().c_str());
  STRCMP_EQUAL("75.00%", ctl::availability_text(director->snapshot().hosts[0]).c_str());
  CHECK(std::ranges::find(events, "gone 1") != events.end());
}

TEST(Director, a_configuration_that_the_engine_refuses_changes_nothing) {
  result(0, HostState::Up);
  verdict = fail(Code::Limit, "no space left");
  auto edited = test::sample(2);
  edited.services[0].virtuals[0].port = 8080;
  const auto status = director->configure(edited);
  STRCMP_EQUAL("no space left", status.error().text.c_str());
  CHECK_EQUAL(1U, director->snapshot().header.vitals.config_generation);
  CHECK_EQUAL(80, engine->ruleset().at("hcd/www").rules[0].port);
}

TEST(Director, an_anchor_that_the_new_configuration_does_not_have_is_removed) {
  result(0, HostState::Up);
  auto renamed = test::sample(2);
  renamed.services[0].name = "web";
  CHECK(director->configure(renamed).has_value());
  CHECK(!engine->ruleset().contains("hcd/www"));
  STRCMP_EQUAL("10.1.1.100", test::addresses(engine->ruleset(), "hcd/web", "web").c_str());
}

TEST(Director, a_configuration_that_contradicts_itself_is_the_parents_fault) {
  auto bad = test::sample(2);
  bad.services[0].table = 99;
  CHECK(director->configure(bad).error().code == Code::Protocol);
  bad = test::sample(2);
  bad.services[0].virtuals.clear();
  CHECK(director->configure(bad).error().code == Code::Protocol);
  bad = test::sample(2);
  bad.tables[1].hosts[0].id = 0;
  CHECK(director->configure(bad).error().code == Code::Protocol);
}

TEST(Director, results_that_overtake_their_configuration_wait_for_it) {
  auto larger = test::sample(2);
  larger.tables[0].hosts.push_back(test::host(9, "10.1.1.109"));
  director->record(test::result(9, HostState::Up, 1, 1, 2));
  CHECK(director->configure(larger).has_value());
  loop.run();
  STRCMP_EQUAL("10.1.1.109", in_force().c_str());
}

TEST(Director, a_restarted_check_engine_is_told_what_was_known_and_its_ignorance_changes_nothing) {
  director->record(test::result(0, HostState::Up, 3, 4));
  loop.run();
  disable(ctl::Kind::Host, "1");
  director->hce_restarted();
  const auto syncs = director->host_syncs();
  CHECK(syncs[0].state == HostState::Up && syncs[0].up == 3 && syncs[0].total == 4 && syncs[0].enabled);
  CHECK(!syncs[1].enabled);
  director->record({.host = 0, .generation = 1});
  loop.run();
  STRCMP_EQUAL("up", host(0).c_str());
  STRCMP_EQUAL("10.1.1.100", in_force().c_str());
}

TEST(Director, a_new_generation_at_the_check_engine_is_told_the_switches_again) {
  disable(ctl::Kind::Host, "1");
  CHECK(director->configure(test::sample(2)).has_value());
  switches.clear();
  director->record(test::result(0, HostState::Up, 1, 1, 2));
  CHECK(switches == std::vector<std::string>{"1 off"});
}

TEST(Director, only_rows_that_changed_are_published_once_a_round) {
  rows.clear();
  director->record(test::result(0, HostState::Up));
  director->record(test::result(1, HostState::Up));
  loop.run();
  CHECK_EQUAL(2U, rows.size());  // what was found, then what the engine confirmed of it
  CHECK(rows[1].services.size() == 1 && rows[1].hosts.empty());
  CHECK_EQUAL(2U, rows[0].hosts.size());
  CHECK_EQUAL(1U, rows[0].tables.size());
  CHECK(rows[0].generation > 0);
}

TEST(Director, a_burst_of_results_is_one_commit) {
  const auto before = commits;
  for (const conf::Id id : {0U, 1U, 3U}) director->record(test::result(id, HostState::Up));
  loop.run();
  CHECK_EQUAL(before + 1, commits);
  STRCMP_EQUAL("10.1.1.100 10.1.1.101", in_force().c_str());
}

TEST(Director, after_a_slow_commit_for_a_single_result_the_next_one_does_not_wait) {
  commit_takes = Milliseconds(20);
  result(0, HostState::Up);
  result(1, HostState::Up);
  STRCMP_EQUAL("10.1.1.100 10.1.1.101", in_force().c_str());
}

TEST(Director, after_a_slow_commit_for_many_results_the_next_waits_for_as_long_and_an_operator_does_not) {
  auto large = test::sample(2);
  for (conf::Id id = 10; id < 110; id++)
    large.tables[1].hosts.push_back(test::host(id, ("10.9.0." + std::to_string(id)).c_str()));
  CHECK(director->configure(large).has_value());
  commit_takes = Milliseconds(20);
  for (conf::Id id = 10; id < 110; id++) director->record(test::result(id, HostState::Up));
  result(0, HostState::Up);
  STRCMP_EQUAL("10.1.1.100", in_force().c_str());
  result(1, HostState::Up);
  loop.advance(Milliseconds(19));
  STRCMP_EQUAL("10.1.1.100", in_force().c_str());
  loop.advance(Milliseconds(1));
  STRCMP_EQUAL("10.1.1.100 10.1.1.101", in_force().c_str());
  disable(ctl::Kind::Host, "0");
  STRCMP_EQUAL("10.1.1.101", in_force().c_str());
}

TEST(Director, a_configuration_with_a_host_that_is_its_own_ancestor_is_the_parents_fault) {
  auto bad = test::sample(2);
  bad.tables[0].hosts[0].parent = 1;
  bad.tables[0].hosts[1].parent = 0;
  CHECK(director->configure(bad).error().code == Code::Protocol);
  bad.tables[0].hosts[1].parent = 77;
  CHECK(director->configure(bad).error().code == Code::Protocol);
}

TEST(Director, unload_leaves_nothing_behind) {
  result(0, HostState::Up);
  CHECK(director->unload().has_value());
  CHECK(engine->ruleset().empty());
}

TEST(Director, each_time_that_a_host_is_held_down_for_flapping_is_counted_over_a_reload_too) {
  const auto status = [this](HostState state, bool held) {
    auto out = test::result(0, state);
    out.memory.held = held;
    director->record(out);
    loop.run();
  };
  status(HostState::Up, false);
  status(HostState::Down, true);
  status(HostState::Down, true);
  CHECK_EQUAL(1U, director->snapshot().hosts[0].flapped);
  status(HostState::Up, false);
  CHECK(director->configure(test::sample(2)).has_value());
  status(HostState::Down, true);
  CHECK_EQUAL(2U, director->snapshot().hosts[0].flapped);
}

TEST(Director, how_long_checks_take_is_told_by_table_and_kept_over_a_reload) {
  auto passed = test::result(0, HostState::Up);
  passed.latency = Milliseconds(2);
  director->record(passed);
  CHECK(director->configure(test::sample(2)).has_value());
  director->record({.generation = 2, .results = {{.host = 0, .latency_us = 90, .up = 2, .total = 2}}});
  const auto durations = director->durations();
  CHECK_EQUAL(2U, durations.size());
  CHECK_EQUAL(0U, durations[0].id);
  CHECK_EQUAL(2090U, durations[0].sum_us);
  CHECK_EQUAL(1U, durations[0].counts[0]);
  CHECK_EQUAL(1U, durations[0].counts[4]);
  CHECK_EQUAL(0U, durations[1].sum_us);
}
