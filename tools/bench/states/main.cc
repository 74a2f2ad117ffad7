// What reading and ending states costs whoever lists them, and the kernel's sweeper: a million of each family, put straight into
// the maps. Prints a line a case: name, then milliseconds: the median, that of CPU time (this process's alone), the worst; for
// what a state takes of memory bytes; and of the sweeper its own time by the kernel's clock, on whichever CPU.
//
//     states HCPFCTL [ROUNDS]   HCPFCTL prints them, too
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "fastpath/bpf/states.h"
#include "kmod/tcp.h"
#include "tools/bench/arena/arena.h"
#include "tools/bench/arena/watch.h"
#include "tools/bench/testrun/flows.h"

using namespace hcd;
using namespace hcd::fastpath;
using namespace hcd::bench;

namespace {

constexpr std::uint32_t kStates = 1'000'000, kBuckets = 1 << 18, kHosts = 8;

Address address(const std::string& text) {
  const auto out = Address::parse(text);
  if (!out) refuse(text + " is no address");
  return *out;
}

void add_rules(Arena& arena) {
  Transaction transaction = arena.engine().begin();
  std::vector<Rule> rules;
  for (const bool six : {false, true}) {
    std::vector<TableEntry> hosts;
    for (std::uint32_t i = 1; i <= kHosts; i++)
      hosts.push_back({address((six ? "2001:db8:5::" : "10.0.0.") + std::to_string(i))});
    auto table = make_table(six ? "six" : "four", std::move(hosts));
    if (!table) refuse(table.error().text);
    rules.push_back({.to = address(six ? "2001:db8::80" : "192.0.2.80"), .port = 80, .table = table->name});
    transaction.set_table("bench", std::move(*table));
  }
  transaction.set_rules("bench", std::move(rules));
  must(arena.engine().commit(transaction));
}

// The first index whose record is of that family.
std::uint32_t first_of(const auto& records, const auto& family_of, int family) {
  const auto found = std::ranges::find(records, family, family_of);
  if (found == records.end()) refuse("the rules are not in the maps");
  return static_cast<std::uint32_t>(found - records.begin());
}

// Tells how many: for a few in a million all buckets may be full.
std::uint32_t fill(Arena& arena) {
  std::uint32_t put = 0;
  const Views& views = arena.views();
  const abi::hcd_seed seed{{views.globals->seed[0], views.globals->seed[1]}};
  for (const bool six : {false, true}) {
    const int family = six ? 6 : 4;
    const auto rule =
        static_cast<std::uint16_t>(first_of(views.rules, [](const auto& r) { return r.to.family; }, family));
    const std::uint32_t host = first_of(views.hosts, [](const auto& h) { return h.at.family; }, family);
    const std::uint32_t now = tick_at(*views.globals, arena.now());
    for (std::uint32_t flow = 0; flow < kStates; flow++) {
      const testrun::NewState state{.client = testrun::nth_client(six, flow),
                                    .vport = 80,
                                    .rule = rule,
                                    .host = host + flow % kHosts,
                                    .seen = now};
      if (!(six ? testrun::put_state({views.states6, views.spills6}, seed, state)
                : testrun::put_state({views.states4, views.spills4}, seed, state)))
        continue;
      put++;
      for (std::uint32_t* count : {&views.cursors[rule].states, &views.loads[state.host].states})
        std::atomic_ref(*count)++;
    }
  }
  return put;
}

void read_all(const Arena& arena, std::uint32_t expected) {
  std::uint32_t seen = 0;
  for_each_state(arena.views(), arena.now(), [&](const State& state) { seen += state.client_side != 0; });
  if (seen != expected) refuse(std::to_string(seen) + " states were read, not " + std::to_string(expected));
}

void print_all(const std::string& hcpfctl, std::uint32_t expected) {
  const std::string command = hcpfctl + " -p " + Arena::kPins + " -s states";
  std::FILE* lines = popen(command.c_str(), "r");
  if (lines == nullptr) refuse(command);
  std::uint32_t seen = 0;
  char buffer[1 << 16];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, lines)) != 0;)
    seen += static_cast<std::uint32_t>(std::count(buffer, buffer + got, '\n'));
  if (pclose(lines) != 0 || seen != expected) refuse(command + ": printed " + std::to_string(seen) + " lines");
}

