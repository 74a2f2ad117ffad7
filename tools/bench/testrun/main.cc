// testrun: what one packet costs in the packet programs alone, by BPF_PROG_TEST_RUN, net of the program that drives
// them.
//
//     testrun [ROUNDS [WORD]] rows "program family case<TAB>nanoseconds", those that have WORD in them, each the least of
//                             ROUNDS (5), which on a busy machine is what can be repeated; needs root
//
// Cases: established flows in a scattered order, from clients and (back) from servers; new flows, each stored; a packet
// that is not ours. Next hops are remembered, but for the row that says "routing table", which asks it for every
// packet.
#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <bpf/bpf.h>

#include "kmod/index.h"
#include "kmod/tcp.h"
#include "tools/bench/testrun/drive_plan.h"
#include "tools/bench/testrun/stage.h"
// clang-format off: the skeleton needs the plan's type
#include <drive.skel.h>
// clang-format on

namespace hcd::testrun {
namespace {

constexpr std::uint32_t kBuckets = 1 << 18, kHosts = 8, kRepeat = 100'000;

struct Case {
  const char* name;
  std::uint32_t flows;  // 0: each packet opens a new one
  bool back = false, ours = true;
};
constexpr Case kCases[] = {{"established, 1 flow", 1},
                           {"established, 1,024 flows", 1024},
                           {"established, 65,536 flows", 65536},
                           {"established back, 1 flow", 1, true},
                           {"established back, 1,024 flows", 1024, true},
                           {"established back, 65,536 flows", 65536, true},
                           {"new flow", 0},
                           {"not ours", 1024, false, false}};

Endpoint server(bool six, unsigned number) {
  return at(((six ? "2001:db8:5::" : "10.0.0.") + std::to_string(number)).c_str(), 8080);
}
Endpoint client(bool six) {
  return at(six ? "2001:db8:cc::1" : "198.18.0.0", 1024);
}
Endpoint vip(bool six) {
  return at(six ? "2001:db8::80" : "192.0.2.80", 80);
}

class Bench {
 public:
  Bench(Stage& stage, drive& driver) : stage_(stage), driver_(driver) {
    std::vector<std::uint32_t> ring;
    for (const bool six : {false, true}) {
      ring.clear();
      for (unsigned i = 1; i <= kHosts; i++) ring.push_back(stage_.add_host(server(six, i)));
      (void)stage_.add_rule({.to = vip(six), .ring = ring});
    }
  }

  // The nanoseconds that the program adds to the driver.
  int measure(Hook hook, bool six, const Case& one, int rounds) {
    int idle = INT_MAX, loaded = INT_MAX;
    for (int i = 0; i < rounds; i++) {
      idle = std::min(idle, run(hook, idle_of(hook), six, one));
      loaded = std::min(loaded, run(hook, stage_.program(hook), six, one));
    }
    return loaded - idle;
  }

 private:
  [[nodiscard]] int idle_of(Hook hook) const {
    return bpf_program__fd(hook == Hook::Xdp ? driver_.progs.idle_xdp : driver_.progs.idle_tc);
  }

  int run(Hook hook, int program, bool six, const Case& one) {
    const Bytes frame = prepare(six, one);
    const std::uint32_t first = 0;
    const bool xdp = hook == Hook::Xdp;
    bpf_map_update_elem(bpf_map__fd(xdp ? driver_.maps.xdp_slot : driver_.maps.tc_slot), &first, &program, BPF_ANY);
    bpf_test_run_opts options{};
    options.sz = sizeof(options);
    options.data_in = frame.data();
    options.data_size_in = static_cast<std::uint32_t>(frame.size());
    options.repeat = static_cast<int>(kRepeat);
    const std::uint64_t before = counted(one);
    const int error =
        bpf_prog_test_run_opts(bpf_program__fd(xdp ? driver_.progs.drive_xdp : driver_.progs.drive_tc), &options);
    if (error != 0) std::fprintf(stderr, "testrun: %s\n", std::strerror(-error)), std::exit(1);
    if (program == stage_.program(hook) && counted(one) - before < kRepeat - kRepeat / 1000) complain(one);
    return static_cast<int>(options.duration);
  }

  // A measurement of drops would look splendid. The few flows that find their bucket full are allowed for.
  [[nodiscard]] std::uint64_t counted(const Case& one) const {
    return stage_.reason(one.ours ? abi::HCD_TRANSLATED : abi::HCD_PASSED);
  }
  void complain(const Case& one) const {
    std::fprintf(stderr, "testrun: %s: not every packet fared as it should; all reasons:\n", one.name);
    for (std::uint32_t i = 0; i < abi::HCD_REASONS; i++)
      std::fprintf(stderr, "  %u: %llu\n", i, static_cast<unsigned long long>(stage_.reason(i)));
    std::exit(1);
  }

