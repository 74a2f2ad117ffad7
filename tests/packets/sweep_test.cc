#include <array>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>

#include <arpa/inet.h>
#include <bpf/bpf.h>

#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

TEST_GROUP(Sweep){};

namespace {

constexpr std::uint32_t kBuckets = 64;

// The sweeper runs on the kernel's timer: what it shall have done is waited for.
template <class Done>
bool waited_for(const Done& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return done();
}
std::uint32_t turns(const Site& site) {
  return std::atomic_ref(site.stage.pulse[0].turns).load();
}
void let_sweep(const Site& site) {
  const std::uint32_t before = turns(site);
  CHECK(waited_for([&] { return turns(site) - before >= 2; }));  // one was under way
}

// A stage of its own, which is gone with its timer.
struct Swept {
  hcd::Result<std::unique_ptr<Stage>> opened = Stage::open({.buckets = kBuckets, .sweep_buckets = 16});
  Swept() { CHECK(opened.has_value()); }
};

}  // namespace

ONE_PACKET_TEST(Sweep, frees_what_is_expired_and_nothing_else) {
  const Swept own;
  const Site swept(**own.opened, Hook::Xdp);
  swept.establish(kClient, kVip, kServer1);
  swept.establish(kClient6, kVip6, kServer61);
  CHECK(swept.stage.start_sweep());
  let_sweep(swept);
  LONGS_EQUAL(2, swept.stage.live());
  LONGS_EQUAL(0, swept.stage.reason(HCD_EXPIRED));
  Site::age(swept.state()->value, 86400 + 60);
  CHECK(waited_for([&] { return swept.state() == nullptr; }));
  LONGS_EQUAL(1, swept.stage.reason(HCD_EXPIRED));
  LONGS_EQUAL(1, swept.stage.live());
  LONGS_EQUAL(0, swept.stage.cursors[swept.rule].states);
  LONGS_EQUAL(0, swept.stage.loads[swept.server[0]].states);
  LONGS_EQUAL(1, swept.stage.cursors[swept.rule6].states);
  Site::age(swept.state6()->value, 86400 + 60);
  CHECK(waited_for([&] { return swept.state6() == nullptr; }));
  LONGS_EQUAL(0, swept.stage.live());
}
ONE_PACKET_TEST(Sweep, may_be_started_again_as_new_programs_do) {
  const Swept own;
  const Site swept(**own.opened, Hook::Xdp);
  CHECK(swept.stage.start_sweep());
  CHECK(swept.stage.start_sweep());
  let_sweep(swept);
}
// pf: adaptive.start and adaptive.end.
ONE_PACKET_TEST(Sweep, shrinks_timeouts_as_the_tables_fill_and_lets_them_grow_again) {
  const Swept own;
  const Site swept(**own.opened, Hook::Xdp);
  for (std::uint16_t i = 0; i < 6; i++)
    swept.establish({kClient.address, static_cast<std::uint16_t>(3000 + i)}, kVip,
                    std::array{kServer1, kServer2, kServer3}[i % 3]);
  swept.stage.settings[0].adaptive_start = 4;
  swept.stage.settings[0].adaptive_end = 8;
  CHECK(swept.stage.start_sweep());
  const auto factor = [&] { return std::atomic_ref(swept.stage.pulse[0].factor).load(); };
  CHECK(waited_for([&] { return factor() == HCD_FACTOR_ONE / 2; }));
  for (auto& bucket : swept.stage.states4)
    for (auto& way : bucket.way)
      if (way.key != 0 && (way.key >> 16 & 0xffff) == htons(3000)) Site::age(way.value, 86400 * 3 / 4);
  CHECK(waited_for([&] { return swept.stage.live() == 5; }));
  CHECK(waited_for([&] { return factor() == HCD_FACTOR_ONE * 3 / 4; }));
  swept.stage.settings[0].adaptive_start = 0;
  CHECK(waited_for([&] { return factor() == HCD_FACTOR_ONE; }));
}
// The bits of a home bucket from whose first line states have been moved on, in both halves.
ONE_PACKET_TEST(Sweep, clears_the_spill_bits_of_states_that_are_gone_and_keeps_the_others) {
  const Swept own;
  const Site swept(**own.opened, Hook::Xdp);
  const auto spilled = [&] {
    std::set<std::pair<std::uint32_t, std::uint32_t>> out;  // home, rank
    for (std::uint32_t home = 0; home < kBuckets; home++) {
      const std::uint64_t word = std::atomic_ref(*hcd_spill_at(&swept.stage.spills4[0], home)).load();
      for (std::uint32_t rank = 0; rank < HCD_RANKS; rank++)
        if (hcd_spill_ranks(word, home) >> rank & 1) out.emplace(home, rank);
    }
    return out;
  };
  constexpr std::uint16_t kFlows = 360;  // of 512 places
  for (std::uint16_t i = 0; i < kFlows; i++)
    (void)swept.run({.src = {kClient.address, static_cast<std::uint16_t>(3000 + i)}, .dst = kVip});
  const auto before = spilled();
  CHECK(before.size() > 2);
  LONGS_EQUAL(0, swept.stage.reason(HCD_EVICTED));
  CHECK(swept.stage.start_sweep());
  let_sweep(swept), let_sweep(swept);
  CHECK(spilled() == before);
  for (std::uint16_t i = 0; i < kFlows; i++)
    swept.forwards({.src = {kClient.address, static_cast<std::uint16_t>(3000 + i)}, .dst = kVip},
                   std::array{kServer1, kServer2, kServer3}[i % 3]);
  LONGS_EQUAL(kFlows, swept.stage.live());
  for (auto& bucket : swept.stage.states4)
    for (auto& way : bucket.way) Site::age(way.value, 86400 + 60);
  CHECK(waited_for([&] { return spilled().empty(); }));
}
// As a tool leaves it that is killed in the midst of ending a state.
ONE_PACKET_TEST(Sweep, frees_an_entry_that_stays_busy) {
  const Swept own;
  const Site swept(**own.opened, Hook::Xdp);
  swept.establish(kClient, kVip, kServer1);
  swept.establish(kClient6, kVip6, kServer61);
  swept.state()->key |= HCD_RULE_BUSY;
  swept.state6()->key |= HCD_RULE_BUSY;
  swept.state6()->value = 0;
  CHECK(swept.stage.start_sweep());
  CHECK(waited_for([&] { return swept.state() == nullptr && swept.state6() == nullptr; }));
  LONGS_EQUAL(0, swept.stage.loads[swept.server[0]].states);
  LONGS_EQUAL(1, swept.stage.live());  // the other's death had not been counted, nor is its host known any more
  swept.establish(kClient, kVip, kServer2);
  swept.establish(kClient6, kVip6, kServer62);
}
// hcd_loosen takes an entry for left behind that is busy in two turns: a flush, which has the timer fire far more often,
// must not make them short. 129 steps are a turn, 16 a slice, one slice a millisecond.
ONE_PACKET_TEST(Sweep, goes_no_faster_while_clients_are_flushed) {
  const Swept own;
  const Site swept(**own.opened, Hook::Xdp);
  const auto began = std::chrono::steady_clock::now();
  CHECK(swept.stage.start_sweep());
  const std::array<std::uint8_t, 24> client{};  // of no state
  const std::uint32_t last_walk = UINT32_MAX;   // so there is always one more to make
  bpf_map_update_elem(swept.stage.map("hcd_flushes"), client.data(), &last_walk, BPF_ANY);
  swept.stage.pulse[0].flush_wanted = 1;
  CHECK(waited_for([&] { return std::atomic_ref(swept.stage.pulse[0].flush_walks).load() >= 500; }));
  const std::uint32_t slices = turns(swept) * 129 / 16;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  CHECK(slices <= took.count() + 1);
}
