// An engine over maps in memory, and what a packet would see in them.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "fastpath/bpf/bpf_engine.h"
#include "kmod/index.h"
#include "kmod/tcp.h"
#include "tests/fastpath/bpf/fake_maps.h"

#include <CppUTest/TestHarness.h>

namespace hcd::fastpath {

struct HeldClock final : Clock {
  TimePoint now() const override { return TimePoint(Seconds(1000)); }
  std::chrono::system_clock::time_point wall() const override { return {}; }
};

inline Table table_of(const char* name, const std::vector<std::string>& addresses) {
  std::vector<TableEntry> entries;
  for (const std::string& address : addresses) entries.push_back({*Address::parse(address)});
  return *make_table(name, std::move(entries));
}

inline std::vector<std::string> many(int count) {
  std::vector<std::string> out;
  for (int i = 1; i <= count; i++) out.push_back("10.1.0." + std::to_string(i));
  return out;
}

struct EngineFixture : Utest {
  FakeMemory memory;
  HeldClock clock;
  std::unique_ptr<BpfEngine> engine;
  Rule rule{.to = *Address::parse("192.0.2.80"), .port = 80, .table = "www", .target_port = 8080};

  void setup() override { start(); }
  void start() {
    std::uint64_t next = 1;
    engine = std::make_unique<BpfEngine>(
        std::make_unique<FakeMaps>(memory), clock, [next]() mutable { return next++; }, "bpf (test)");
    CHECK(engine->adopted().has_value());
  }
  Status load(const char* anchor, const Rule& what, const std::vector<std::string>& addresses) {
    Transaction transaction = engine->begin();
    transaction.set_table(anchor, table_of(what.table.c_str(), addresses));
    transaction.set_rules(anchor, {what});
    return engine->commit(transaction);
  }
  void must(const Status& status) {
    if (!status) FAIL(status.error().text.c_str());
  }
  Status remove(const char* anchor) {
    Transaction transaction = engine->begin();
    transaction.remove_anchor(anchor);
    return engine->commit(transaction);
  }

  // What a packet would see: the rule that its destination leads to, the addresses of the ring in order, ...
  std::uint32_t find(const std::vector<abi::hcd_index_line>& lines, const Endpoint& at) const {
    const auto raw = at.raw();
    const auto hash = abi::hcd_endpoint_hash({{memory.globals.seed[0], memory.globals.seed[1]}}, &raw);
    for (std::uint32_t probe = 0; probe < abi::HCD_INDEX_PROBES; probe++) {
      for (const __u64 entry : lines[(hash + probe) & (lines.size() - 1)].entry) {
        if (entry >> 32 == abi::hcd_index_tag(hash) >> 32 && static_cast<std::uint32_t>(entry) != 0) {
          return static_cast<std::uint32_t>(entry);
        }
      }
    }
    return 0;
  }
  std::uint32_t rule_index(const Rule& what) const { return find(memory.vips, key_of(what).to); }
  std::uint32_t host_index(const char* address, std::uint16_t port = 8080) const {
    return find(memory.endpoints, {*Address::parse(address), port});
  }
  std::string ring(const Rule& what) const {
    const abi::hcd_rule& record = memory.rules[rule_index(what)];
    if (record.ring == 0) return "out of force";
    const auto slots = static_cast<std::uint32_t>(record.ring);
    std::string out;
    for (std::uint32_t i = 0; i < slots && slots <= 16; i++) {
      const std::uint32_t host = memory.rings[(record.ring >> 32) + i / 16].host[i % 16];
      out += (i > 0 ? " " : "") + Endpoint::of(memory.hosts[host].at).text();
    }
    return slots <= 16 ? out : std::to_string(slots) + " slots";
  }
  void state(std::uint32_t of_rule, std::uint32_t host) {
    memory.states4[3].way[1] = {
        .key = 0x0100007fULL << 32 | 0x5000ULL << 16 | of_rule,
        .value = abi::hcd_value(static_cast<std::uint32_t>(1000'000'000'000 / 64'000'000), host, abi::HCD_SIDES_UP)};
  }
};

}  // namespace hcd::fastpath
