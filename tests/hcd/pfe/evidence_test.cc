#include "hcd/pfe/evidence.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfe;
using ipc::HostState;
using ipc::Reason;

namespace {

ipc::HostStatus result(HostState state, Duration latency, Reason reason = Reason::TcpConnectOk) {
  ipc::HostStatus out;
  out.state = state;
  out.reason = reason;
  out.latency = latency;
  return out;
}

}  // namespace

TEST_GROUP(Evidence) {
  Evidence evidence;
  ctl::HostChecks told() {
    ctl::HostChecks out;
    evidence.tell(out);
    return out;
  }
};

TEST(Evidence, the_last_results_are_kept_and_the_oldest_is_told_first) {
  for (int i = 0; i < 40; i++) evidence.add(result(HostState::Up, Milliseconds(i)), 1'000'000 + i * 1000);
  const auto checks = told().checks;
  CHECK_EQUAL(Evidence::kChecks, checks.size());
  CHECK_EQUAL(8000U, checks.front().latency_us);
  CHECK_EQUAL(1'008'000, checks.front().wall_ms);
  CHECK_EQUAL(39000U, checks.back().latency_us);
  CHECK_EQUAL(1'039'000, checks.back().wall_ms);
}

TEST(Evidence, changes_of_state_outlive_the_results_between_them) {
  evidence.add(result(HostState::Up, Milliseconds(1)), 5000);
  for (int i = 0; i < 100; i++) evidence.add(result(HostState::Up, Milliseconds(1)), 6000);
  evidence.add(result(HostState::Down, Milliseconds(1), Reason::TcpConnectFailed), 7000);
  const auto changes = told().changes;
  CHECK_EQUAL(2U, changes.size());
  CHECK(changes[0].from == HostState::Unknown && changes[0].to == HostState::Up);
  CHECK(changes[1].from == HostState::Up && changes[1].to == HostState::Down);
  CHECK(changes[1].reason == Reason::TcpConnectFailed);
  CHECK_EQUAL(7000, changes[1].wall_ms);
}

TEST(Evidence, of_many_changes_the_last_are_kept_each_with_the_state_before_it) {
  for (int i = 0; i < 13; i++) evidence.add(result(i % 2 ? HostState::Down : HostState::Up, Milliseconds(1)), i * 1000);
  const auto changes = told().changes;
  CHECK_EQUAL(Evidence::kChanges, changes.size());
  for (std::size_t i = 0; i < changes.size(); i++) {
    CHECK_EQUAL(static_cast<std::int64_t>(5 + i) * 1000, changes[i].wall_ms);
    CHECK(changes[i].from == (i % 2 ? HostState::Down : HostState::Up));
    CHECK(changes[i].to == (i % 2 ? HostState::Up : HostState::Down));
  }
}

TEST(Evidence, each_result_keeps_its_code_reason_and_state) {
  auto first = result(HostState::Down, Milliseconds(1), last_of(Reason{}));
  first.code = UINT16_MAX;
  evidence.add(first, 0);
  evidence.add(result(HostState::Unknown, Milliseconds(1), Reason::None), 0);
  evidence.add(result(HostState::Up, Milliseconds(1)), 0);
  const auto checks = told().checks;
  CHECK(checks[0].state == HostState::Down && checks[1].state == HostState::Unknown &&
        checks[2].state == HostState::Up);
  CHECK(checks[0].reason == last_of(Reason{}) && checks[1].reason == Reason::None);
  CHECK_EQUAL(UINT16_MAX, checks[0].code);
  CHECK_EQUAL(0, checks[1].code);
}

