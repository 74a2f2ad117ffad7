// testrun: what one packet costs in the packet programs alone, by BPF_PROG_TEST_RUN, net of the program that drives
// them.
//
//     testrun [large] [ROUNDS [WORD]]
//         rows "program family case<TAB>nanoseconds", those that have WORD in them, each the least of ROUNDS (5), which on a
//         busy machine is what can be repeated; needs root. Large: up to four million flows, a thousand rules and hosts,
//         in maps of 0.9 GB.
//
// Cases: established flows in a scattered order, from clients and (back) from servers; new flows, each stored, or (guarded) of
// a flood that goes on without states; a packet that is not ours. Next hops are remembered, but for the row that says "routing table", which asks it for every
// packet.
#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <bpf/bpf.h>

#include "tools/bench/testrun/drive_plan.h"
#include "tools/bench/testrun/flows.h"
#include "tools/bench/testrun/stage.h"
// clang-format off: the skeleton needs the plan's type
#include <drive.skel.h>
// clang-format on

namespace hcd::testrun {
namespace {

constexpr std::uint32_t kServers = 8, kRepeat = 100'000;

struct Case {
  const char* name;
  std::uint32_t flows;  // 0: each packet opens a new one
  bool back = false, ours = true, guarded = false;
};
constexpr Case kCases[] = {{"established, 1 flow", 1},
                           {"established, 1,024 flows", 1024},
                           {"established, 65,536 flows", 65536},
                           {"established back, 1 flow", 1, true},
                           {"established back, 1,024 flows", 1024, true},
                           {"established back, 65,536 flows", 65536, true},
                           {"new flow", 0},
                           {"new flow, guarded", 0, false, true, true},
                           {"not ours", 1024, false, false}};
constexpr Case kLarge[] = {{"established, 1,024 flows", 1024},
                           {"established, 65,536 flows", 65536},
                           {"established, 524,288 flows", 1 << 19},
                           {"established, 4,194,304 flows", 1 << 22},
                           {"new flow", 0},
                           {"not ours", 1024, false, false}};

// The rules and hosts that the packets of a table of cases meet.
struct House {
  const char* note;
  StageSizes sizes;
  std::uint32_t rules = 1, hosts = kServers;  // of each family
};

Endpoint server(bool six, unsigned number) {  // from 0 on: on kServers addresses, the ports counted up
  const std::string address = (six ? "2001:db8:5::" : "10.0.0.") + std::to_string(number % kServers + 1);
  return at(address.c_str(), static_cast<std::uint16_t>(8080 + number / kServers));
}
Endpoint vip(bool six, std::uint32_t number = 0) {
  Endpoint out = at(six ? "2001:db8:80::" : "192.0.0.0", 80);
  auto* last = &out.address.bytes[six ? 14 : 2];
  last[0] = static_cast<std::uint8_t>(number >> 8);
  last[1] = static_cast<std::uint8_t>(number);
  return out;
}

class Bench {
 public:
  Bench(Stage& stage, drive& driver, const House& house) : stage_(stage), driver_(driver), house_(house) {
    std::vector<std::uint32_t> ring;
    for (const bool six : {false, true}) {
      ring.clear();
      for (unsigned i = 0; i < house.hosts; i++) ring.push_back(stage_.add_host(server(six, i)));
      Population& those = those_[six];
      those = {.rules = house.rules, .first_host = ring.front(), .hosts = house.hosts};
      for (unsigned i = 0; i < house.rules; i++) {
        const std::uint32_t rule = stage_.add_rule({.to = vip(six, i), .ring = ring});
        if (i == 0) those.first_rule = rule;
      }
      if (house.rules == 1)
        for (const std::uint32_t host : ring) stage_.hosts[host].rule = those.first_rule;
    }
  }

