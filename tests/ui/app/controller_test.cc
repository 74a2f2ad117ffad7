#include "ui/app/controller.h"

#include "tests/ui/stage.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ui;

namespace {

// A shell that remembers what it was asked, and a daemon that answers as a test says.
class FakeShell final : public Shell {
 public:
  void quit() override { said += "quit "; }
  void suspend() override { said += "suspend "; }
  void redraw() override { said += "redraw "; }
  void refresh() override { said += "refresh "; }
  void mouse(bool on) override { said += on ? "mouse " : "no-mouse "; }
  void interval() override { said += "interval "; }
  void inspect(const Key& key) override { said += "inspect-" + std::to_string(key.id) + " "; }
  void check_now(const std::vector<Key>& keys) override { said += "check-" + std::to_string(keys.size()) + " "; }
  bool change(const ctl::Change& change, std::function<void(const ctl::Answer&, const ctl::Outcome&)> ended) override {
    if (!reachable) return false;
    asked.push_back(change);
    ctl::Outcome told = outcome;
    told.dry_run = change.dry_run;
    told.consequence.action = change.action;
    ended(answer, told);
    return true;
  }
  void command(const std::string& text) override { said += "[" + text + "] "; }
  void end_command() override { said += "end-command "; }
  void copy(const std::string& text) override { said += "copy-" + text + " "; }
  Result<std::string> write(const std::string& text) override {
    written = text;
    return "file";
  }

  std::string said, written;
  std::vector<ctl::Change> asked;
  ctl::Answer answer;
  ctl::Outcome outcome;
  bool reachable = true;
};

}  // namespace

TEST_GROUP(Controller) {
  test::Stage stage;
  Desk& desk = stage.desk;
  FakeShell shell;
  Controller controller{desk, shell};

  void setup() override {
    stage.tell_site();
    shell.outcome.consequence = {.changed = 1, .objects = "host 10.0.0.12 of web:80"};
    shell.outcome.objects = {{.kind = ctl::Kind::Host, .id = 12, .name = "web:80/10.0.0.12"}};
    shell.outcome.generation = 77;
    (void)stage.frame(80, 24);
  }
  void press(std::u32string_view keys) {
    for (const char32_t key : keys) {
      controller.press(key, stage.now);
      (void)stage.frame(80, 24);
    }
  }
  void press(Special key) {
    press(std::u32string(1, key));
  }
  void at(conf::Id host) {
    desk.at = {.kind = ctl::Kind::Host, .id = host, .service = 1};
    (void)stage.frame(80, 24);
    CHECK_EQUAL(host, desk.line()->key.id);
  }
  std::string here() {
    return name_of(desk.shown(), desk.line()->key);
  }
};

TEST(Controller, the_cursor_moves_over_notes) {
  STRCMP_EQUAL("smtp", here().c_str());
  press(U"jj");
  STRCMP_EQUAL("mx:25/mx1.example.org", here().c_str());
  press(U"j");
  STRCMP_EQUAL("mx:25/mx2.example.org", here().c_str());
  press(U"k");
  STRCMP_EQUAL("mx:25/mx1.example.org", here().c_str());
  press(U"G");
  STRCMP_EQUAL("dns:53/10.0.3.53", here().c_str());
  press(U"g");
  STRCMP_EQUAL("smtp", here().c_str());
}

TEST(Controller, the_cursor_stays_with_its_object_when_the_order_changes) {
  at(14);
  stage.host("10.0.0.14").word = ctl::HostWord::Down;
  stage.tell(stage.host("10.0.0.14"));
  (void)stage.frame(80, 24);
  STRCMP_EQUAL("web:80/10.0.0.14", here().c_str());
}

TEST(Controller, folding_goes_up_where_nothing_is_left_to_fold) {
  at(12);
  press(kKeyLeft);
  STRCMP_EQUAL("web:80", here().c_str());
  press(kKeyLeft);
  CHECK_EQUAL(1U, desk.choice.folded.size());
  press(kKeyRight);
  CHECK_EQUAL(0U, desk.choice.folded.size());
  press(U"-");
  for (const auto& line : desk.outline.lines()) CHECK(line.key.kind == ctl::Kind::Service);
  STRCMP_EQUAL("www", here().c_str());
  press(U"+");
  CHECK(desk.choice.folded.empty());
}

