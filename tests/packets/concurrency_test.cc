#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "kmod/tcp.h"
#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

constexpr std::uint16_t kFlows = 128;

Frame opening(std::uint16_t flow) {
  return {.src = {kClient.address, static_cast<std::uint16_t>(1024 + flow)}, .dst = kVip, .flags = kSyn};
}

// Two CPUs get each flow's SYN at once. They may drop it as a race or for want of room, but never send it to two hosts,
// nor store it twice.
void agree(const Site& site) {
  for (int round = 0; round < 8; round++) {
    site.stage.clear_states();
    std::vector<Verdict> verdicts[2] = {std::vector<Verdict>(kFlows), std::vector<Verdict>(kFlows)};
    std::barrier start(2);
    const auto cpu = [&](int number) {
      for (std::uint16_t flow = 0; flow < kFlows; flow++) {
        start.arrive_and_wait();
        verdicts[number][flow] = site.stage.run(site.hook, opening(flow).bytes());
      }
    };
    std::thread other(cpu, 1);
    cpu(0);
    other.join();
    const int sent = site.verdicts().redirect;
    for (std::uint16_t flow = 0; flow < kFlows; flow++)
      if (verdicts[0][flow].action == sent && verdicts[1][flow].action == sent)
        CHECK(verdicts[0][flow].frame == verdicts[1][flow].frame);
    std::map<std::uint64_t, int> entries;
    for (const auto& bucket : site.stage.states4)
      for (const auto& state : bucket.way)
        if (state.key != 0) LONGS_EQUAL(1, ++entries[state.key]);
  }
  CHECK(site.stage.reason(HCD_CREATED) > kFlows);
}

}  // namespace

PACKET_TEST(Concurrency, two_cpus_that_see_one_new_flow_agree_on_its_host) {
  agree(site);
}
// Most find the line taken that is looked at first, many all of their home bucket.
ONE_PACKET_TEST(Concurrency, they_agree_where_the_tables_are_nearly_full) {
  auto opened = Stage::open({.buckets = kFlows / HCD_WAYS});
  CHECK(opened.has_value());
  agree(Site(**opened, Hook::Xdp));
}

// Userland waits for nobody when it takes a host away: whoever stores a state afterwards takes it back (hcd_rule.ring). A
// packet is sent, and the ring switched in the midst of it: a state of the host that left is there at once, or never.
ONE_PACKET_TEST(Concurrency, a_host_that_left_gets_no_new_state_once_the_ring_is_switched) {
  auto opened = Stage::open({.buckets = HCD_RANKS});
  CHECK(opened.has_value());
  Site small(**opened, Hook::Xdp);
  Stage& stage = small.stage;
  stage.rings[40].host[0] = small.server[0];
  stage.rings[41].host[0] = small.server[1];
  const auto named = [&] {  // entries that lead to the host that leaves
    std::set<std::uint64_t> keys;
    for (auto& bucket : stage.states4)
      for (auto& way : bucket.way) {
        const std::uint64_t key = std::atomic_ref(way.key).load();
        const std::uint64_t value = std::atomic_ref(way.value).load();
        if (key != 0 && hcd_value_host(value) == small.server[0]) keys.insert(key >> 16);
      }
    return keys;
  };
  std::atomic<std::uint32_t> sent = 0, done = 0;  // rounds; both sides spin: to be woken takes longer than a packet
  std::thread packets([&] {
    for (std::uint32_t round = 1;; round++) {
      while (sent < round) continue;
      if (sent == UINT32_MAX) return;
      (void)stage.run(Hook::Xdp, opening(static_cast<std::uint16_t>(round % kFlows)).bytes());
      done = round;
    }
  });
  int early = 0, late = 0, wrong = 0;
  std::uint32_t wait = 1000;
  // On a busy machine the two threads rarely run at once, and it takes longer to come close.
  const auto begun = std::chrono::steady_clock::now();
  const auto goes_on = [&] {
    const auto taken = std::chrono::steady_clock::now() - begun;
    return taken < std::chrono::seconds(early > 0 && late > 0 ? 2 : 60);
  };
  for (std::uint32_t round = 1; goes_on(); round++) {
    stage.clear_states();
    stage.set_ring(small.rule, 40ULL << 32 | 1);
    sent = round;
    for (std::uint32_t spin = 0; spin < wait; spin++) std::atomic_signal_fence(std::memory_order_seq_cst);
    std::atomic_ref(stage.rules[small.rule].ring).store(41ULL << 32 | 1);
    const auto then = named();
    while (done < round) continue;
    const auto now = named();
    (now.empty() ? early : late)++;
    wait = now.empty() ? wait + wait / 32 + 1 : wait - wait / 32;  // towards the packet's moment
    if (!std::ranges::includes(then, now)) wrong++;
  }
  sent = UINT32_MAX;
  packets.join();
  CHECK(early > 0 && late > 0);  // the switch fell on both sides of the packet, so it was close
  LONGS_EQUAL(0, wrong);
}
