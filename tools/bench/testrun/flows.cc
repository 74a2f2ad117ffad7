#include "tools/bench/testrun/flows.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include <arpa/inet.h>

#include "fastpath/bpf/maps.h"
#include "kmod/tcp.h"

namespace hcd::testrun {
namespace {

// What now is, in the programs' own ticks: the age of a state that one of them makes for the rule.
std::uint32_t tick(Stage& stage, const Frame& first) {
  (void)stage.run(Hook::Tc, first.bytes());
  std::uint32_t seen = 0;
  const auto look = [&](const auto& buckets) {
    for (const auto& bucket : buckets)
      for (const auto& way : bucket.way) seen = std::max(seen, abi::hcd_value_seen(way.value));
  };
  look(stage.states4), look(stage.states6);
  stage.clear_states();
  return seen;
}

// The way that the state stands in now, but for its key; null: there is none.
template <class Bucket>
auto* place(const StateTable<Bucket>& table, std::uint64_t hash, const NewState& state) {
  constexpr bool kSix = std::is_same_v<Bucket, abi::hcd_bucket6>;
  const auto mask = static_cast<std::uint32_t>(table.buckets.size() - 1);
  const std::uint32_t home = abi::hcd_flow_bucket(hash, 0, mask);
  for (std::uint32_t rank = 0; rank < abi::HCD_RANKS; rank++) {
    auto& bucket = table.buckets[abi::hcd_flow_bucket(hash, rank, mask)];
    for (std::uint32_t nth = 0; nth < abi::HCD_WAYS; nth++) {
      const std::uint32_t at = abi::hcd_flow_way(hash, nth, kSix);
      auto& way = bucket.way[at];
      if (way.key != 0) continue;
      if (rank != 0 || !abi::hcd_way_is_first(hash, at, kSix))
        *abi::hcd_spill_at(&table.spills[home / 64], home) |= abi::hcd_spill_bits(home, rank);
      way.value = abi::hcd_value(state.seen, state.host, abi::HCD_SIDES_UP);
      fastpath::more_of(bucket, at) = {.birth = state.seen, .vport = htons(state.vport)};
      return &way;
    }
  }
  return static_cast<decltype(&table.buckets[0].way[0])>(nullptr);
}

}  // namespace

Endpoint nth_client(bool six, std::uint32_t flow) {
  constexpr std::uint32_t kAddresses = 1 << 17, kPort = 1024, kNet = 0xc6120000;
  Endpoint out = at(six ? "2001:db8:cc::1" : "198.18.0.0", static_cast<std::uint16_t>(kPort + flow / kAddresses));
  const std::uint32_t last = htonl(kNet + flow % kAddresses);
  std::memcpy(&out.address.bytes[six ? 12 : 0], &last, sizeof last);
  return out;
}

bool put_state(const StateTable<abi::hcd_bucket4>& table, abi::hcd_seed seed, const NewState& state) {
  std::uint32_t address = 0;
  std::memcpy(&address, state.client.address.bytes.data(), sizeof address);
  const std::uint16_t port = htons(state.client.port);
  auto* way = place(table, abi::hcd_flow_hash4(seed, address, port), state);
  if (way == nullptr) return false;
  way->key = std::uint64_t{address} << 32 | std::uint64_t{port} << 16 | state.rule;
  return true;
}

bool put_state(const StateTable<abi::hcd_bucket6>& table, abi::hcd_seed seed, const NewState& state) {
  __u64 words[2];
  std::memcpy(words, state.client.address.bytes.data(), sizeof words);
  const std::uint16_t port = htons(state.client.port);
  const std::uint64_t hash = abi::hcd_flow_hash6(seed, words[0], words[1], port);
  auto* way = place(table, hash, state);
  if (way == nullptr) return false;
  std::ranges::copy(words, way->addr);
  way->key = hash >> 32 << 32 | std::uint64_t{port} << 16 | state.rule;
  return true;
}

void establish(Stage& stage, bool six, const Population& those) {
  const abi::hcd_endpoint& to = stage.rules[those.first_rule].to;
  Frame first{.src = nth_client(six, 0), .dst = nth_client(six, 0)};
  std::memcpy(first.dst.address.bytes.data(), to.addr, sizeof to.addr);
  first.dst.port = ntohs(to.port);
  const std::uint32_t now = tick(stage, first);
  for (std::uint32_t flow = 0; flow < those.flows; flow++) {
    const NewState state{.client = nth_client(six, flow),
                         .vport = first.dst.port,
                         .rule = static_cast<std::uint16_t>(those.first_rule + flow % those.rules),
                         .host = those.first_host + flow % those.hosts,
                         .seen = now};
    if (six)
      put_state({stage.states6, stage.spills6}, stage_seed(), state);
    else
      put_state({stage.states4, stage.spills4}, stage_seed(), state);
  }
}

}  // namespace hcd::testrun
