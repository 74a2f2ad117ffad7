#include "ui/model/mirror.h"

#include "tests/ui/stage.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ui;
using ctl::HostWord;

TEST_GROUP(Mirror) {
  test::Stage stage;
  Mirror& mirror = stage.desk.live;
  void setup() override {
    stage.tell_site();
  }
  void snapshot(const ctl::Rows& rows) {
    stage.tell(ctl::Begin());
    stage.tell(rows);
    stage.tell(ctl::End());
  }
};

TEST(Mirror, hosts_are_counted_by_their_state) {
  const Counts& counts = mirror.hosts_counted();
  CHECK_EQUAL(10U, counts.all);
  CHECK_EQUAL(5U, counts.up);
  CHECK_EQUAL(3U, counts.down);
  CHECK_EQUAL(1U, counts.unknown);
  CHECK_EQUAL(1U, counts.off);
  CHECK_EQUAL(1U, counts.drained);
  stage.host("10.0.0.12").word = HostWord::Up;
  stage.tell(stage.host("10.0.0.12"));
  CHECK_EQUAL(6U, counts.up);
  CHECK_EQUAL(2U, counts.down);
}

TEST(Mirror, each_beat_lengthens_the_trail_and_a_row_does_not) {
  const std::size_t before = mirror.host(11)->trail.size();
  stage.checks("10.0.0.11", ".x");
  CHECK_EQUAL(before + 2, mirror.host(11)->trail.size());
  CHECK(mirror.host(11)->trail.ago(0).failed);
  stage.tell(stage.host("10.0.0.11"));
  CHECK_EQUAL(before + 2, mirror.host(11)->trail.size());
  stage.tell(ctl::Beats{.beats = {{.host = 999}}});  // of one that is not known
}

TEST(Mirror, the_checks_before_anybody_watched_come_with_the_snapshot) {
  ctl::HostChecks told{.id = 15};
  told.checks = {{.latency_us = 500, .reason = ipc::Reason::HttpCodeOk}, {.reason = ipc::Reason::HttpCodeMismatch}};
  stage.tell(ctl::Evidence{.hosts = {told, {.id = 999}}});
  CHECK_EQUAL(2U, mirror.host(15)->trail.size());
  CHECK(mirror.host(15)->trail.ago(0).failed);
  stage.checks("10.0.0.15", "...");
  stage.tell(ctl::Evidence{.hosts = {told}});  // we know more by now
  CHECK_EQUAL(5U, mirror.host(15)->trail.size());
}

TEST(Mirror, numbers_replace_what_the_row_said) {
  stage.tell(ctl::Numbers{
      .hosts = {{.id = 11, .traffic = {.states = 7}, .up = 5, .total = 6, .latency_us = 900}, {.id = 999}}});
  CHECK_EQUAL(7U, mirror.host(11)->load.states);
  CHECK_EQUAL(6U, mirror.host(11)->row.total);
  CHECK(mirror.host(11)->row.latency == std::chrono::microseconds(900));
}

TEST(Mirror, events_that_come_again_with_a_snapshot_are_not_told_twice) {
  const std::size_t before = mirror.events().size();
  stage.tell(mirror.events().back());
  CHECK_EQUAL(before, mirror.events().size());
}

TEST(Mirror, a_new_snapshot_drops_what_is_not_in_it_and_keeps_the_trails) {
  const std::size_t before = mirror.host(11)->trail.size();
  auto rows = stage.rows;
  std::erase_if(rows.hosts, [](const ctl::HostRow& row) { return row.id == 12; });
  std::erase_if(rows.services, [](const ctl::ServiceRow& row) { return row.id == 4; });
  std::erase_if(rows.tables, [](const ctl::TableRow& row) { return row.id == 6; });
  std::erase_if(rows.hosts, [](const ctl::HostRow& row) { return row.table == 6; });
  snapshot(rows);
  CHECK(mirror.host(12) == nullptr);
  CHECK(mirror.service(4) == nullptr);
  CHECK(mirror.table(6) == nullptr);
  CHECK_EQUAL(7U, mirror.hosts_counted().all);
  CHECK_EQUAL(4U, mirror.table(1)->hosts.size());
  CHECK_EQUAL(before, mirror.host(11)->trail.size());
}

TEST(Mirror, what_is_gone_is_gone_with_all_that_is_below_it) {
  stage.tell(ctl::Gone{.kind = ctl::Kind::Table, .id = 1});
  CHECK(mirror.table(1) == nullptr);
  CHECK(mirror.host(11) == nullptr);
  CHECK_EQUAL(5U, mirror.hosts_counted().all);
  stage.tell(ctl::Gone{.kind = ctl::Kind::Host, .id = 999});
  stage.tell(ctl::Gone{.kind = ctl::Kind::Service, .id = 1});
  CHECK(mirror.service(1) == nullptr);
}

TEST(Mirror, a_host_may_move_to_another_table) {
  auto row = stage.host("10.0.0.11");
  row.table = 3;
  stage.tell(row);
  CHECK_EQUAL(4U, mirror.table(1)->hosts.size());
  CHECK_EQUAL(2U, mirror.table(3)->hosts.size());
}

TEST(Mirror, a_table_that_is_told_after_its_service_knows_it) {
  ctl::TableRow late;
  late.id = 77;
  late.name = "late";
  auto row = stage.rows.services[3];
  row.table = late.id;
  stage.tell(ctl::Rows{.services = {row}});
  stage.tell(ctl::Rows{.tables = {late}});
  CHECK_EQUAL(row.id, mirror.table(77)->services.at(0));
}

TEST(Mirror, a_table_knows_the_services_that_use_it_as_a_backup_too) {
  CHECK_EQUAL(3U, mirror.table(5)->services.at(0));
  CHECK_EQUAL(1U, mirror.table(1)->services.at(0));
}

TEST(Mirror, the_age_of_a_word_is_known_once_it_was_seen_to_change) {
  CHECK_EQUAL(0, mirror.service(4)->since_ms);
  auto row = stage.rows.services[3];
  row.word = ctl::ServiceWord::Active;
  stage.now += 5000;
  stage.tell(ctl::Rows{.services = {row}});
  CHECK_EQUAL(stage.now, mirror.service(4)->since_ms);
}

TEST(Mirror, events_are_bounded) {
  for (std::size_t i = 0; i < Mirror::kEventsMax + 10; i++) stage.event(0, ctl::EventKind::Host, "h", "up -> down");
  CHECK_EQUAL(Mirror::kEventsMax, mirror.events().size());
}

TEST(Mirror, a_copy_stays_as_it_was) {
  const auto held = mirror.copy();
  stage.host("10.0.0.12").word = HostWord::Up;
  stage.tell(stage.host("10.0.0.12"));
  CHECK(held->host(12)->row.word == HostWord::Down);
  for (const auto& [id, table] : held->tables())
    for (const Host* host : table.hosts) POINTERS_EQUAL(held->host(host->row.id), host);
}
