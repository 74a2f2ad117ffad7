#include "hcd/metrics/exporter.h"

#include "hcd/ctl/open_metrics.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::metrics;

TEST_GROUP(MetricsExporter) {
  struct : Clock {
    TimePoint at{};
    [[nodiscard]] TimePoint now() const override { return at; }
    [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return {}; }
  } clock;
  int looks = 0;
  bool there = true;
  Exporter exporter{[this]() -> Result<ctl::Snapshot> {
                      looks++;
                      if (!there) return fail(Code::NotFound, "no daemon listens there");
                      return ctl::Snapshot{.services = {{.name = "www"}}};
                    },
                    clock};
};

TEST(MetricsExporter, many_who_ask_cost_the_daemon_one_look_a_second) {
  for (int i = 0; i < 5; i++) CHECK_EQUAL(200, exporter.answer("/metrics", "").status);
  CHECK_EQUAL(1, looks);
  clock.at += Seconds(1);
  CHECK_EQUAL(200, exporter.answer("/metrics?level=table", "").status);
  CHECK_EQUAL(2, looks);
}

TEST(MetricsExporter, the_format_is_the_one_that_is_asked_for) {
  const Page older = exporter.answer("/metrics", "text/html,*/*");
  STRCMP_EQUAL("text/plain; version=0.0.4; charset=utf-8", older.type.c_str());
  CHECK(!older.body.contains("# EOF"));
  const Page newer = exporter.answer("/metrics", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
  STRCMP_EQUAL("application/openmetrics-text; version=1.0.0; charset=utf-8", newer.type.c_str());
  CHECK(newer.body.ends_with("# EOF\n"));
}

TEST(MetricsExporter, a_daemon_that_is_not_there_is_a_metric) {
  there = false;
  const Page page = exporter.answer("/metrics", "");
  CHECK_EQUAL(200, page.status);
  STRCMP_EQUAL("# HELP hcd_up Whether the daemon answers.\n# TYPE hcd_up gauge\nhcd_up 0\n", page.body.c_str());
  there = true;
  clock.at += Seconds(1);
  STRCMP_CONTAINS("\nhcd_up 1\n", exporter.answer("/metrics", "").body.c_str());
}

TEST(MetricsExporter, what_is_not_there_is_not_looked_for) {
  CHECK_EQUAL(200, exporter.answer("/", "").status);
  CHECK_EQUAL(404, exporter.answer("/etc/passwd", "").status);
  CHECK_EQUAL(404, exporter.answer("", "").status);
  CHECK_EQUAL(400, exporter.answer("/metrics?level=all", "").status);
  CHECK_EQUAL(0, looks);
}
