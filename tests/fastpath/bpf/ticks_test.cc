#include "fastpath/bpf/ticks.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::fastpath;

TEST_GROUP(Ticks){// Two readings, eight jiffies apart, of a kernel with so many jiffies a second, up for 1000 s.
                  static Ticks of(std::uint64_t hz, std::uint64_t jitter_ns = 0){
                      const std::uint64_t start = 4294667296;  // what Linux starts counting from
const std::uint64_t up = 1000'000'000'000, jiffy = 1'000'000'000 / hz;
const Moment early{start + up / jiffy, up}, late{start + up / jiffy + 8, up + 8 * jiffy + jitter_ns};
return calibrate(early, late);
}
}
;

TEST(Ticks, are_about_64_milliseconds_long) {
  LONGS_EQUAL(64'000'000, of(1000).length_ns);
  LONGS_EQUAL(64'000'000, of(250).length_ns);
  LONGS_EQUAL(53'333'333, of(300).length_ns);
  LONGS_EQUAL(80'000'000, of(100).length_ns);
}

TEST(Ticks, take_the_nearest_length_that_kernels_have) {
  LONGS_EQUAL(64'000'000, of(250, 900'000).length_ns);
}

TEST(Ticks, are_counted_alike_by_both_clocks) {
  for (const std::uint64_t hz : {100, 250, 1000}) {
    const Ticks ticks = of(hz);
    const std::uint64_t jiffies = 4294667296 + 2000 * hz, ns = 2000'000'000'000;
    LONGS_EQUAL(jiffies >> ticks.shift, (ns - ticks.zero_ns) / ticks.length_ns);
  }
}
