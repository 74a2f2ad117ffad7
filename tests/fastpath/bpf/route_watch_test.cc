// With the real kernel: in a network namespace of its own, over a map like hcd_settings.
#include "fastpath/bpf/route_watch.h"

#include <cstdlib>

#include <bpf/bpf.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fastpath/bpf/states.h"
#include "tests/fake/needs.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

TEST_GROUP(RouteWatch) {
  UniqueFd home, map;
  abi::hcd_settings* settings = nullptr;
  abi::hcd_globals globals{};

  void setup() override {
    globals.tick_ns = 64'000'000;
    home.reset(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  }
  void teardown() override {
    if (settings != nullptr) munmap(settings, sizeof *settings);
    setns(home.get(), CLONE_NEWNET);
    home.reset();
    map.reset();
  }
  RouteWatch watch() {
    CHECK(unshare(CLONE_NEWNET) == 0);
    run("ip link set lo up");
    run("ip link add near type veth peer name far");
    run("ip link set near up");
    run("ip link set far up");
    run("ip address add 10.9.0.1/24 dev near");
    bpf_map_create_opts options{};
    options.sz = sizeof options;
    options.map_flags = BPF_F_MMAPABLE;
    map.reset(bpf_map_create(BPF_MAP_TYPE_ARRAY, "hcd_test", sizeof(__u32), sizeof *settings, 1, &options));
    void* at = mmap(nullptr, sizeof *settings, PROT_READ | PROT_WRITE, MAP_SHARED, map.get(), 0);
    CHECK(at != MAP_FAILED);
    settings = static_cast<abi::hcd_settings*>(at);
    auto out = RouteWatch::open(map.get(), globals);
    CHECK(out.has_value());
    return std::move(*out);
  }
  static void run(const char* command) {
    if (std::system(command) != 0) FAIL(command);
  }
  static bool readable(const RouteWatch& watch, int milliseconds) {
    pollfd one{.fd = watch.fd(), .events = POLLIN, .revents = 0};
    return poll(&one, 1, milliseconds) == 1;
  }
  // Whether what happened is told, and makes another generation.
  bool noticed(RouteWatch & watch, const char* command) {
    quiet(watch);
    const __u32 before = settings->hop_generation;
    run(command);
    return readable(watch, 10000) && watch.absorb().has_value() && settings->hop_generation != before;
  }
  static void quiet(RouteWatch & watch) {
    while (readable(watch, 300)) CHECK(watch.absorb().has_value());
  }
};

BPF_TEST(RouteWatch, has_next_hops_remembered_and_forgotten_as_the_machine_changes) {
  RouteWatch watch = this->watch();
  LONGS_EQUAL(0, settings->hop_generation);
  CHECK(watch.absorb().has_value());
  CHECK(watch.remembers() && settings->hop_generation % 2 == 1);
  for (const char* change :
       {"ip route add 10.8.0.0/16 via 10.9.0.2", "ip route del 10.8.0.0/16",
        "ip neighbour add 10.9.0.2 lladdr 02:00:00:00:00:01 dev near nud reachable",
        "ip neighbour replace 10.9.0.2 lladdr 02:00:00:00:00:02 dev near nud reachable",
        "ip neighbour del 10.9.0.2 dev near", "ip address add 10.9.1.1/24 dev near", "ip link set near mtu 1400",
        "ip -6 route add 2001:db8:8::/48 dev near", "echo 1 >/proc/sys/net/ipv4/conf/near/forwarding"})
    if (!noticed(watch, change)) FAIL(change);
  CHECK(watch.remembers() && settings->hop_generation % 2 == 1);
}
BPF_TEST(RouteWatch, has_nothing_remembered_as_long_as_a_rule_may_choose) {
  RouteWatch watch = this->watch();
  CHECK(watch.absorb().has_value());
  for (const std::string family : {"-4", "-6"}) {
    CHECK(noticed(watch, ("ip " + family + " rule add fwmark 7 lookup 100").c_str()));
    CHECK(!watch.remembers() && settings->hop_generation % 2 == 0);
    CHECK(noticed(watch, ("ip " + family + " rule del fwmark 7 lookup 100").c_str()));
    CHECK(watch.remembers() && settings->hop_generation % 2 == 1);
  }
}
BPF_TEST(RouteWatch, is_relied_on_for_a_second_after_it_looked_last) {
  RouteWatch watch = this->watch();
  const TimePoint now{Seconds(1000)};
  CHECK(watch.keep(now).has_value());
  LONGS_EQUAL(tick_at(globals, now + RouteWatch::kTrust), settings->hop_until);
}
BPF_TEST(RouteWatch, takes_a_flood_of_changes_for_one) {
  RouteWatch watch = this->watch();
  CHECK(watch.absorb().has_value());
  const __u32 before = settings->hop_generation;
  run("for n in $(seq 40000); do echo route add 172.$((n / 4096 + 16)).$((n / 16 % 256)).$((n % 16 * 16))/28 dev near; "
      "done |"
      " ip -force -batch - >/dev/null 2>&1 || true");
  CHECK(watch.absorb().has_value());
  CHECK(settings->hop_generation != before && settings->hop_generation % 2 == 1);
  CHECK(watch.remembers());
}
