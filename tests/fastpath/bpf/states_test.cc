#include "fastpath/bpf/states.h"

#include <cstring>

#include "kmod/count.h"
#include "kmod/tcp.h"
#include "tests/fastpath/bpf/engine_fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

TEST_GROUP(States) {
  FakeMemory memory;
  FakeMaps maps{memory};
  TimePoint now{std::chrono::seconds(1000)};
  __u32 tick = 0;

  void setup() override {
    tick = tick_at(memory.globals, now);
    memory.rules[1] = {.to = {.addr = {192, 0, 2, 80}, .port = htons(80), .proto = 6, .family = 4}};
    memory.hosts[1] = {.at = {.addr = {10, 0, 0, 1}, .port = htons(8080), .proto = 6, .family = 4}};
    memory.timeout_sets[0].ticks[abi::HCD_TM_TCP_ESTABLISHED] = 1000;
  }
  template <class Bucket>
  auto& put(Bucket & bucket, std::size_t way, std::uint32_t birth) const {
    bucket.way[way].key = 0x0100007fULL << 32 | static_cast<__u64>(htons(4000)) << 16 | 1;
    bucket.way[way].value = abi::hcd_value(tick, 1, abi::HCD_SIDES_UP);
    more_of(bucket, way) = {.birth = birth};
    return bucket.way[way];
  }
  [[nodiscard]] std::vector<State> all() const {
    std::vector<State> out;
    for_each_state(maps.views(), now, [&](const State& state) { out.push_back(state); });
    return out;
  }
};

TEST(States, are_read_with_their_age_their_counts_and_an_id_of_their_own) {
  put(memory.states4[3], 7, tick - 160).counts[1] = abi::hcd_count_of(1500) + abi::hcd_count_of(500);
  auto& six = put(memory.states6[3], 7, tick - 160);
  six.counts[0] = abi::hcd_count_of(60);
  six.addr[0] = 0xb80d0120;
  const auto states = all();
  LONGS_EQUAL(2, states.size());
  LONGS_EQUAL(0, states[0].packets[0]);
  LONGS_EQUAL(2, states[0].packets[1]);
  LONGS_EQUAL(2000, states[0].bytes[1]);
  STRCMP_EQUAL("127.0.0.1", states[0].client.text().c_str());
  LONGS_EQUAL(10, states[0].age.count());
  LONGS_EQUAL(1, states[1].packets[0]);
  LONGS_EQUAL(60, states[1].bytes[0]);
  STRCMP_EQUAL("2001:db8::", states[1].client.text().c_str());
  LONGS_EQUAL(10, states[1].age.count());
  CHECK(states[0].id != states[1].id);
}

TEST(States, have_what_was_taken_out_of_their_counts_added) {
  for (const std::size_t way : {1, 2}) put(memory.states4[5], way, tick).counts[0] = abi::hcd_count_of(40);
  const std::uint64_t id = abi::hcd_state_id(tick, 5, 2, 0);
  memory.large[abi::hcd_large_at(id, 3)] = {.id = id, .packets = {1ULL << 33, 5}, .bytes = {1ULL << 44, 6}};
  const auto states = all();
  LONGS_EQUAL(2, states.size());
  LONGS_EQUAL(1, states[0].packets[0]);
  CHECK(states[1].packets[0] == (1ULL << 33) + 1);
  CHECK(states[1].bytes[0] == (1ULL << 44) + 40);
  LONGS_EQUAL(5, states[1].packets[1]);
  LONGS_EQUAL(6, states[1].bytes[1]);
}

TEST(States, that_are_cut_stay_and_say_so_until_they_expire) {
  put(memory.states4[1], 0, tick);
  auto& over = put(memory.states4[1], 1, tick);
  over.value = abi::hcd_value(tick, 1, abi::HCD_TIME_WAIT << 4 | abi::HCD_TIME_WAIT);
  memory.timeout_sets[0].ticks[abi::HCD_TM_TCP_CLOSED] = 1000;
  const auto every = [](const State&) { return true; };
  LONGS_EQUAL(0, cut_states(maps.views(), now, [](const State&) { return false; }));
  LONGS_EQUAL(1, cut_states(maps.views(), now, every));
  LONGS_EQUAL(abi::HCD_SIDES_CUT, abi::hcd_value_sides(memory.states4[1].way[0].value));
  LONGS_EQUAL(1, abi::hcd_value_host(memory.states4[1].way[0].value));
  LONGS_EQUAL(abi::HCD_TIME_WAIT, over.value & 15);
  LONGS_EQUAL(0, cut_states(maps.views(), now, every));
}

TEST(States, of_udp_end_when_they_are_cut) {
  memory.rules[1].to.proto = abi::HCD_PROTO_UDP;
  memory.timeout_sets[0].ticks[abi::HCD_TM_UDP_MULTIPLE] = 1000;
  put(memory.states4[1], 0, tick).value = abi::hcd_value(tick, 1, abi::HCD_SIDES_UP_UDP);
  memory.cursors[1].states = memory.loads[1].states = 1;
  LONGS_EQUAL(1, cut_states(maps.views(), now, [](const State&) { return true; }));
  LONGS_EQUAL(0, memory.states4[1].way[0].key);
}

TEST(States, that_are_killed_are_gone_and_counted) {
  put(memory.states4[1], 0, tick);
  put(memory.states4[1], 1, tick - 16);
  memory.cursors[1].states = memory.loads[1].states = 2;
  LONGS_EQUAL(1, kill_states(maps.views(), now, [](const State& state) { return state.age.count() != 0; }));
  LONGS_EQUAL(1, all().size());
  LONGS_EQUAL(0, memory.states4[1].way[1].key);
  LONGS_EQUAL(1, memory.cursors[1].states);
  LONGS_EQUAL(1, memory.loads[1].states);
  LONGS_EQUAL(1, memory.pulse.user_killed);
}
