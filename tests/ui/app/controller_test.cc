#include "ui/app/controller.h"

#include "tests/ui/app/fixture.h"

using namespace hcd;
using namespace hcd::ui;

TEST_GROUP_BASE(Controller, test::ControllerFixture){};

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
  press(U"2Mg");
  const std::string first = here();
  press(U"r");
  CHECK(desk.choice.reverse);
  press(U"G");
  STRCMP_EQUAL(first.c_str(), here().c_str());
  press(U"PgF");
  const std::string worst = here();
  auto& row = stage.host(desk.live.host(desk.line()->key.id)->row.name);
  row.word = ctl::HostWord::Up;
  stage.tell(row);
  press(U"jg");
  STRCMP_EQUAL(worst.c_str(), here().c_str());
  press(U"Fg");
  CHECK(worst != here());
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
