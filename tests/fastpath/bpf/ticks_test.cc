#include "fastpath/bpf/ticks.h"

#include <vector>

#include <CppUTest/TestHarness.h>

using namespace hcd::fastpath;

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

// What Linux counts from, and the count after so much time.
std::uint64_t jiffies_at(std::uint64_t hz, std::uint64_t ns) {
  return (1ULL << 32) - 300 * hz + ns / (kSecond / hz);
}

// A quarter of a second of readings, each millisecond, 1000 s after the start; some of them lag.
std::vector<Moment> readings(std::uint64_t hz, std::uint64_t lag_ns = 0) {
  std::vector<Moment> out;
  for (std::uint64_t i = 0; i < 250; i++) {
    const std::uint64_t ns = 1000 * kSecond + i * 1'000'000 + i * 7919 % 1000;
    const bool lags = i * 31 % 7 != 0;
    out.push_back({jiffies_at(hz, lags ? ns - lag_ns * (i % 5) / 4 : ns), ns});
  }
  return out;
}

}  // namespace

TEST_GROUP(Ticks){};

TEST(Ticks, are_about_64_milliseconds_long) {
  LONGS_EQUAL(64'000'000, calibrate(readings(1000)).length_ns);
  LONGS_EQUAL(64'000'000, calibrate(readings(250)).length_ns);
  LONGS_EQUAL(53'333'328, calibrate(readings(300)).length_ns);
  LONGS_EQUAL(80'000'000, calibrate(readings(100)).length_ns);
}

TEST(Ticks, are_measured_right_on_a_busy_machine) {
  for (const std::uint64_t lag : {5'000'000, 30'000'000, 60'000'000}) {
    LONGS_EQUAL(64'000'000, calibrate(readings(250, lag)).length_ns);
  }
}

TEST(Ticks, are_counted_alike_by_both_clocks_for_weeks) {
  for (const std::uint64_t hz : {100, 250, 1000}) {
    const Ticks ticks = calibrate(readings(hz, 10'000'000));
    const std::uint64_t later = 2'000'000 * kSecond + ticks.length_ns / 2;
    LONGS_EQUAL(jiffies_at(hz, later) >> ticks.shift, (later - ticks.zero_ns) / ticks.length_ns);
  }
}
