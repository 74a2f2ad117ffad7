#include <barrier>
#include <map>
#include <thread>

#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

constexpr std::uint16_t kFlows = 128;  // of 256 places in the small table

Frame opening(std::uint16_t flow) {
  return {.src = {kClient.address, static_cast<std::uint16_t>(1024 + flow)}, .dst = kVip, .flags = kSyn};
}

}  // namespace

// Two CPUs get each flow's SYN at once. They may drop it as a race or for want of room, but never send it to two hosts,
// nor store it twice.
PACKET_TEST(Concurrency, two_cpus_that_see_one_new_flow_agree_on_its_host) {
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

// A wish for speed must not outlive a tick: a neighbour that is gone is asked for again.
ONE_PACKET_TEST(Hops, are_remembered_for_a_tick_and_then_asked_for_again) {
  auto opened = Stage::open({.remember_hops = true});
  CHECK(opened.has_value());
  Site fast(**opened, Hook::Xdp);
  fast.establish(kClient, kVip, kServer1);
  const Frame frame{.src = kClient, .dst = kVip, .flags = kAck};
  bool remembered = false;
  for (int attempt = 0; attempt < 50 && !remembered; attempt++) {  // a tick may end between the two packets
    fast.forwards(frame, kServer1);
    CHECK(std::system("ip route add unreachable 10.0.0.1/32") == 0);
    remembered = fast.run(frame).action == fast.verdicts().redirect;
    if (!remembered) CHECK(std::system("ip route del unreachable 10.0.0.1/32") == 0);
  }
  CHECK(remembered);
  fast.stage.forget_hops();
  fast.drops(frame, HCD_NO_ROUTE);
}
ONE_PACKET_TEST(Hops, are_not_confused_between_families_and_addresses_of_one_place) {
  auto opened = Stage::open({.hops = 1, .remember_hops = true});
  CHECK(opened.has_value());
  Site small(**opened, Hook::Xdp);
  small.establish(kClient, kVip, kServer1);
  small.establish(kClient6, kVip6, kServer61);
  small.establish({kClient.address, 40001}, kVip, kServer2);
}