TEST(Controller, a_search_goes_around_and_says_when_there_is_nothing) {
  press(U"/0.0.12\n");
  STRCMP_EQUAL("web:80/10.0.0.12", here().c_str());
  press(U"/dns\n");
  STRCMP_EQUAL("dns", here().c_str());
  press(U"n");
  STRCMP_EQUAL("dns:53", here().c_str());
  press(U"N");
  STRCMP_EQUAL("dns", here().c_str());
  press(U"N");
  STRCMP_EQUAL("dns:53/10.0.3.53", here().c_str());
  press(U"/nowhere\n");
  STRCMP_EQUAL("not found: nowhere", desk.message.c_str());
}

TEST(Controller, a_filter_holds_while_it_is_typed_and_escape_ends_it) {
  press(U"\\state=down");
  CHECK_EQUAL(2U, std::ranges::count_if(desk.outline.lines(), [](const Line& line) {
                return !line.note && line.key.kind == ctl::Kind::Host;
              }));
  press(U"\n");
  STRCMP_EQUAL("state=down", desk.choice.filter.text().c_str());
  press(U"\x1b");
  CHECK(desk.choice.filter.empty());
}

TEST(Controller, a_filter_that_is_wrong_says_why) {
  press(U"\\colour=red\n");
  STRCMP_CONTAINS("no field", desk.message.c_str());
  CHECK(desk.alarming);
}

TEST(Controller, sorts_go_round_and_a_capital_twice_reverses) {
  press(U"o");
  CHECK(desk.choice.sort == Sort::Name);
  press(U"OO");
  CHECK(desk.choice.sort == Sort::Weight);
  press(U"L");
  CHECK(desk.choice.sort == Sort::Latency);
  CHECK_FALSE(desk.choice.reverse);
  press(U"L");
  CHECK(desk.choice.reverse);
}

TEST(Controller, every_capital_of_a_column_sorts_by_another) {
  std::set<Sort> sorts;
  for (const char32_t key : std::u32string_view(U"PMISALTECW")) {
    press(std::u32string(1, key));
    sorts.insert(desk.choice.sort);
  }
  CHECK_EQUAL(kSorts, sorts.size());
}

TEST(Controller, a_pause_holds_what_is_shown_and_nothing_is_changed_meanwhile) {
  press(U"p");
  stage.host("10.0.0.12").word = ctl::HostWord::Up;
  stage.tell(stage.host("10.0.0.12"));
  at(12);
  CHECK(desk.shown().host(12)->row.word == ctl::HostWord::Down);
  press(U"d");
  CHECK_EQUAL(0U, shell.asked.size());
  press(U"p");
  CHECK(desk.shown().host(12)->row.word == ctl::HostWord::Up);
}

