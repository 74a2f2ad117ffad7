// The forms for scripts, of one snapshot that has something of everything. HCD_UPDATE=1 in the environment rewrites what is
// expected; read the difference before you commit it: fields may come, but none may go or change its meaning.
#include "tools/hcctl/show.h"

#include <fstream>
#include <sstream>

#include "tests/tools/hcctl/conversation.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcctl;

namespace {

ctl::Note by_alice(std::int64_t until_ms = 0) {
  return {
      .by = "alice (uid 1000, pid 4411)", .reason = "kernel \"6.18\"", .since_ms = 1796083140101, .until_ms = until_ms};
}

ctl::Snapshot sample() {
  using ipc::Reason;
  return {.header = {.version = "9",
                     .hostname = "lb1",
                     .pid = 812,
                     .anchor = "hcd",
                     .engine = "bpf (tc)",
                     .started_ms = 1796000000000,
                     .vitals = {.generation = 9918, .config_generation = 42, .config_by = "start", .states = 3100}},
          .services = {{.id = 0,
                        .generation = 9000,
                        .name = "www",
                        .word = ctl::ServiceWord::Backup,
                        .virtuals = {{.address = *Address::parse("192.0.2.10"), .port = 80},
                                     {.address = *Address::parse("2001:db8::10"), .port = 8000, .last_port = 8010},
                                     {.address = *Address::parse("192.0.2.53"), .proto = conf::Proto::Udp}},
                        .table = 0,
                        .backups = {1},
                        .in_use = 1,
                        .sessions = {.total = 1234, .last_minute = 6, .last_hour = 60, .last_day = 600}},
                       {.id = 1,
                        .name = "mail",
                        .word = ctl::ServiceWord::Disabled,
                        .error = "no space",
                        .table = 9,
                        .override = ctl::Override{.enabled = ctl::Wish<bool>{false, true, by_alice()}}}},
          .tables = {{.id = 0,
                      .generation = 9001,
                      .name = "web:80",
                      .word = ctl::TableWord::Empty,
                      .hosts = 2,
                      .port = 80,
                      .interval = Seconds(10),
                      .timeout = Milliseconds(200)},
                     {.id = 1, .name = "sorry", .word = ctl::TableWord::Active, .up = 1, .hosts = 1, .tls = true}},
          .hosts = {{.id = 0,
                     .table = 0,
                     .generation = 9918,
                     .name = "10.0.0.11",
                     .address = *Address::parse("10.0.0.11"),
                     .word = ctl::HostWord::Down,
                     .reason = Reason::TcpConnectFailed,
                     .detail = "ECONN\x1b\xff",
                     .latency = std::chrono::microseconds(310),
                     .up = 2,
                     .total = 3,
                     .retries = 1,
                     .since_ms = 1796083140000,
                     .flaps = 5},
                    {.id = 1,
                     .table = 0,
                     .name = "web.example.org",
                     .lookup = "timeout, the last answer is kept",
                     .word = ctl::HostWord::Unknown,
                     .weight = 3,
                     .drained = true,
                     .override = ctl::Override{.drained = ctl::Wish<bool>{true, false, by_alice(1796086740000)},
                                               .weight = ctl::Wish<std::uint16_t>{3, 1, by_alice()}}},
                    {.id = 2,
                     .table = 1,
                     .name = "127.0.0.1",
                     .address = *Address::parse("127.0.0.1"),
                     .word = ctl::HostWord::Up,
                     .reason = Reason::TcpConnectOk,
                     .up = 7,
                     .total = 7,
                     .certificate = 30'023'999,
                     .expiring = true}},
          .numbers = {.services = {{0, {.sessions = 1234, .states = 12, .packets_in = 7, .bytes_in = 700}}},
                      .tables = {{1, {.sessions = 1234, .states = 12}, 320, 640}},
                      .hosts = {{.id = 2,
                                 .traffic = {.sessions = 1234, .states = 12, .packets_out = 8, .bytes_out = 800},
                                 .availability = {.hour = 10'000, .day = 9'930}}}},
          .events = {{1796083140101, ctl::EventKind::Admin, "host 10.0.0.13 of web:80", "drained by alice", 7},
                     {1796083140201, ctl::EventKind::Host, "web:80/10.0.0.11", "up -> down, tcp connect failed", 8}}};
}

}  // namespace

