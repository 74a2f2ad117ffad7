#include "tools/hcctl/check.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcctl;
using ctl::HostWord;
using ctl::Kind;
using ctl::ServiceWord;
using ctl::TableWord;

TEST_GROUP(HcctlCheck) {
  ctl::Snapshot snapshot{
      .services = {{.id = 0, .name = "www", .word = ServiceWord::Active, .table = 0, .sessions = {.total = 12}}},
      .tables = {{.id = 0, .name = "web", .word = TableWord::Active, .up = 2, .hosts = 2},
                 {.id = 1, .name = "spare", .word = TableWord::Active, .up = 1, .hosts = 2}},
      .hosts = {{.id = 0,
                 .table = 0,
                 .name = "10.0.0.1",
                 .word = HostWord::Up,
                 .reason = ipc::Reason::TcpConnectOk,
                 .latency = std::chrono::microseconds(310),
                 .up = 9,
                 .total = 10},
                {.id = 1, .table = 1, .name = "10.0.0.1", .word = HostWord::Up}}};

  std::string line(const std::string& name, std::optional<Kind> kind = {}) const {
    return health_line(find_health(snapshot, kind, name));
  }
  Health health(const std::string& name, std::optional<Kind> kind = {}) const {
    return find_health(snapshot, kind, name).health;
  }
};

TEST(HcctlCheck, a_line_says_how_it_is_and_has_figures_behind_a_bar) {
  STRCMP_EQUAL("OK - service www is active, 2 of 2 hosts of web up | up=2;;;0;2 sessions=12c\n", line("www").c_str());
  STRCMP_EQUAL("OK - table web has 2 of 2 hosts up | up=2;;;0;2\n", line("web").c_str());
  STRCMP_EQUAL("OK - host web/10.0.0.1 is up: tcp connect ok | time=310us;;;0 availability=90.00%;;;0;100\n",
               line("web/10.0.0.1").c_str());
}

TEST(HcctlCheck, what_is_not_as_it_should_be_is_a_warning_and_what_serves_nobody_is_critical) {
  CHECK(health("spare") == Health::Warning);
  auto& service = snapshot.services[0];
  service.in_use = 1;
  CHECK(health("www") == Health::Warning);
  service.word = ServiceWord::Backup;
  CHECK(health("www") == Health::Warning);
  service.word = ServiceWord::Down;
  CHECK(health("www") == Health::Critical);
  snapshot.tables[0].word = TableWord::Empty;
  CHECK(health("web") == Health::Critical);
  snapshot.hosts[0].word = HostWord::Down;
  CHECK(health("web/10.0.0.1") == Health::Critical);
}

TEST(HcctlCheck, a_service_that_the_engine_refuses_is_critical_though_it_is_active) {
  snapshot.services[0].error = "no space | left";
  STRCMP_EQUAL(
      "CRITICAL - service www is active, 2 of 2 hosts of web up, the engine refuses: no space / left | "
      "up=2;;;0;2 sessions=12c\n",
      line("www").c_str());
}

TEST(HcctlCheck, what_an_operator_has_taken_out_is_a_warning) {
  snapshot.services[0].word = ServiceWord::Disabled;
  snapshot.tables[0].word = TableWord::Disabled;
  snapshot.hosts[0].drained = true;
  CHECK(health("www") == Health::Warning);
  CHECK(health("web") == Health::Warning);
  CHECK(health("web/10.0.0.1") == Health::Warning);
  snapshot.hosts[0].word = HostWord::Disabled;
  CHECK(health("web/10.0.0.1") == Health::Warning);
}

TEST(HcctlCheck, what_is_not_there_not_one_or_not_checked_yet_is_unknown) {
  STRCMP_EQUAL("UNKNOWN - no service, table or host \"x\\x1b\"\n", line("x\x1b").c_str());
  STRCMP_EQUAL("UNKNOWN - \"10.0.0.1\" is ambiguous: host web/10.0.0.1, host spare/10.0.0.1\n",
               line("10.0.0.1").c_str());
  snapshot.hosts[0].word = HostWord::Unknown;
  CHECK(health("web/10.0.0.1") == Health::Unknown);
}

TEST(HcctlCheck, a_kind_tells_apart_and_lets_an_id_be_given) {
  snapshot.services[0].name = "web";
  CHECK(health("web") == Health::Unknown);
  CHECK(health("web", Kind::Service) == Health::Ok);
  CHECK(health("1", Kind::Table) == Health::Warning);
  CHECK(health("1") == Health::Unknown);
  STRCMP_EQUAL("UNKNOWN - no table \"7\"\n", line("7", Kind::Table).c_str());
}