TEST(Controller, a_change_is_judged_shown_and_only_then_made) {
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

TEST(Controller, anything_but_yes_is_no) {
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

TEST(Controller, what_takes_a_service_down_wants_its_name) {
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

TEST(Controller, marks_are_changed_together) {
  at(12);
  press(U"  ");
  CHECK_EQUAL(2U, desk.marks.size());
  press(U"D");
  CHECK_EQUAL(2U, shell.asked[0].targets.size());
  press(U"y");
  CHECK(desk.marks.empty());
}

TEST(Controller, a_range_and_all_that_is_shown_are_marked_and_unmarked) {
  at(12);
  press(U"VjjV");
  CHECK_EQUAL(3U, desk.marks.size());
  press(U"*");
  CHECK_EQUAL(10U, desk.marks.size());
  press(U"U");
  CHECK(desk.marks.empty());
}

TEST(Controller, several_kinds_at_once_are_not_changed) {
  press(U" ");  // a service
  at(12);
  press(U" d");
  CHECK_EQUAL(0U, shell.asked.size());
  STRCMP_CONTAINS("several kinds", desk.message.c_str());
}

TEST(Controller, a_table_is_drained_by_its_hosts_and_all_that_drain_are_let_go) {
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

TEST(Controller, a_weight_is_typed_first_and_nothing_is_the_configured_one) {
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

TEST(Controller, undo_sends_what_brings_it_back_if_nobody_changed_it_since) {
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

TEST(Controller, a_conflict_is_told_in_the_daemons_words) {
  at(12);
  press(U"d");
  shell.answer = {ctl::Verdict::Conflict, "it was changed by alice"};
  press(U"y");
  STRCMP_EQUAL("conflict: it was changed by alice", desk.message.c_str());
  CHECK(desk.alarming);
}

TEST(Controller, read_only_lost_and_recorded_mean_no_change) {
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

TEST(Controller, a_daemon_lost_while_it_is_asked_cancels) {
  at(12);
  press(U"d");
  desk.link.state = Link::State::Lost;
  press(U"y");
  CHECK_EQUAL(1U, shell.asked.size());
  STRCMP_CONTAINS("nothing was changed", desk.message.c_str());
}

TEST(Controller, what_is_already_so_is_not_asked_about) {
  shell.outcome.consequence.changed = 0;
  at(12);
  press(U"d");
  CHECK(desk.mode == Mode::Browse);
  STRCMP_EQUAL("it is so already", desk.message.c_str());
}

TEST(Controller, commands_are_typed_with_the_usual_keys) {
  press(U":show x");
  press(kKeyBackspace);
  press(U"su\n");
  STRCMP_EQUAL("[show su] ", shell.said.c_str());
  press(U":\x1b");
  CHECK(desk.mode == Mode::Browse);
}

TEST(Controller, views_detail_log_help_and_back) {
  press(U"2");
  CHECK(desk.choice.view == View::Hosts);
  press(U"\t");
  CHECK(desk.choice.view == View::Services);
  press(U"\n");
  CHECK(desk.detail);
  press(U"l?");
  CHECK(desk.mode == Mode::Help);
  press(U"\x1b");
  CHECK(desk.log);
  press(U"\x1b");
  CHECK(desk.detail);
  press(U"\x1b");
  CHECK_FALSE(desk.detail);
  press(U"\x1b");
  CHECK(desk.choice.view == View::Tree);
}

TEST(Controller, an_export_has_every_row_and_the_screen_stays_as_it_was) {
  desk.events_read = desk.live.last_event();
  const std::string before = stage.frame(80, 24);
  press(U"x");
  STRCMP_CONTAINS("10.0.3.53", shell.written.c_str());
  STRCMP_EQUAL("written to file", desk.message.c_str());
  desk.message.clear();
  STRCMP_EQUAL(before.c_str(), stage.frame(80, 24).c_str());
}

TEST(Controller, the_interval_is_halved_doubled_and_typed_within_bounds) {
  press(U"<<<<<");
  CHECK_EQUAL(250, desk.interval_ms);
  press(U">");
  CHECK_EQUAL(500, desk.interval_ms);
  press(U"s2.5\n");
  CHECK_EQUAL(2500, desk.interval_ms);
  press(U"snever\n");
  CHECK_EQUAL(2500, desk.interval_ms);
}

TEST(Controller, pages_are_a_screen_less_a_line) {
  const int page = desk.rows - 1;
  press(kKeyPageDown);
  CHECK(desk.cursor >= page);
  press(U"\x06");
  CHECK_EQUAL(static_cast<int>(desk.outline.lines().size()) - 1, desk.cursor);
  press(kKeyPageUp);
  press(U"\x02\x02");
  CHECK_EQUAL(0, desk.cursor);
}

TEST(Controller, one_key_folds_and_unfolds_what_is_under_the_cursor) {
  const auto lines = desk.outline.lines().size();
  press(U"z");
  CHECK(desk.outline.lines().size() < lines);
  press(U"z");
  CHECK_EQUAL(lines, desk.outline.lines().size());
  at(12);
  press(U"z");
  CHECK(desk.choice.folded.empty());
}

TEST(Controller, problems_alone_leave_out_what_is_well) {
  press(U"Z");
  for (const auto& line : desk.outline.lines())
    if (const auto* host = desk.shown().host(line.key.id); host != nullptr && line.key.kind == ctl::Kind::Host)
      CHECK(host->row.word != ctl::HostWord::Up || host->row.drained);
  press(U"Z");
  CHECK_FALSE(desk.choice.problems);
}

TEST(Controller, the_sort_is_reversed_and_a_frozen_order_stays) {
  press(U"2M");
  const std::string first = here();
  press(U"r");
  CHECK(desk.choice.reverse);
  press(U"G");
  STRCMP_EQUAL(first.c_str(), here().c_str());
  press(U"rFgP");
  const std::string frozen = here();
  CHECK(desk.choice.frozen);
  stage.host("10.0.3.53").word = ctl::HostWord::Down;
  stage.tell(stage.host("10.0.3.53"));
  press(U"g");
  STRCMP_EQUAL(frozen.c_str(), here().c_str());
  press(U"F");
  CHECK_FALSE(desk.choice.frozen);
}

TEST(Controller, a_host_is_enabled_by_its_key) {
  at(15);
  press(U"ey");
  CHECK_EQUAL(2U, shell.asked.size());
  CHECK(shell.asked[1].action == ctl::Action::Enable);
  STRCMP_EQUAL("15", shell.asked[1].targets.at(0).text.c_str());
}

TEST(Controller, checks_are_asked_for_of_what_is_meant) {
  at(12);
  press(U"c");
  press(U"*c");
  STRCMP_EQUAL("check-1 check-10 ", shell.said.c_str());
}

TEST(Controller, the_log_and_pages_are_scrolled) {
  press(U"lj");
  CHECK_EQUAL(1, desk.log_top);
  press(U"gl?jj");
  CHECK_EQUAL(2, desk.page.top);
  press(U"G");
  CHECK_EQUAL(static_cast<int>(desk.page.lines.size()) - 1, desk.page.top);
}

TEST(Controller, a_click_goes_there_a_second_opens_and_the_wheel_scrolls) {
  controller.click(2, false);
  (void)stage.frame(80, 24);
  STRCMP_EQUAL("mx:25/mx1.example.org", here().c_str());
  CHECK_FALSE(desk.detail);
  controller.click(2, true);
  CHECK(desk.detail);
  STRCMP_EQUAL("inspect-61 ", shell.said.c_str());
  controller.wheel(3);
  CHECK(desk.cursor > 2);
  controller.click(1000, false);
  press(U"\x1b:");
  controller.click(0, false);
  CHECK(desk.cursor > 2);
}

TEST(Controller, a_key_that_is_bound_to_nothing_says_so) {
  press(U"Q");
  STRCMP_CONTAINS("does nothing", desk.message.c_str());
  press(kKeyIgnored);
  STRCMP_EQUAL("", desk.message.c_str());
}

TEST(Controller, the_rest_is_the_shells) {
  press(U"mmy\x0c\x12\x1aq");
  STRCMP_EQUAL("mouse no-mouse copy-smtp redraw refresh suspend quit ", shell.said.c_str());
}

// Whatever is pressed, in whatever order, it neither falls nor changes anything without a yes.
TEST(Controller, any_keys_in_any_order) {
  std::uint32_t random = 7;
  for (int i = 0; i < 5000; i++) {
    random = random * 1'103'515'245 + 12'345;
    const auto pick = random / 65'536 % 140;
    const KeyCode key = pick < 127 ? pick : kKeyUp + (pick - 127);
    if (key == U'y' || key == U'Y') continue;
    controller.press(key, stage.now);
    if (i % 3 == 0) (void)stage.frame(40 + i % 100, 8 + i % 30);
  }
  for (const auto& change : shell.asked) CHECK(change.dry_run);
}
