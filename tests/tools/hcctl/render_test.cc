#include "tools/hcctl/render.h"

#include <cstdlib>
#include <ctime>

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcctl;
using ctl::HostWord;
using ctl::ServiceWord;
using ctl::TableWord;

// The samples of the talk, as hoststatectl prints them.
TEST_GROUP(Render) {
  ctl::Snapshot snapshot{
      .header = {},
      .services = {{.id = 0, .name = "www", .word = ServiceWord::Active, .table = 0}},
      .tables = {{.id = 0, .name = "webhosts", .word = TableWord::Active, .up = 2, .hosts = 2}},
      .hosts = {{.id = 0, .table = 0, .name = "10.1.100.1", .word = HostWord::Up, .up = 7, .total = 7},
                {.id = 1, .table = 0, .name = "10.1.100.2", .word = HostWord::Up, .up = 9, .total = 9}}};

  void general_failure() {
    snapshot.services[0].word = ServiceWord::Backup;
    snapshot.services[0].backups = {2};
    snapshot.tables[0].word = TableWord::Empty;
    snapshot.tables.push_back({.id = 2, .name = "sorry_server:80", .word = TableWord::Active, .up = 1, .hosts = 1});
    for (auto& host : snapshot.hosts) {
      host.word = HostWord::Down;
      host.up = 0;
      host.reason = ipc::Reason::TcpConnectFailed;
      host.detail = "ECONNREFUSED";
    }
    snapshot.hosts.push_back({.id = 3, .table = 2, .name = "127.0.0.1", .word = HostWord::Up, .up = 4, .total = 4});
  }
};

TEST(Render, the_summary_of_the_talk) {
  STRCMP_EQUAL(
      "Type\t  Id\tName                    \tAvlblty\tStatus\n"
      "service\t   0\twww                     \t       \tactive\n"
      "table\t   0\twebhosts                \t       \tactive (2 hosts up)\n"
      "host\t   1\t10.1.100.2              \t100.00%\tup\n"
      "host\t   0\t10.1.100.1              \t100.00%\tup\n",
      summary(snapshot, Columns::TypeFirst).c_str());
}

TEST(Render, the_summary_of_a_general_failure) {
  general_failure();
  STRCMP_EQUAL(
      "Type\t  Id\tName                    \tAvlblty\tStatus\n"
      "service\t   0\twww                     \t       \tactive (using backup table)\n"
      "table\t   0\twebhosts                \t       \tempty\n"
      "host\t   1\t10.1.100.2              \t0.00%  \tdown\n"
      "host\t   0\t10.1.100.1              \t0.00%  \tdown\n"
      "table\t   2\tsorry_server:80         \t       \tactive (1 hosts up)\n"
      "host\t   3\t127.0.0.1               \t100.00%\tup\n",
      summary(snapshot, Columns::TypeFirst).c_str());
}

TEST(Render, hosts_of_a_disabled_table_are_not_listed) {
  general_failure();
  snapshot.tables[0].word = TableWord::Disabled;
  const std::string text = summary(snapshot, Columns::TypeFirst);
  STRCMP_CONTAINS("table\t   0\twebhosts                \t       \tdisabled\ntable\t   2", text.c_str());
}

TEST(Render, relayctl_has_the_id_first_and_calls_a_service_redirect) {
  STRCMP_EQUAL(
      "Id  \tType    \tName                    \tAvlblty\tStatus\n"
      "0   \tredirect\twww                     \t       \tactive\n"
      "0   \ttable   \twebhosts                \t       \tactive (2 hosts up)\n"
      "1   \thost    \t10.1.100.2              \t100.00%\tup\n"
      "0   \thost    \t10.1.100.1              \t100.00%\tup\n",
      summary(snapshot, Columns::IdFirst).c_str());
}

TEST(Render, hosts_show_their_checks_and_why_they_are_down) {
  general_failure();
  snapshot.hosts[1].retries = 2;
  snapshot.hosts[1].total = 0;
  STRCMP_EQUAL(
      "Type\t  Id\tName                    \tAvlblty\tStatus\n"
      "table\t   0\twebhosts                \t       \tempty\n"
      "host\t   1\t10.1.100.2              \t       \tdown\n"
      "\t    \ttotal: 0/0 checks, 2 retries\n"
      "\t    \terror: tcp connect failed (ECONNREFUSED)\n"
      "host\t   0\t10.1.100.1              \t0.00%  \tdown\n"
      "\t    \ttotal: 0/7 checks\n"
      "\t    \terror: tcp connect failed (ECONNREFUSED)\n"
      "table\t   2\tsorry_server:80         \t       \tactive (1 hosts up)\n"
      "host\t   3\t127.0.0.1               \t100.00%\tup\n"
      "\t    \ttotal: 4/4 checks\n",
      hosts(snapshot, Columns::TypeFirst, 0).c_str());
}

