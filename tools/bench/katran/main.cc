// katran: what one packet costs in Katran's balancer program, by BPF_PROG_TEST_RUN, net of the program that drives it: the
// peer's side of testrun, with the same driver, packets and cases.
//
//     katran OBJECT [ROUNDS]   OBJECT is Katran's compiled balancer.bpf.c, which is not ours to ship; rows
//                              "xdp family case<TAB>nanoseconds", each the median of ROUNDS (5); needs root
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <sched.h>
#include <unistd.h>

#include "fastpath/base/c_ptr.h"
#include "fastpath/base/unique_fd.h"
#include "tools/bench/testrun/drive_plan.h"
#include "tools/bench/testrun/frame.h"
// clang-format off: the skeleton needs the plan's type
#include <drive.skel.h>
// clang-format on

namespace hcd::testrun {
namespace {

constexpr std::uint32_t kRing = 65537, kReals = 8, kRepeat = 200'000, kConnections = 1 << 21;
constexpr std::uint32_t kNewRepeat = 100'000;  // Katran stores 125,000 new connections a second and CPU, no more
constexpr int kTx = 3;                         // XDP_TX

struct Case {
  const char* name;
  std::uint32_t flows;  // 0: each packet opens a new one
  bool ours = true;
};
constexpr Case kCases[] = {{"established, 1 flow", 1},
                           {"established, 1,024 flows", 1024},
                           {"established, 65,536 flows", 65536},
                           {"new flow", 0},
                           {"not ours", 1024, false}};

// The keys and values of Katran's maps (its balancer_structs.h), as far as they are needed.
struct KatranVip {
  std::uint8_t address[16];
  std::uint16_t port;  // network order
  std::uint8_t proto;
};
struct KatranMeta {
  std::uint32_t flags, number;
};
struct KatranReal {
  std::uint8_t address[16];
  std::uint8_t flags;  // 1: IPv6
  std::uint8_t reserved[3];
};

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "katran: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

Endpoint vip(bool six) {
  return at(six ? "2001:db8::80" : "192.0.2.80", 80);
}

class Katran {
 public:
  explicit Katran(const char* path) : object_(bpf_object__open_file(path, nullptr)) {
    if (!object_) die(path);
    // What a table of connections holds is to be had before the load alone.
    const bpf_map* table = bpf_map__inner_map(bpf_object__find_map_by_name(object_.get(), "lru_mapping"));
    if (table == nullptr) die("lru_mapping");
    const std::uint32_t key = bpf_map__key_size(table), value = bpf_map__value_size(table);
    if (bpf_object__load(object_.get()) != 0) die(path);
    program_ = bpf_program__fd(bpf_object__find_program_by_name(object_.get(), "balancer_ingress"));
    if (program_ < 0) die("balancer_ingress");
    const std::uint8_t router[8] = {2, 0, 0, 0, 0, 3};
    put("ctl_array", std::uint32_t{0}, router);
    give_connections(key, value);
    for (const bool six : {false, true}) serve(six);
  }
  [[nodiscard]] int program() const { return program_; }

 private:
  [[nodiscard]] int fd(const char* map) const {
    const int found = bpf_object__find_map_fd_by_name(object_.get(), map);
    if (found < 0) die(map);
    return found;
  }
  template <class Key, class Value>
  void put(const char* map, const Key& key, const Value& value) const {
    if (bpf_map_update_elem(fd(map), &key, &value, BPF_ANY) != 0) die(map);
  }

  // Katran keeps the connections of each CPU in a table of its own.
  void give_connections(std::uint32_t key, std::uint32_t value) {
    for (std::uint32_t cpu = 0; cpu < static_cast<std::uint32_t>(libbpf_num_possible_cpus()); cpu++) {
      UniqueFd table(bpf_map_create(BPF_MAP_TYPE_LRU_HASH, "connections", key, value, kConnections, nullptr));
      if (!table) die("connections");
      put("lru_mapping", cpu, table.get());
    }
  }