TEST_GROUP_BASE(HcctlShow, Conversation){const char * show(Verb verb, const Style& style){options.style = style;
daemon_shows(sample());
CHECK_EQUAL(0, carry_out({.verb = verb}));
STRCMP_EQUAL("", error);
return out;
}
void compare(const std::string& name, const std::string& actual) {
  const std::string path = "tests/tools/hcctl/golden/" + name;
  if (std::getenv("HCD_UPDATE") != nullptr) std::ofstream(path) << actual;
  std::ostringstream expected;
  expected << std::ifstream(path).rdbuf();
  STRCMP_EQUAL(expected.str().c_str(), actual.c_str());
}
}
;

TEST(HcctlShow, a_document_holds_every_field_of_every_row) {
  compare("summary.json", show(Verb::ShowSummary, {.format = Format::Document}));
}

TEST(HcctlShow, lines_hold_an_object_each) {
  compare("summary.lines", show(Verb::ShowSummary, {.format = Format::Lines}));
}

TEST(HcctlShow, overrides_are_rows_of_their_own) {
  setenv("TZ", "UTC", 1);
  tzset();
  compare("overrides.text", show(Verb::ShowOverrides, {}));
}

TEST(HcctlShow, a_document_of_overrides_says_what_is_wanted) {
  compare("overrides.json", show(Verb::ShowOverrides, {.format = Format::Document}));
}

TEST(HcctlShow, what_happened_lately_has_its_date) {
  setenv("TZ", "UTC", 1);
  tzset();
  STRCMP_EQUAL(
      "2026-11-30 23:59:00 admin   host 10.0.0.13 of web:80 drained by alice\n"
      "2026-11-30 23:59:00 host    web:80/10.0.0.11 up -> down, tcp connect failed\n",
      show(Verb::ShowEvents, {.header = false}));
  const auto asked = daemon_heard<ctl::Show>();
  CHECK(!asked->scope.rows && asked->scope.events == 100);
}

TEST(HcctlShow, metrics_are_those_that_hcmetrics_serves) {
  STRCMP_CONTAINS("\nhcd_service_connections_total{service=\"www\"} 1234\n", show(Verb::ShowMetrics, {}));
  CHECK(daemon_heard<ctl::Show>()->scope.numbers);
}

TEST(HcctlShow, numbers_are_asked_for_only_where_they_are_shown) {
  (void)show(Verb::ShowHosts, {});
  CHECK(!daemon_heard<ctl::Show>()->scope.numbers);
}

TEST(HcctlShow, versions_have_a_line_each) {
  welcome.version = 5;
  STRCMP_EQUAL("client             hcctl " HCD_VERSION
               "\n"
               "daemon             hcd 9\n"
               "hostname           lb1\n"
               "pid                812\n"
               "protocol           5\n"
               "read_only          no\n"
               "engine             bpf (tc)\n"
               "anchor             hcd\n"
               "started            2026-11-30T00:53:20.000Z\n"
               "config_generation  42\n"
               "config_since       -\n"
               "config_by          start\n"
               "confirm_until      -\n"
               "in_sync            yes\n"
               "fault              -\n"
               "checking           yes\n"
               "states             3100\n"
               "states_limit       -\n"
               "generation         9918\n",
               show(Verb::ShowVersion, {}));
}

TEST(HcctlShow, columns_come_in_the_order_that_was_asked_for) {
  STRCMP_EQUAL(
      "name\ttable\tdetail\tavailability\n"
      "10.0.0.11\tweb:80\tECONN\\x1b\\xff\t66.66\n"
      "web.example.org\tweb:80\t-\t-\n"
      "127.0.0.1\tsorry\t-\t100.0\n",
      show(Verb::ShowHosts, {.fields = {"name", "table", "detail", "availability"}}));
}

TEST(HcctlShow, a_column_that_other_rows_have_is_a_dash) {
  STRCMP_EQUAL(
      "service\twww\t-\t192.0.2.10 tcp port 80,2001:db8::10 tcp port 8000:8010,192.0.2.53 udp port any\n"
      "service\tmail\t-\t-\n"
      "table\tweb:80\tno\t-\n"
      "table\tsorry\tyes\t-\n"
      "host\t10.0.0.11\t-\t-\n"
      "host\tweb.example.org\t-\t-\n"
      "host\t127.0.0.1\t-\t-\n",
      show(Verb::ShowSummary, {.header = false, .fields = {"type", "name", "tls", "virtual"}}));
}