TEST(Render, a_host_that_could_not_be_checked_says_why_it_is_unknown) {
  snapshot.hosts[0].word = HostWord::Unknown;
  snapshot.hosts[0].reason = ipc::Reason::NoResources;
  snapshot.hosts[0].detail = "EMFILE";
  STRCMP_CONTAINS("unknown\n\t    \ttotal: 7/7 checks\n\t    \terror: no resources (EMFILE)\n",
                  hosts(snapshot, Columns::TypeFirst, 0).c_str());
}

TEST(Render, hosts_show_when_their_certificates_end) {
  snapshot.hosts[0].certificate = 30'023'999;  // 2027-01-31 23:59
  snapshot.hosts[1].certificate = 29'900'000;
  snapshot.hosts[1].expiring = true;
  STRCMP_EQUAL(
      "Type\t  Id\tName                    \tAvlblty\tStatus\n"
      "table\t   0\twebhosts                \t       \tactive (2 hosts up)\n"
      "host\t   1\t10.1.100.2              \t100.00%\tup\n"
      "\t    \ttotal: 9/9 checks\n"
      "\t    \twarning: certificate expired 2026-11-06 (24 days ago)\n"
      "host\t   0\t10.1.100.1              \t100.00%\tup\n"
      "\t    \ttotal: 7/7 checks\n"
      "\t    \tcertificate expires 2027-01-31 (in 62 days)\n",
      hosts(snapshot, Columns::TypeFirst, 1796083140LL * 1000).c_str());
}

TEST(Render, a_host_by_name_shows_its_address_and_what_there_is_to_say_of_its_name) {
  snapshot.hosts[0].name = "web.example.org";
  STRCMP_CONTAINS("\n\t    \taddress: none\n\t    \ttotal: ", hosts(snapshot, Columns::TypeFirst, 0).c_str());
  snapshot.hosts[0].address = *Address::parse("10.1.1.100");
  snapshot.hosts[0].lookup = "timeout, the last\nanswer is kept";
  STRCMP_CONTAINS("\taddress: 10.1.1.100\n\t    \tname: timeout, the last\\x0aanswer is kept\n\t    \ttotal: ",
                  hosts(snapshot, Columns::TypeFirst, 0).c_str());
}

TEST(Render, services_show_their_sessions_and_what_the_engine_refuses) {
  snapshot.services[0].sessions = {.total = 1234,
                                   .last_minute = 6,
                                   .last_hour = 60,
                                   .last_day = 600,
                                   .mean_minute = 5,
                                   .mean_hour = 50,
                                   .mean_day = 500};
  snapshot.services[0].error = "no space\nleft";
  STRCMP_EQUAL(
      "Type\t  Id\tName                    \tAvlblty\tStatus\n"
      "service\t   0\twww                     \t       \tactive\n"
      "\t    \terror: no space\\x0aleft\n"
      "\t    \ttotal: 1234 sessions\n"
      "\t    \tlast: 6/60s 60/h 600/d sessions\n"
      "\t    \taverage: 5/60s 50/h 500/d sessions\n",
      services(snapshot, Columns::TypeFirst).c_str());
}

TEST(Render, tables_stand_alone) {
  STRCMP_EQUAL(
      "Type\t  Id\tName                    \tAvlblty\tStatus\n"
      "table\t   0\twebhosts                \t       \tactive (2 hosts up)\n",
      tables(snapshot, Columns::TypeFirst).c_str());
}

TEST(Render, a_name_cannot_disturb_the_terminal) {
  snapshot.services[0].name = "w\x1b[2Jw";
  STRCMP_CONTAINS("w\\x1b[2Jw", summary(snapshot, Columns::TypeFirst).c_str());
}

TEST(Render, an_event_is_one_line_with_the_local_time) {
  setenv("TZ", "UTC", 1);
  tzset();
  const std::string line = event_line({.wall_ms = 50429000,
                                       .kind = ctl::EventKind::Host,
                                       .subject = "webhosts/10.1.1.100",
                                       .text = "up -> down, http code mismatch (503)"});
  STRCMP_EQUAL("14:00:29 host    webhosts/10.1.1.100 up -> down, http code mismatch (503)", line.c_str());
}
