#include "fastpath/bpf/guard.h"

#include "fastpath/bpf/states.h"
#include "tests/fastpath/bpf/fake_maps.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

TEST_GROUP(Guarding) {
  FakeMemory memory;
  FakeMaps maps{memory};
};

TEST(Guarding, a_limit_a_second_is_one_of_ticks) {
  for (const std::uint32_t syns : {1000U, 5000U, 100'000U}) {
    set_guard(maps.views(), {.syns = syns});
    CHECK_EQUAL(syns * 64 / 1000, memory.settings.flood_inserts);
    CHECK_EQUAL(syns, guard_of(maps.views()).syns);
  }
}

TEST(Guarding, a_small_limit_is_one_in_each_tick_and_none_is_none) {
  set_guard(maps.views(), {.syns = 1});
  CHECK_EQUAL(1U, memory.settings.flood_inserts);
  CHECK_EQUAL(16U, guard_of(maps.views()).syns);
  set_guard(maps.views(), {});
  CHECK_EQUAL(0U, memory.settings.flood_inserts);
  CHECK_EQUAL(0U, guard_of(maps.views()).syns);
}

TEST(Guarding, what_is_done_when_the_table_is_full_is_kept_as_the_packet_path_reads_it) {
  const std::pair<WhenFull, __u32> all[] = {{WhenFull::Evict, abi::HCD_EVICT_HALF_OPEN},
                                            {WhenFull::Refuse, abi::HCD_REFUSE},
                                            {WhenFull::Hash, abi::HCD_BY_HASH}};
  for (const auto& [when, word] : all) {
    set_guard(maps.views(), {.when_full = when});
    CHECK_EQUAL(word, memory.settings.when_full);
    CHECK(guard_of(maps.views()).when_full == when);
  }
}

TEST(Guarding, a_flood_is_over_some_time_after_its_last_syn) {
  const TimePoint now = TimePoint(Seconds(1000));
  const __u32 tick = tick_at(memory.globals, now);
  CHECK(!pressure_of(maps.views(), now).flood && !pressure_of(maps.views(), now).full);
  memory.pulse.flood_seen = tick;
  CHECK(pressure_of(maps.views(), now).flood);
  CHECK(pressure_of(maps.views(), now + Seconds(9)).flood);
  CHECK(!pressure_of(maps.views(), now + Seconds(12)).flood);
  memory.pulse.full_seen = tick + 1;  // of a tick that has not begun for us
  CHECK(pressure_of(maps.views(), now).full && !pressure_of(maps.views(), now).by_hash);
}