TEST(HcctlShow, columns_choose_the_members_of_a_document_too) {
  STRCMP_EQUAL(
      "{\n  \"schema\": 1,\n  \"generation\": 9918,\n  \"config_generation\": 42,\n  \"tables\": [\n"
      "    {\n      \"name\": \"web:80\",\n      \"up\": 0\n    },\n"
      "    {\n      \"name\": \"sorry\",\n      \"up\": 1\n    }\n  ]\n}\n",
      show(Verb::ShowTables, {.format = Format::Document, .fields = {"name", "up"}}));
}

TEST(HcctlShow, the_text_comes_without_its_header_where_none_is_wanted) {
  STRCMP_EQUAL(
      "table\t   0\tweb:80                  \t       \tempty\n"
      "table\t   1\tsorry                   \t       \tactive (1 hosts up)\n",
      show(Verb::ShowTables, {.header = false}));
}

TEST(HcctlShow, what_there_is_none_of_is_said_or_is_an_empty_list) {
  CHECK_EQUAL(0, carry_out({.verb = Verb::ShowRelays}));
  STRCMP_EQUAL("no relays are configured\n", out);
  options.style.format = Format::Document;
  CHECK_EQUAL(0, carry_out({.verb = Verb::ShowSinks}));
  STRCMP_EQUAL("{\n  \"schema\": 1,\n  \"sinks\": []\n}\n", out);
}

TEST(HcctlShow, checks_as_a_document_end_with_the_outcome) {
  options.style.format = Format::Document;
  daemon_says(ctl::Evidence{
      .tables = {{.id = 3, .name = "t", .count = 2, .p50_us = 320, .p99_us = 640, .buckets = {{640, 2}}}},
      .hosts = {{.id = 4,
                 .name = "t/a",
                 .checks = {{1796083140101, 310, 503, ipc::Reason::HttpCodeMismatch, ipc::HostState::Down}},
                 .changes = {{1796083140101, ipc::HostState::Up, ipc::HostState::Down, ipc::Reason::Aborted, 0}}}}});
  daemon_says(ctl::Answer());
  CHECK_EQUAL(0, carry_out({.verb = Verb::ShowChecks, .targets = {"t"}}));
  compare("checks.json", out);
}

TEST(HcctlShow, checks_of_several_names_end_at_the_first_that_is_not_there) {
  daemon_says(ctl::Answer{ctl::Verdict::NotFound, "no host or table \"a\""});
  CHECK_EQUAL(5, carry_out({.verb = Verb::ShowChecks, .targets = {"a", "b"}}));
  STRCMP_EQUAL("no host or table \"a\"\ncommand failed\n", error);
}

TEST(HcctlShow, a_check_that_was_asked_for_is_a_line_when_it_comes_and_the_outcome_is_the_last) {
  options.style.format = Format::Lines;
  daemon_says(ctl::Checked{.name = "t/a", .row = {.id = 4, .word = ctl::HostWord::Disabled}});
  daemon_says(ctl::Answer{ctl::Verdict::TimedOut, "no result of 1 of the hosts in time"});
  CHECK_EQUAL(6, carry_out({.verb = Verb::CheckNow, .targets = {"t"}}));
  compare("check_now.lines", out);
}

TEST(HcctlShow, an_event_is_a_line) {
  options.style.format = Format::Lines;
  daemon_says(ctl::Begin());
  daemon_says(ctl::End());
  daemon_says(ctl::Event{1796083140101, ctl::EventKind::Host, "t/a", "up -> down, tcp connect failed", 7});
  ends.second.reset();
  CHECK_EQUAL(3, carry_out({.verb = Verb::Monitor}));
  compare("monitor.lines", out);
}

TEST(HcctlShow, every_command_with_columns_knows_the_kind_of_row) {
  for (const auto verb : {Verb::ShowSummary, Verb::ShowHosts, Verb::ShowServices, Verb::ShowTables, Verb::ShowOverrides,
                          Verb::ShowEvents, Verb::ShowVersion, Verb::CheckNow, Verb::Monitor})
    STRCMP_EQUAL("type", std::string(columns_of(verb).back().first).c_str());
  CHECK(columns_of(Verb::Change).empty());
}