// What the kernel accounts for the map, by state that fits into it.
double bytes_a_state(MapId map) {
  const auto fds = MapFds::open(Arena::kPins);
  if (!fds) refuse(fds.error().text);
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(fds->fd[map].get()));
  double bytes = 0;
  for (std::string word; info >> word && word != "memlock:";) continue;
  if (!(info >> bytes)) refuse("the kernel does not tell what a map takes");
  return bytes / (std::size_t{kBuckets} * abi::HCD_WAYS);
}

// What the sweeper has done; and waits until it has made so many turns.
std::uint64_t swept_by(const Arena& arena, std::uint32_t turn) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
  while (static_cast<std::int32_t>(std::atomic_ref(arena.views().pulse->turns) - turn) < 0) {
    if (std::chrono::steady_clock::now() > end) refuse("the sweeper makes no turn");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return std::atomic_ref(arena.views().pulse->sweeping_ns);
}

// The sweeper's time for one turn over all tables, which begins with that work.
template <class Work>
double turn_ms(const Arena& arena, const Work& work) {
  const std::uint32_t next = std::atomic_ref(arena.views().pulse->turns) + 1;
  const std::uint64_t begun = swept_by(arena, next);
  work();
  return static_cast<double>(swept_by(arena, next + 1) - begun) / 1e6;
}

// All of IPv4 have not been seen for two days.
void expire(const Arena& arena) {
  const std::uint32_t long_ago =
      tick_at(*arena.views().globals, arena.now()) - ticks_of(*arena.views().globals, Seconds(172800));
  for (abi::hcd_bucket4& bucket : arena.views().states4)
    for (abi::hcd_state4& way : bucket.way)
      if (way.key != 0)
        way.value = abi::hcd_value(long_ago, abi::hcd_value_host(way.value), abi::hcd_value_sides(way.value));
}

void print_sweep(const char* name, double ms) {
  std::printf("%s\t%.3f\t%.3f\t-\n", name, ms, ms);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) refuse("usage: states HCPFCTL [ROUNDS]");
  const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 5;
  Arena arena({.buckets = kBuckets});
  add_rules(arena);
  Watch none, read, census, chosen, print;
  const double empty = turn_ms(arena, [] {});
  for (int i = 0; i < rounds; i++) none.time([&] { read_all(arena, 0); });
  const std::uint32_t states = fill(arena);
  for (int i = 0; i < rounds; i++) {
    read.time([&] { read_all(arena, states); });
    census.time([&] { (void)take_census(arena.views(), arena.now()); });
    chosen.time([&] {
      if (kill_states(arena.views(), arena.now(), [](const State& state) { return state.port == 1; }) != 0)
        refuse("a state ended that should not");
    });
    print.time([&] { print_all(argv[1], states); });
  }
  const double idle = turn_ms(arena, [] {}), freeing = turn_ms(arena, [&] { expire(arena); });
  none.print("tables of 2 x 2,097,152 places without a state are read");
  read.print("2,000,000 states are read");
  census.print("2,000,000 states are counted by rule and host");
  chosen.print("2,000,000 states are searched for those to end");
  print.print("2,000,000 states are printed by hcpfctl");
  print_sweep("a turn of the sweeper, in 10 s, over tables without a state", empty);
  print_sweep("a turn of the sweeper, 2,000,000 states live", idle);
  print_sweep("a turn of the sweeper that frees 1,000,000 of them", freeing);
  print_sweep("the longest slice of the sweeper", arena.views().pulse->longest_ns / 1e6);
  std::printf("a place for an IPv4 state\t%.1f\t-\t-\n", bytes_a_state(kStates4));
  std::printf("an IPv4 state, five eighths of the places taken\t%.1f\t-\t-\n", bytes_a_state(kStates4) * 8 / 5);
  std::printf("a place for an IPv6 state\t%.1f\t-\t-\n", bytes_a_state(kStates6));
  return EXIT_SUCCESS;
}
