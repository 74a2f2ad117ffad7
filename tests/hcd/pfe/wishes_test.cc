// What becomes of operators' wishes: their end, their weight, their consequence, and several at once.
#include "tests/hcd/pfe/director_fixture.h"

using namespace hcd;
using namespace hcd::pfe;
using ctl::Action;
using ctl::Kind;
using ctl::Verdict;
using ipc::HostState;

TEST_GROUP_BASE(Wishes, test::DirectorFixture){ctl::Change of(Action action, std::vector<std::string> targets){
    ctl::Change out{.kind = Kind::Host, .action = action, .targets = {}};
for (auto& target : targets) out.targets.push_back({.text = std::move(target)});
return out;
}
ctl::Change weight(const std::string& host, std::uint16_t number) {
  auto out = of(Action::Weight, {host});
  out.weight = number;
  return out;
}
std::string refused(const ctl::Change& wanted) {
  const auto answer = change(wanted);
  return answer.verdict == Verdict::Done ? "done" : answer.text;
}
[[nodiscard]] std::string weights() const {
  std::string out;
  for (const auto& entry : engine->ruleset().at("hcd/www").tables.at("www").entries)
    out += std::to_string(entry.weight) + " ";
  return out;
}
}
;

TEST(Wishes, one_with_an_end_ends_by_itself_and_says_so) {
  result(0, HostState::Up);
  result(1, HostState::Up);
  auto half_an_hour = of(Action::Drain, {"0"});
  half_an_hour.for_s = 1800;
  half_an_hour.reason = "kernel";
  CHECK(change(half_an_hour).verdict == Verdict::Done);
  CHECK_EQUAL(director->snapshot().hosts[0].override->drained->note.until_ms,
              director->snapshot().header.vitals.wall_ms + 1'800'000);
  loop.advance(Seconds(1799));
  STRCMP_EQUAL("up (drained)", host(0).c_str());
  events.clear();
  loop.advance(Seconds(2));
  STRCMP_EQUAL("up", host(0).c_str());
  STRCMP_EQUAL("10.1.1.100 10.1.1.101", in_force().c_str());
  STRCMP_CONTAINS("its time is over", events.at(0).c_str());
  STRCMP_EQUAL("", parked.at("host webhosts/10.1.1.100").c_str());
}

TEST(Wishes, an_end_that_passed_while_no_daemon_ran_is_kept) {
  auto short_one = of(Action::Disable, {"0"});
  short_one.for_s = 60;
  change(short_one);
  const auto kept = parked;
  loop.advance(Seconds(59));
  start(std::make_unique<fastpath::MemoryEngine>());
  for (const auto& [key, value] : kept) CHECK(director->restore(key, value).has_value());
  CHECK(director->configure(test::sample()).has_value());
  STRCMP_EQUAL("disabled", host(0).c_str());
  loop.advance(Seconds(2));
  STRCMP_EQUAL("unknown", host(0).c_str());
}

TEST(Wishes, each_of_a_host_has_an_end_of_its_own) {
  auto hour = of(Action::Disable, {"0"});
  hour.for_s = 3600;
  change(hour);
  change(of(Action::Drain, {"0"}));
  loop.advance(Seconds(3601));
  STRCMP_EQUAL("unknown (drained)", host(0).c_str());
}

TEST(Wishes, a_weight_reaches_the_engine_and_is_shown_beside_the_configured_one) {
  result(0, HostState::Up);
  result(1, HostState::Up);
  CHECK(change(weight("0", 5)).verdict == Verdict::Done);
  STRCMP_EQUAL("5 1 ", weights().c_str());
  CHECK(director->snapshot().hosts[0].weight == 5 && director->snapshot().hosts[0].configured_weight == 1);
  CHECK(change(of(Action::ResetWeight, {"0"})).verdict == Verdict::Done);
  STRCMP_EQUAL("1 1 ", weights().c_str());
  STRCMP_CONTAINS("a weight is 1 to 1000", refused(weight("0", 0)).c_str());
  auto table = weight("webhosts", 2);
  table.kind = Kind::Table;
  STRCMP_EQUAL("only a host has a weight", refused(table).c_str());
}