TEST(Evidence, long_latencies_and_intervals_are_told_to_one_part_in_thirty_thousand) {
  constexpr std::int64_t kHours = 5 * 3'600'000;
  evidence.add(result(HostState::Up, std::chrono::microseconds(65'535)), 0);
  evidence.add(result(HostState::Up, std::chrono::microseconds(98'765'432)), kHours);
  const auto checks = told().checks;
  CHECK_EQUAL(65'535U, checks[0].latency_us);
  CHECK(checks[1].latency_us <= 98'765'432 && checks[1].latency_us > 98'765'432 - 98'765'432 / 30'000);
  CHECK_EQUAL(kHours, checks[1].wall_ms);
  CHECK(checks[0].wall_ms >= 0 && checks[0].wall_ms < kHours / 30'000);
}

TEST(Evidence, of_a_latency_without_end_the_longest_is_told) {
  evidence.add(result(HostState::Up, std::chrono::hours(100)), 0);
  CHECK_EQUAL(std::uint32_t{0xffff} << 15, told().checks[0].latency_us);
}

TEST(Evidence, a_clock_that_is_set_back_does_no_harm) {
  evidence.add(result(HostState::Up, Milliseconds(1)), 5000);
  evidence.add(result(HostState::Up, Milliseconds(1)), 1000);
  CHECK_EQUAL(1000, told().checks.front().wall_ms);
  CHECK_EQUAL(1000, told().checks.back().wall_ms);
}

TEST(Evidence, it_is_small) {
  CHECK(sizeof(Evidence) <= 320);
}

TEST_GROUP(Latencies) {
  Latencies latencies;
  ctl::TableLatency told(std::int64_t now) {
    ctl::TableLatency out;
    latencies.tell(out, now);
    return out;
  }
};

TEST(Latencies, percentiles_are_at_most_an_eighth_above_the_truth) {
  for (int us = 1; us <= 10000; us++) latencies.add(result(HostState::Up, std::chrono::microseconds(us)), 0);
  const auto out = told(1000);
  CHECK_EQUAL(10000U, out.count);
  CHECK(out.p50_us >= 5000 && out.p50_us <= 5000 * 9 / 8 + 1);
  CHECK(out.p99_us >= 9900 && out.p99_us <= 9900 * 9 / 8 + 1);
  std::uint64_t counted = 0;
  std::uint32_t before = 0;
  for (const auto& bucket : out.buckets) {
    CHECK(bucket.below_us > before);
    before = bucket.below_us;
    counted += bucket.count;
  }
  CHECK_EQUAL(10000U, counted);
}

TEST(Latencies, the_longest_latency_has_a_bucket_too) {
  latencies.add(result(HostState::Up, std::chrono::hours(100)), 0);
  CHECK_EQUAL(UINT32_MAX, told(0).p99_us);
}

TEST(Latencies, a_host_that_is_not_up_says_nothing_of_its_table) {
  latencies.add(result(HostState::Down, Milliseconds(200)), 0);
  CHECK_EQUAL(0U, told(0).count);
}

TEST(Latencies, what_is_older_than_two_windows_counts_no_more) {
  latencies.add(result(HostState::Up, Milliseconds(100)), 0);
  latencies.add(result(HostState::Up, Milliseconds(1)), Latencies::kWindowMs + 1);
  CHECK_EQUAL(2U, told(Latencies::kWindowMs + 2).count);
  latencies.add(result(HostState::Up, Milliseconds(1)), 2 * Latencies::kWindowMs + 2);
  CHECK_EQUAL(2U, told(2 * Latencies::kWindowMs + 3).count);
  CHECK(told(2 * Latencies::kWindowMs + 3).p99_us < 2000);
  CHECK_EQUAL(0U, told(10 * Latencies::kWindowMs).count);
}

TEST(Latencies, of_all_that_ever_was_each_bucket_holds_what_took_no_longer) {
  const auto most = ctl::TableDurations::kMostUs;
  for (const std::uint32_t us : {0U, most[0], most[0] + 1, most.back(), most.back() + 1})
    latencies.add(result(HostState::Up, std::chrono::microseconds(us)), 0);
  latencies.add(result(HostState::Down, Milliseconds(200)), 0);
  latencies.add(result(HostState::Up, Milliseconds(0)), 100 * Latencies::kWindowMs);
  const auto& ever = latencies.ever();
  CHECK_EQUAL(3U, ever.counts[0]);
  CHECK_EQUAL(1U, ever.counts[1]);
  CHECK_EQUAL(1U, ever.counts[most.size() - 1]);
  CHECK_EQUAL(1U, ever.counts[most.size()]);
  CHECK_EQUAL(2 * most[0] + 1 + 2 * most.back() + 1, ever.sum_us);
}
