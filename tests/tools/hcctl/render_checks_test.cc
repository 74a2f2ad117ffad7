#include "tools/hcctl/render_checks.h"

#include <cstdlib>
#include <ctime>

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcctl;
using ipc::HostState;
using ipc::Reason;

TEST_GROUP(RenderChecks){void setup() override{setenv("TZ", "UTC", 1);
tzset();
}
}
;

TEST(RenderChecks, a_host_has_its_last_checks_and_changes_with_their_times) {
  const ctl::Evidence evidence{.tables = {},
                               .hosts = {{.name = "webhosts/10.1.1.100",
                                          .checks = {{.wall_ms = 50429300,
                                                      .latency_us = 310,
                                                      .code = 200,
                                                      .reason = Reason::HttpCodeOk,
                                                      .state = HostState::Up},
                                                     {.wall_ms = 50439300,
                                                      .latency_us = 200000,
                                                      .reason = Reason::TcpReadTimeout,
                                                      .state = HostState::Down}},
                                          .changes = {{.wall_ms = 50439300,
                                                       .from = HostState::Up,
                                                       .to = HostState::Down,
                                                       .reason = Reason::HttpCodeMismatch,
                                                       .code = 503}}}}};
  STRCMP_EQUAL(
      "host webhosts/10.1.1.100: last checks\n"
      "  1970-01-01 14:00:29.3       0.31 ms  up       http code ok (200)\n"
      "  1970-01-01 14:00:39.3     200.00 ms  down     tcp read timeout\n"
      "host webhosts/10.1.1.100: last changes\n"
      "  1970-01-01 14:00:39.3 up -> down, http code mismatch (503)\n",
      checks(evidence, 0).c_str());
}

TEST(RenderChecks, a_host_has_the_end_of_its_certificate) {
  STRCMP_EQUAL(
      "host t/10.1.1.100: no check yet\n"
      "host t/10.1.1.100: certificate expires 2027-01-31 (in 62 days)\n",
      checks({.tables = {}, .hosts = {{.name = "t/10.1.1.100", .certificate = 30'023'999}}}, 1796083140LL * 1000)
          .c_str());
}

TEST(RenderChecks, a_table_has_a_histogram) {
  const ctl::Evidence evidence{
      .tables = {{.name = "webhosts",
                  .count = 90,
                  .p50_us = 320,
                  .p99_us = 1024,
                  .buckets = {{.below_us = 320, .count = 80}, {.below_us = 1024, .count = 10}}}},
      .hosts = {}};
  STRCMP_EQUAL(
      "table webhosts: 90 checks passed in the last ten minutes, p50 0.32 ms, p99 1.02 ms\n"
      "  below       0.32 ms         80  ########################################\n"
      "  below       1.02 ms         10  #####\n",
      checks(evidence, 0).c_str());
}

TEST(RenderChecks, a_name_cannot_disturb_the_terminal) {
  STRCMP_CONTAINS("t/\\x1b[2J", checked_line({.name = "t/\x1b[2J"}).c_str());
  STRCMP_CONTAINS("t/\\x1b[2J", checks({.tables = {}, .hosts = {{.name = "t/\x1b[2J"}}}, 0).c_str());
}
