// What is changed, and what must be said before: ui/app/change.cc and marks.cc.
#include "tests/ui/app/fixture.h"

using namespace hcd;
using namespace hcd::ui;

TEST_GROUP_BASE(Change, test::ControllerFixture){};

TEST(Change, a_change_is_judged_shown_and_only_then_made) {
  at(12);
  press(U"d");
  CHECK_EQUAL(1U, shell.asked.size());
  CHECK(shell.asked[0].dry_run);
  CHECK(desk.mode == Mode::Confirm);
  press(U"rpatch\nff");
  press(U"y");
  CHECK_EQUAL(2U, shell.asked.size());
  const auto& made = shell.asked[1];
  CHECK_FALSE(made.dry_run);
  CHECK(made.action == ctl::Action::Disable);
  STRCMP_EQUAL("12", made.targets.at(0).text.c_str());
  CHECK_EQUAL(1U, *made.targets.at(0).generation);
  STRCMP_EQUAL("patch", made.reason.c_str());
  CHECK_EQUAL(7200U, made.for_s);
  STRCMP_CONTAINS("u undoes it", desk.message.c_str());
}

TEST(Change, anything_but_yes_is_no) {
  for (const char32_t key : std::u32string_view(U"nN\n\x1bqx")) {
    at(12);
    press(U"d");
    press(std::u32string(1, key));
    CHECK(desk.mode == Mode::Browse);
  }
  CHECK_EQUAL(6U, shell.asked.size());
  for (const auto& change : shell.asked) CHECK(change.dry_run);
  STRCMP_EQUAL("", shell.said.c_str());
}

TEST(Change, what_takes_a_service_down_wants_its_name) {
  shell.outcome.consequence.services = {
      {.id = 1, .name = "www", .before = ctl::ServiceWord::Active, .after = ctl::ServiceWord::Down}};
  const std::string name = name_to_type(shell.outcome.consequence);
  CHECK_FALSE(name.empty());
  at(12);
  press(U"dy");
  press(U"wrong\n");
  CHECK_EQUAL(1U, shell.asked.size());
  press(U"dy");
  press(std::u32string(name.begin(), name.end()));
  press(U"\n");
  CHECK_EQUAL(3U, shell.asked.size());
  CHECK_FALSE(shell.asked[2].dry_run);
}

TEST(Change, marks_are_changed_together) {
  at(12);
  press(U"  ");
  CHECK_EQUAL(2U, desk.marks.size());
  press(U"D");
  CHECK_EQUAL(2U, shell.asked[0].targets.size());
  press(U"y");
  CHECK(desk.marks.empty());
}

TEST(Change, a_range_and_all_that_is_shown_are_marked_and_unmarked) {
  at(12);
  press(U"VjjV");
  CHECK_EQUAL(3U, desk.marks.size());
  press(U"*");
  CHECK_EQUAL(10U, desk.marks.size());
  press(U"U");
  CHECK(desk.marks.empty());
}

TEST(Change, several_kinds_at_once_are_not_changed) {
  press(U" ");  // a service
  at(12);
  press(U" d");
  CHECK_EQUAL(0U, shell.asked.size());
  STRCMP_CONTAINS("several kinds", desk.message.c_str());
}

TEST(Change, a_table_is_drained_by_its_hosts_and_all_that_drain_are_let_go) {
  at(12);
  press(kKeyLeft);
  press(U"D");
  CHECK_EQUAL(5U, shell.asked[0].targets.size());
  CHECK(shell.asked[0].action == ctl::Action::Drain);
  press(U"n");
  at(13);
  press(U"D");
  CHECK(shell.asked[1].action == ctl::Action::Undrain);
}

TEST(Change, a_weight_is_typed_first_and_nothing_is_the_configured_one) {
  at(12);
  press(U"w5\n");
  CHECK(shell.asked[0].action == ctl::Action::Weight);
  CHECK_EQUAL(5, shell.asked[0].weight);
  press(U"nw\n");
  CHECK(shell.asked[1].action == ctl::Action::ResetWeight);
  press(U"nwheavy\n");
  CHECK_EQUAL(2U, shell.asked.size());
  CHECK(desk.mode == Mode::Browse);
}

TEST(Change, undo_sends_what_brings_it_back_if_nobody_changed_it_since) {
  auto& done = shell.outcome.objects[0];
  done.after.enabled = ctl::Wish<bool>{.value = false, .configured = true};
  at(12);
  press(U"dyu");
  CHECK_EQUAL(3U, shell.asked.size());
  CHECK(shell.asked[2].action == ctl::Action::Enable);
  CHECK(shell.asked[2].generation == 77U || shell.asked[2].targets.at(0).generation == 77U);
  press(U"u");
  CHECK_EQUAL(3U, shell.asked.size());
}

TEST(Change, a_conflict_is_told_in_the_daemons_words) {
  at(12);
  press(U"d");
  shell.answer = {ctl::Verdict::Conflict, "it was changed by alice"};
  press(U"y");
  STRCMP_EQUAL("conflict: it was changed by alice", desk.message.c_str());
  CHECK(desk.alarming);
}

TEST(Change, read_only_lost_and_recorded_mean_no_change) {
  at(12);
  desk.link.read_only = true;
  press(U"dDewcu");
  STRCMP_CONTAINS("read-only", desk.message.c_str());
  desk.link.read_only = false;
  desk.link.state = Link::State::Lost;
  press(U"d");
  desk.link.state = Link::State::Live;
  desk.link.replayed = true;
  press(U"d");
  CHECK_EQUAL(0U, shell.asked.size());
  STRCMP_EQUAL("", shell.said.c_str());
}

TEST(Change, a_daemon_lost_while_it_is_asked_cancels) {
  at(12);
  press(U"d");
  desk.link.state = Link::State::Lost;
  press(U"y");
  CHECK_EQUAL(1U, shell.asked.size());
  STRCMP_CONTAINS("nothing was changed", desk.message.c_str());
}

TEST(Change, what_is_already_so_is_not_asked_about) {
  shell.outcome.consequence.changed = 0;
  at(12);
  press(U"d");
  CHECK(desk.mode == Mode::Browse);
  STRCMP_EQUAL("it is so already", desk.message.c_str());
}

TEST(Change, a_host_is_enabled_by_its_key) {
  at(15);
  press(U"ey");
  CHECK_EQUAL(2U, shell.asked.size());
  CHECK(shell.asked[1].action == ctl::Action::Enable);
  STRCMP_EQUAL("15", shell.asked[1].targets.at(0).text.c_str());
}

TEST(Change, checks_are_asked_for_of_what_is_meant) {
  at(12);
  press(U"c");
  press(U"*c");
  STRCMP_EQUAL("check-1 check-10 ", shell.said.c_str());
}
