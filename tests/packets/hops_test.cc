#include <cstdlib>

#include <sched.h>

#include "kmod/tcp.h"
#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

constexpr std::uint32_t kSoon = 1 << 20;  // ticks

const Frame kPacket{.src = kClient, .dst = kVip, .flags = kAck};

// A stage where next hops are remembered, one for all tests.
Stage& remembering() {
  static const auto opened = Stage::open({.remember_hops = true});
  CHECK(opened.has_value());
  return **opened;
}

// Each CPU remembers for itself: the thread stays on one.
class OneCpu {
 public:
  OneCpu() {
    CHECK(sched_getaffinity(0, sizeof before_, &before_) == 0);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(sched_getcpu()), &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
  }
  ~OneCpu() { sched_setaffinity(0, sizeof before_, &before_); }
  OneCpu(const OneCpu&) = delete;
  OneCpu& operator=(const OneCpu&) = delete;

 private:
  cpu_set_t before_{};
};

// There, the flow of kPacket.
struct Memory {
  OneCpu cpu;
  Stage& stage;
  Site site;

  explicit Memory(Stage& on = remembering()) : stage(on), site(on, Hook::Xdp) {
    site.establish(kClient, kVip, kServer1);
  }
  [[nodiscard]] std::uint32_t now() const { return hcd_value_seen(site.state()->value); }
  // Whether changes are watched for.
  void watched(bool yes) const { stage.settings[0].hop_until = yes ? now() + kSoon : now() - kSoon; }
  [[nodiscard]] bool sends() const { return site.run(kPacket).action == site.verdicts().redirect; }

  static void lose_route() { CHECK(std::system("ip route add unreachable 10.0.0.1/32") == 0); }
  static void find_route() { CHECK(std::system("ip route del unreachable 10.0.0.1/32") == 0); }
};

}  // namespace

TEST_GROUP(Hops){};

ONE_PACKET_TEST(Hops, are_remembered_for_a_tick_where_nobody_watches) {
  Memory memory;
  memory.watched(false);
  bool remembered = false;
  for (int attempt = 0; attempt < 50 && !remembered; attempt++) {  // a tick may end between the two packets
    memory.site.forwards(kPacket, kServer1);
    Memory::lose_route();
    remembered = memory.sends();
    while (memory.sends()) continue;  // until the tick ends
    Memory::find_route();
  }
  CHECK(remembered);
}
ONE_PACKET_TEST(Hops, are_remembered_while_somebody_watches_until_something_changed) {
  Memory memory;
  memory.watched(true);
  memory.site.forwards(kPacket, kServer1);
  Memory::lose_route();
  const std::uint32_t then = memory.now();
  while (memory.now() == then) CHECK(memory.sends());
  memory.stage.settings[0].hop_generation += 2;
  memory.site.drops(kPacket, HCD_NO_ROUTE);
  Memory::find_route();
  memory.site.forwards(kPacket, kServer1);
}
ONE_PACKET_TEST(Hops, are_not_remembered_where_a_routing_rule_may_choose) {
  Memory memory;
  memory.watched(true);
  memory.stage.settings[0].hop_generation = 2;
  memory.site.forwards(kPacket, kServer1);
  Memory::lose_route();
  memory.site.drops(kPacket, HCD_NO_ROUTE);
  Memory::find_route();
}
// No neighbour: asked for with every packet, until the kernel has resolved it.
ONE_PACKET_TEST(Hops, that_are_unresolved_are_not_remembered) {
  Memory memory;
  memory.watched(true);
  const Endpoint vip = at("192.0.2.90", 80), silent = at("10.0.0.77", 80);
  (void)memory.stage.add_rule({.to = vip, .ring = {memory.stage.add_host(silent)}});
  const Frame frame{.src = kClient, .dst = vip};
  LONGS_EQUAL(actions(Hook::Tc).redirect, memory.stage.run(Hook::Tc, frame.bytes()).action);
  CHECK(std::system("ip neigh add 10.0.0.77 lladdr 02:00:00:00:05:4d dev servers nud permanent") == 0);
  memory.site.forwards(frame, silent);
  CHECK(std::system("ip neigh del 10.0.0.77 dev servers") == 0);
}
ONE_PACKET_TEST(Hops, are_not_confused_between_families_and_addresses_of_one_place) {
  const auto opened = Stage::open({.hops = 1, .remember_hops = true});
  CHECK(opened.has_value());
  Memory memory(**opened);
  memory.watched(true);
  memory.site.establish(kClient6, kVip6, kServer61);
  memory.site.establish({kClient.address, 40001}, kVip, kServer2);
}