  // Flows and their states as the case wants them, and the driver's template.
  Bytes prepare(bool six, const Case& one) {
    stage_.clear_states();
    Frame frame{.src = client(six), .dst = vip(six), .flags = one.flows ? kAck : kSyn, .payload = 40};
    if (one.back) frame.src = server(six, 1), frame.dst = client(six);
    if (!one.ours) frame.dst.port = 81;
    const Bytes bytes = frame.bytes();
    const std::uint32_t address = (six ? 22 + 12 : 26) + (one.back ? (six ? 16 : 4) : 0);
    auto& state = driver_.bss->plan;
    std::memcpy(state.frame, bytes.data(), sizeof(state.frame));
    state.flow = 0;
    state.flows = one.flows;
    state.address_at = address;
    state.port_at = (six ? 54 : 34) + (one.back ? 2 : 0);
    state.server_at = one.back ? (six ? 22 + 15 : 26 + 3) : 0;
    if (one.ours) establish(six, one.flows);
    return bytes;
  }

  // What now is, in the programs' own ticks: the age of a state that one of them makes.
  std::uint32_t tick(bool six) {
    (void)stage_.run(Hook::Tc, Frame{.src = client(six), .dst = vip(six)}.bytes());
    std::uint32_t seen = 0;
    for (const auto& bucket : stage_.states4) seen = std::max(seen, abi::hcd_value_seen(bucket.way[0].value));
    for (const auto& bucket : stage_.states6) seen = std::max(seen, abi::hcd_value_seen(bucket.way[0].value));
    stage_.clear_states();
    return seen;
  }

  void establish(bool six, std::uint32_t flows) {
    const std::uint32_t now = tick(six);
    for (std::uint32_t flow = 0; flow < flows; flow++) six ? put6(flow, now) : put4(flow, now);
  }
  void put4(std::uint32_t flow, std::uint32_t now) {
    const std::uint32_t address = __builtin_bswap32(0xc6120000 + flow);
    const std::uint64_t hash = abi::hcd_flow_hash4(stage_seed(), address, __builtin_bswap16(1024));
    for (auto& way : stage_.states4[hash & (kBuckets - 1)].way) {
      if (way.key != 0) continue;
      way.value = abi::hcd_value(now, 1 + (flow & 7), abi::HCD_SIDES_UP);
      way.key = std::uint64_t{address} << 32 | std::uint64_t{__builtin_bswap16(1024)} << 16 | 1;
      return;
    }
  }
  void put6(std::uint32_t flow, std::uint32_t now) {
    Address address = client(true).address;
    const std::uint32_t last = __builtin_bswap32(0xc6120000 + flow);
    std::memcpy(&address.bytes[12], &last, sizeof(last));
    __u64 words[2];
    std::memcpy(words, address.bytes.data(), sizeof(words));
    const std::uint64_t hash = abi::hcd_flow_hash6(stage_seed(), words[0], words[1], __builtin_bswap16(1024));
    for (auto& way : stage_.states6[hash & (kBuckets - 1)].way) {
      if (way.key != 0) continue;
      way.value = abi::hcd_value(now, kHosts + 1 + (flow & 7), abi::HCD_SIDES_UP);
      way.addr[0] = words[0];
      way.addr[1] = words[1];
      way.key = hash >> 32 << 32 | std::uint64_t{__builtin_bswap16(1024)} << 16 | 2;
      return;
    }
  }

  Stage& stage_;
  drive& driver_;
};

struct Wish {
  int rounds = 5;
  const char* word = "";
};

int table(const char* note, bool remember_hops, std::span<const Case> cases, const Wish& wish) {
  auto stage = Stage::open({.buckets = kBuckets,
                            .index_lines = 64,
                            .rules = 16,
                            .hosts = 64,
                            .hops = 1 << 14,
                            .remember_hops = remember_hops});
  drive* driver = stage ? drive::open_and_load() : nullptr;
  if (!driver) {
    std::fprintf(stderr, "testrun: %s\n", stage ? "the driver was refused" : stage.error().text.c_str());
    return 1;
  }
  (*stage)->enter();
  Bench bench(**stage, *driver);
  for (const Hook hook : {Hook::Xdp, Hook::Tc})
    for (const bool six : {false, true})
      for (const Case& one : cases) {
        const std::string name =
            std::string(hook == Hook::Xdp ? "xdp" : "tc") + (six ? " ipv6 " : " ipv4 ") + one.name + note;
        if (name.find(wish.word) == std::string::npos) continue;
        std::printf("%s\t%d\n", name.c_str(), bench.measure(hook, six, one, wish.rounds));
        std::fflush(stdout);
      }
  drive::destroy(driver);
  return 0;
}

}  // namespace
}  // namespace hcd::testrun

int main(int argc, char** argv) {
  using namespace hcd::testrun;
  Wish wish;
  if (argc > 1) wish.rounds = std::max(1, std::atoi(argv[1]));
  if (argc > 2) wish.word = argv[2];
  if (const int status = table("", true, kCases, wish); status != 0) return status;
  return table(", routing table", false, std::span(kCases).subspan(1, 1), wish);
}