  void serve(bool six) {
    const std::uint32_t number = six ? 1 : 0, first = six ? 1 + kReals : 1;
    const Endpoint to = vip(six);
    KatranVip key{};
    std::ranges::copy(to.address.bytes, key.address);
    key.port = __builtin_bswap16(to.port);
    key.proto = kTcp;
    put("vip_map", key, KatranMeta{0, number});
    for (std::uint32_t i = 0; i < kReals; i++) {
      const auto text = (six ? "2001:db8:5::" : "10.0.0.") + std::to_string(i + 1);
      KatranReal real{};
      std::ranges::copy(at(text.c_str(), 0).address.bytes, real.address);
      real.flags = six ? 1 : 0;
      put("reals", first + i, real);
    }
    for (std::uint32_t slot = 0; slot < kRing; slot++) put("ch_rings", number * kRing + slot, first + slot % kReals);
  }

  CPtr<bpf_object, bpf_object__close> object_;
  int program_ = -1;
};

class Bench {
 public:
  Bench(const Katran& katran, drive& driver) : katran_(katran), driver_(driver) {}

  int measure(bool six, const Case& one, int rounds) {
    std::vector<int> net;
    const std::uint32_t repeat = one.flows != 0 ? kRepeat : kNewRepeat;
    for (int i = 0; i < rounds; i++) {
      const int idle = run(bpf_program__fd(driver_.progs.idle_xdp), six, one, repeat);
      if (one.flows == 0) sleep(2);  // until its count of this second begins anew
      if (one.flows > 1) (void)run(katran_.program(), six, one, std::max(kRepeat, one.flows));  // all are known then
      net.push_back(run(katran_.program(), six, one, repeat) - idle);
    }
    std::ranges::nth_element(net, net.begin() + rounds / 2);
    return net[static_cast<std::size_t>(rounds / 2)];
  }

 private:
  int run(int program, bool six, const Case& one, std::uint32_t repeat) {
    Frame frame{.src = at(six ? "2001:db8:cc::1" : "198.18.0.0", 1024), .dst = vip(six), .payload = 40};
    frame.flags = one.flows != 0 ? kAck : kSyn;
    if (!one.ours) frame.dst.port = 81;
    const Bytes bytes = frame.bytes();
    auto& plan = driver_.bss->plan;
    std::memcpy(plan.frame, bytes.data(), sizeof plan.frame);
    plan.length = static_cast<std::uint32_t>(bytes.size());
    plan.flow = one.flows != 0 ? 0 : next_new_;
    plan.flows = one.flows;
    plan.address_at = six ? 22 + 12 : 26;
    plan.port_at = six ? 54 : 34;
    plan.server_at = 0;
    if (one.flows == 0) next_new_ += repeat;
    const std::uint32_t first = 0;
    if (bpf_map_update_elem(bpf_map__fd(driver_.maps.xdp_slot), &first, &program, BPF_ANY) != 0) die("the driver");
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.data_in = bytes.data();
    options.data_size_in = static_cast<std::uint32_t>(bytes.size());
    options.repeat = static_cast<int>(repeat);
    if (bpf_prog_test_run_opts(bpf_program__fd(driver_.progs.drive_xdp), &options) != 0) die("a run");
    if (program == katran_.program() && one.ours && options.retval != kTx) {
      std::fprintf(stderr, "katran: %s: verdict %u, not XDP_TX\n", one.name, options.retval);
      std::exit(1);
    }
    return static_cast<int>(options.duration);
  }

  const Katran& katran_;
  drive& driver_;
  std::uint32_t next_new_ = 1 << 20;
};

}  // namespace
}  // namespace hcd::testrun

int main(int argc, char** argv) {
  using namespace hcd::testrun;
  if (argc < 2) {
    std::fprintf(stderr, "usage: katran OBJECT [ROUNDS]\n");
    return 2;
  }
  const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 5;
  cpu_set_t one_cpu;
  CPU_ZERO(&one_cpu);
  CPU_SET(0, &one_cpu);
  sched_setaffinity(0, sizeof one_cpu, &one_cpu);  // its tables of connections are one a CPU
  libbpf_set_print(nullptr);
  const Katran katran(argv[1]);
  const std::unique_ptr<drive, decltype(&drive::destroy)> driver(drive::open_and_load(), &drive::destroy);
  if (!driver) die("the driver was refused");
  Bench bench(katran, *driver);
  for (const bool six : {false, true})
    for (const Case& one : kCases) {
      std::printf("xdp %s %s\t%d\n", six ? "ipv6" : "ipv4", one.name, bench.measure(six, one, rounds));
      std::fflush(stdout);
    }
  return 0;
}
