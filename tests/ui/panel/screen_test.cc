#include "ui/panel/screen.h"

#include "tests/ui/stage.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ui;
using test::expect_golden;

TEST_GROUP(Screen) {
  test::Stage stage;
  Desk& desk = stage.desk;

  void setup() override {
    stage.tell_site();
  }
};

TEST(Screen, the_tree_at_80x24) {
  expect_golden("tree-80x24", stage.frame(80, 24));
}

TEST(Screen, the_tree_at_160x50) {
  expect_golden("tree-160x50", stage.frame(160, 50));
}

TEST(Screen, the_least_size) {
  expect_golden("tree-40x8", stage.frame(40, 8));
}

TEST(Screen, below_the_least_size_it_says_what_it_has_and_needs) {
  expect_golden("small-39x8", stage.frame(39, 8));
  STRCMP_CONTAINS("have 20x2", stage.frame(20, 2).c_str());
  (void)stage.frame(0, 0);
}

TEST(Screen, plain_ascii) {
  const std::string frame = stage.frame(80, 24, Symbols::Ascii);
  for (const char c : frame) CHECK(static_cast<unsigned char>(c) < 0x7f);
  expect_golden("ascii-80x24", frame);
}

TEST(Screen, braille_holds_two_checks_in_a_cell) {
  expect_golden("braille-80x24", stage.frame(80, 24, Symbols::Braille));
}

TEST(Screen, each_theme_as_a_terminal_gets_it) {
  const Canvas canvas = draw(desk, 80, 24, glyphs(Symbols::Block), stage.now);
  expect_golden("theme-mono", coloured(canvas, Theme(Palette::Mono)));
  expect_golden("theme-16", coloured(canvas, Theme(Palette::Colours16)));
  expect_golden("theme-256", coloured(canvas, Theme(Palette::Colours256)));
  expect_golden("theme-blue-orange", coloured(canvas, Theme(Palette::BlueOrange)));
}

TEST(Screen, every_view) {
  for (std::size_t i = 0; i < kViews; i++) {
    desk.choice.view = static_cast<View>(i);
    desk.choice.version++;
    expect_golden("view-" + std::string(view_text(desk.choice.view)) + "-80x24", stage.frame(80, 24));
  }
}

TEST(Screen, a_lost_daemon_leaves_its_last_frame_with_its_age) {
  desk.link.state = Link::State::Lost;
  desk.link.error = "connection refused";
  desk.link.heard_ms = stage.now - 14'000;
  desk.link.retry_ms = stage.now + 2'000;
  expect_golden("stale-80x24", stage.frame(80, 24));
  CHECK(draw(desk, 80, 24, glyphs(Symbols::Block), stage.now).at(3, 5).stale);
}

TEST(Screen, the_detail_of_a_host_stands_beside_the_rows_where_there_is_room) {
  desk.detail = true;
  desk.at = {.kind = ctl::Kind::Host, .id = 12, .service = 1};
  desk.inspection.of = mark_of(desk.at);
  ctl::HostChecks checks{.id = 12, .table = 1, .name = "web:80/10.0.0.12"};
  checks.changes = {{.wall_ms = stage.now - 122'000,
                     .from = ipc::HostState::Up,
                     .to = ipc::HostState::Down,
                     .reason = ipc::Reason::TcpConnectFailed}};
  checks.checks = {{.wall_ms = stage.now - 12'000, .latency_us = 1200, .code = 200, .reason = ipc::Reason::HttpCodeOk},
                   {.wall_ms = stage.now - 2'000, .latency_us = 200, .reason = ipc::Reason::TcpConnectFailed}};
  desk.inspection.hosts = {checks};
  expect_golden("detail-160x50", stage.frame(160, 50));
  expect_golden("detail-80x24", stage.frame(80, 24));
}

TEST(Screen, the_detail_of_a_table_has_the_latencies_of_its_hosts) {
  desk.detail = true;
  desk.at = {.kind = ctl::Kind::Table, .id = 1, .service = 1};
  expect_golden("detail-table-160x50", stage.frame(160, 50));
}

TEST(Screen, the_detail_of_a_service_tells_what_the_kernel_has) {
  desk.detail = true;
  desk.at = {.kind = ctl::Kind::Service, .id = 4};
  STRCMP_CONTAINS("removed", stage.frame(160, 50).c_str());
  stage.rows.services[3].error = "map is full";
  stage.tell(stage.rows);
  expect_golden("detail-service-160x50", stage.frame(160, 50));
}

TEST(Screen, a_change_is_shown_with_what_comes_of_it) {
  desk.mode = Mode::Confirm;
  desk.ask.change = {.kind = ctl::Kind::Host, .action = ctl::Action::Disable, .reason = "kernel 6.18"};
  desk.ask.consequence = {
      .kind = ctl::Kind::Host, .action = ctl::Action::Disable, .changed = 2, .objects = "2 hosts of web:80"};
  desk.ask.consequence.tables = {{.id = 1,
                                  .name = "web:80",
                                  .changed = 2,
                                  .hosts = 5,
                                  .up_before = 2,
                                  .up_after = 0,
                                  .weight_before = 4,
                                  .weight_after = 0,
                                  .sessions = 3112,
                                  .sessions_hit = 2800}};
  desk.ask.consequence.services = {
      {.id = 1, .name = "www", .before = ctl::ServiceWord::Active, .after = ctl::ServiceWord::Down}};
  expect_golden("confirm-80x24", stage.frame(80, 24));
  expect_golden("confirm-160x50", stage.frame(160, 50));
  expect_golden("confirm-40x8", stage.frame(40, 8));
  desk.ask.field = Ask::Field::Name;
  desk.typed = "web";
  expect_golden("confirm-name-80x24", stage.frame(80, 24));
  desk.ask.field = Ask::Field::Weight;
  desk.typed = "3";
  expect_golden("confirm-weight-80x24", stage.frame(80, 24));
}

TEST(Screen, what_is_wrong_with_the_daemon_is_in_the_first_line) {
  ctl::Header header = desk.live.header();
  header.vitals.in_sync = false;
  header.vitals.fault = "map is full";
  header.vitals.checking = false;
  stage.tell(header.vitals);
  expect_golden("fault-80x24", stage.frame(80, 24));
  expect_golden("fault-160x50", stage.frame(160, 50));
}

TEST(Screen, the_help_is_made_of_the_table_of_keys) {
  desk.mode = Mode::Help;
  desk.page = {.title = "help", .lines = help_lines()};
  expect_golden("help-80x50", stage.frame(80, 50));
}

TEST(Screen, hostile_names_do_not_reach_the_terminal) {
  stage.host("10.0.0.12").detail = "\x1b[2J\x07\xff";
  stage.host("mx1.example.org").name =
      "\xe2\x80\xae"
      "evil";  // turns the writing direction around
  for (const auto& row : stage.rows.hosts) stage.tell(row);
  const std::string frame = stage.frame(160, 50);
  STRCMP_CONTAINS("\\x1b[2J\\x07\\xff", frame.c_str());
  STRCMP_CONTAINS("\\xe2\\x80\\xaeevil", frame.c_str());
}

TEST(Screen, a_daemon_that_was_never_heard) {
  Desk fresh;
  fresh.link = {.state = Link::State::Lost, .error = "no socket"};
  expect_golden("nobody-80x24", draw(fresh, 80, 24, glyphs(Symbols::Block), stage.now).text());
}