TEST(Wishes, an_edited_weight_is_newer_than_a_wish_and_an_unedited_one_is_not) {
  result(0, HostState::Up);
  change(weight("0", 5));
  CHECK(director->configure(test::sample(2)).has_value());
  STRCMP_EQUAL("5 ", weights().c_str());
  auto edited = test::sample(3);
  edited.tables[0].hosts[0].weight = 3;
  events.clear();
  CHECK(director->configure(edited).has_value());
  STRCMP_EQUAL("3 ", weights().c_str());
  STRCMP_EQUAL(
      "host webhosts/10.1.1.100: the override ends: the configuration is newer: the weight is 3 now, and was 1",
      events.at(0).c_str());
  CHECK(!director->snapshot().hosts[0].override);
}

TEST(Wishes, several_targets_and_patterns_are_changed_together_or_not_at_all) {
  STRCMP_EQUAL("no host \"10.9.9.9\"", refused(of(Action::Disable, {"0", "10.9.9.9"})).c_str());
  STRCMP_EQUAL("unknown", host(0).c_str());
  STRCMP_EQUAL("host \"webhosts/10.1.1.*\" (all 2) disabled",
               change(of(Action::Disable, {"webhosts/10.1.1.*"})).text.c_str());
  STRCMP_EQUAL("2 hosts of webhosts enabled", change(of(Action::Enable, {"1", "10.1.1.100", "1"})).text.c_str());
  STRCMP_EQUAL("host 10.1.1.101 of webhosts: enabled already", change(of(Action::Enable, {"1"})).text.c_str());
}

TEST(Wishes, what_would_come_of_a_change_is_told_and_changes_nothing) {
  result(0, HostState::Up);
  result(1, HostState::Up);
  result(3, HostState::Up);
  auto dry = of(Action::Disable, {"10.1.1.10*"});
  dry.dry_run = true;
  const auto parked_before = parked;
  CHECK(change(dry).verdict == Verdict::Done);
  const auto lines = ctl::effect_lines(outcome.consequence);
  STRCMP_EQUAL("webhosts: 0/2 up afterwards, weight 2 -> 0 (-100%), nothing is left", lines.at(0).c_str());
  STRCMP_EQUAL("service www: active -> active (using backup table), table sorry_server:80", lines.at(1).c_str());
  STRCMP_EQUAL("webhosts", ctl::name_to_type(outcome.consequence).c_str());
  STRCMP_EQUAL("10.1.1.100 10.1.1.101", in_force().c_str());
  CHECK(parked == parked_before);
  dry.dry_run = false;
  CHECK(change(dry).verdict == Verdict::Done);
  STRCMP_EQUAL("active (using backup table)", service().c_str());
}

TEST(Wishes, what_was_done_can_be_undone_unless_another_came_in_between) {
  result(0, HostState::Up);
  change(weight("0", 5));
  change(weight("0", 7));
  const auto back = ctl::undo(outcome.objects, outcome.generation);
  CHECK_EQUAL(1U, back.size());
  CHECK(change(back[0]).verdict == Verdict::Done);
  STRCMP_EQUAL("5 ", weights().c_str());
  const auto again = ctl::undo(outcome.objects, outcome.generation);
  change(of(Action::Drain, {"0"}), "uid 7 (pid 1)");
  CHECK(change(again[0]).verdict == Verdict::Conflict);
}

TEST(Wishes, an_end_needs_a_wish) {
  auto back = of(Action::Enable, {"0"});
  back.for_s = 60;
  change(of(Action::Disable, {"0"}));
  STRCMP_EQUAL("host 10.1.1.100 of webhosts would be as it is configured: that needs no end", refused(back).c_str());
  STRCMP_EQUAL("nothing is named that is to be changed", refused(of(Action::Enable, {})).c_str());
}