  // The nanoseconds that the program adds to the driver.
  int measure(Hook hook, bool six, const Case& one, int rounds) {
    int idle = INT_MAX, loaded = INT_MAX;
    for (int i = 0; i < rounds; i++) {
      if (i == 0 || one.flows == 0) populate(six, one);
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
    const Bytes frame = plan(six, one);
    const std::uint32_t first = 0, repeat = std::max(kRepeat, one.flows);  // every flow comes
    const bool xdp = hook == Hook::Xdp;
    bpf_map_update_elem(bpf_map__fd(xdp ? driver_.maps.xdp_slot : driver_.maps.tc_slot), &first, &program, BPF_ANY);
    bpf_test_run_opts options{};
    options.sz = sizeof(options);
    options.data_in = frame.data();
    options.data_size_in = static_cast<std::uint32_t>(frame.size());
    options.repeat = static_cast<int>(repeat);
    const std::uint64_t before = counted(one);
    const int error =
        bpf_prog_test_run_opts(bpf_program__fd(xdp ? driver_.progs.drive_xdp : driver_.progs.drive_tc), &options);
    if (error != 0) std::fprintf(stderr, "testrun: %s\n", std::strerror(-error)), std::exit(1);
    if (program == stage_.program(hook) && counted(one) - before < repeat - repeat / 1000) complain(one);
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

  void populate(bool six, const Case& one) {
    stage_.clear_states();
    stage_.settings[0].flood_inserts = one.guarded ? 1 : 0;
    Population those = those_[six];
    those.flows = one.ours ? one.flows : 0;
    establish(stage_, six, those);
  }

  // What the driver sends.
  Bytes plan(bool six, const Case& one) {
    Frame frame{.src = nth_client(six, 0), .dst = vip(six), .flags = one.flows ? kAck : kSyn, .payload = 40};
    if (one.back) frame.src = server(six, 0), frame.dst = nth_client(six, 0);
    if (!one.ours) frame.dst.port = 81;
    const Bytes bytes = frame.bytes();
    const std::uint32_t source = six ? 22 : 26, size = six ? 16 : 4;
    auto& to = driver_.bss->plan;
    std::memcpy(to.frame, bytes.data(), sizeof(to.frame));
    to.flow = 0;
    to.flows = one.flows;
    to.address_at = source + (one.back ? size : 0) + size - 4;
    to.port_at = (six ? 54 : 34) + (one.back ? 2 : 0);
    to.server_at = one.back ? source + size - 1 : 0;
    to.vips = house_.rules;
    to.vip_at = house_.rules > 1 ? source + 2 * size - 2 : 0;
    return bytes;
  }

  Stage& stage_;
  drive& driver_;
  House house_;
  Population those_[2];  // IPv4's, IPv6's
};

struct Wish {
  int rounds = 5;
  const char* word = "";
};

int table(const House& house, std::span<const Case> cases, const Wish& wish) {
  auto stage = Stage::open(house.sizes);
  drive* driver = stage ? drive::open_and_load() : nullptr;
  if (!driver) {
    std::fprintf(stderr, "testrun: %s\n", stage ? "the driver was refused" : stage.error().text.c_str());
    return 1;
  }
  (*stage)->enter();
  Bench bench(**stage, *driver, house);
  for (const Hook hook : {Hook::Xdp, Hook::Tc})
    for (const bool six : {false, true})
      for (const Case& one : cases) {
        const std::string name =
            std::string(hook == Hook::Xdp ? "xdp" : "tc") + (six ? " ipv6 " : " ipv4 ") + one.name + house.note;
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
  const bool large = argc > 1 && std::strcmp(argv[1], "large") == 0;
  if (large) argc--, argv++;
  Wish wish;
  if (argc > 1) wish.rounds = std::max(1, std::atoi(argv[1]));
  if (argc > 2) wish.word = argv[2];
  const StageSizes small{
      .buckets = hcd::abi::HCD_STATE_BUCKETS, .index_lines = 64, .hosts = 64, .hops = 1 << 14, .remember_hops = true};
  StageSizes asking = small;
  asking.remember_hops = false;
  if (!large) {
    if (const int status = table({.note = "", .sizes = small}, kCases, wish); status != 0) return status;
    return table({.note = ", routing table", .sizes = asking}, std::span(kCases).subspan(1, 1), wish);
  }
  StageSizes many{.buckets = 1 << 20,
                  .index_lines = 1 << 12,
                  .rules = 1 << 12,
                  .hosts = 1 << 12,
                  .hops = 1 << 14,
                  .ring_lines = 1 << 18,
                  .remember_hops = true};
  if (const int status = table({.note = ", 1 rule, 8 hosts", .sizes = many}, kLarge, wish); status != 0) return status;
  return table({.note = ", 1,024 rules, 1,000 hosts", .sizes = many, .rules = 1024, .hosts = 1000}, kLarge, wish);
}
