// What a change of the rules costs: the engine's commits on real maps.
// Prints a line a case: name, then milliseconds: the median, that of CPU time, the worst. tools/bench/engine.sh puts nftables
// beside it.
#include <algorithm>
#include <cstdlib>

#include "tools/bench/arena/arena.h"
#include "tools/bench/arena/watch.h"

using namespace hcd;
using namespace hcd::fastpath;
using namespace hcd::bench;

namespace {

constexpr int kServices = 1000, kHostsEach = 10, kManyHosts = 10'000, kRulesEach = 10;

Address address(int net, int number) {
  Address out{.family = Family::Inet};
  out.bytes[0] = static_cast<std::uint8_t>(net);
  out.bytes[1] = static_cast<std::uint8_t>(number >> 16);
  out.bytes[2] = static_cast<std::uint8_t>(number >> 8);
  out.bytes[3] = static_cast<std::uint8_t>(number);
  return out;
}
std::string anchor(int service) {
  return "hcd/s" + std::to_string(service);
}
// `count` hosts from the first on, all but the last `without`.
Table hosts(int first, int count, int without = 0) {
  std::vector<TableEntry> entries;
  for (int i = 0; i < count - without; i++) entries.push_back({address(10, first + i)});
  auto made = make_table("web", std::move(entries));
  if (!made) refuse(made.error().text);
  return std::move(*made);
}

void add_service(Transaction& transaction, int service, int rules, const Table& table) {
  std::vector<Rule> all;
  for (int i = 0; i < rules; i++) {
    all.push_back({.to = address(172, service), .port = static_cast<std::uint16_t>(80 + i), .table = "web"});
    all.back().target_port = 80;
    all.back().label = "hcd:s" + std::to_string(service);
  }
  transaction.set_table(anchor(service), table);
  transaction.set_rules(anchor(service), std::move(all));
}

void fill(BpfEngine& engine, int rules) {
  Transaction transaction = engine.begin();
  for (int i = 0; i < kServices; i++) add_service(transaction, i, rules, hosts(i * kHostsEach, kHostsEach));
  must(engine.commit(transaction));
}

void set_hosts(BpfEngine& engine, int service, const Table& table) {
  Transaction transaction = engine.begin();
  transaction.set_table(anchor(service), table);
  must(engine.commit(transaction));
}

void change_one(Arena& arena, int rounds) {
  Watch out, in;
  fill(arena.engine(), 1);
  for (int i = 0; i < 50 * rounds; i++) {
    const int service = i * 7919 % kServices, first = service * kHostsEach;
    out.time([&] { set_hosts(arena.engine(), service, hosts(first, kHostsEach, 1)); });
    in.time([&] { set_hosts(arena.engine(), service, hosts(first, kHostsEach)); });
  }
  out.print("one host leaves one of 1,000 tables");
  in.print("one host comes back to one of 1,000 tables");
}

// All but one of the hosts: with none left a service's rules are removed.
void fail_in_one_table(Arena& arena, int rounds) {
  Watch out, in;
  const Table all = hosts(0, kManyHosts + 1), last = hosts(0, kManyHosts + 1, kManyHosts);
  arena.clear();
  Transaction transaction = arena.engine().begin();
  add_service(transaction, 0, 1, all);
  must(arena.engine().commit(transaction));
  for (int i = 0; i < rounds; i++) {
    out.time([&] { set_hosts(arena.engine(), 0, last); });
    in.time([&] { set_hosts(arena.engine(), 0, all); });
    arena.engine().tend();
  }
  out.print("10,000 hosts of one table fail at once");
  in.print("10,000 hosts of one table come back at once");
}

// Of each of 1,000 services all ten hosts but none is left, so its anchor goes.
void fail_everywhere(Arena& arena, int rounds) {
  Watch at_once, back, one_by_one;
  arena.clear();
  fill(arena.engine(), 1);
  for (int i = 0; i < rounds; i++) {
    at_once.time([&] {
      Transaction transaction = arena.engine().begin();
      for (int service = 0; service < kServices; service++) transaction.remove_anchor(anchor(service));
      must(arena.engine().commit(transaction));
    });
    back.time([&] { fill(arena.engine(), 1); });
    one_by_one.time([&] {
      for (int service = 0; service < kServices; service++) {
        Transaction transaction = arena.engine().begin();
        transaction.remove_anchor(anchor(service));
        must(arena.engine().commit(transaction));
      }
    });
    fill(arena.engine(), 1);
    arena.engine().tend();
  }
  at_once.print("10,000 hosts of 1,000 tables fail at once");
  back.print("10,000 hosts of 1,000 tables come back at once");
  one_by_one.print("10,000 hosts of 1,000 tables fail, a transaction a table");
}

void load_rules(Arena& arena, int rounds) {
  Watch load, adopt, unload;
  for (int i = 0; i < rounds; i++) {
    arena.clear();
    load.time([&] { fill(arena.engine(), kRulesEach); });
    adopt.time([&] { arena.start(); });
    unload.time([&] { arena.clear(); });
  }
  load.print("10,000 rules with 1,000 tables are loaded");
  adopt.print("10,000 rules with 1,000 tables are adopted");
  unload.print("10,000 rules with 1,000 tables are removed");
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(1, std::atoi(argv[1])) : 5;
  Arena arena({.tables = 2048, .anchors = 2048});
  change_one(arena, rounds);
  fail_in_one_table(arena, rounds);
  fail_everywhere(arena, rounds);
  load_rules(arena, rounds);
  return EXIT_SUCCESS;
}
