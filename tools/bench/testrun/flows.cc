#include "tools/bench/testrun/flows.h"

#include <algorithm>
#include <cstring>

#include <arpa/inet.h>

#include "kmod/tcp.h"

namespace hcd::testrun {
namespace {

// What now is, in the programs' own ticks: the age of a state that one of them makes for the rule.
std::uint32_t tick(Stage& stage, const Frame& first) {
  (void)stage.run(Hook::Tc, first.bytes());
  std::uint32_t seen = 0;
  for (const auto& bucket : stage.states4) seen = std::max(seen, abi::hcd_value_seen(bucket.way[0].value));
  for (const auto& bucket : stage.states6) seen = std::max(seen, abi::hcd_value_seen(bucket.way[0].value));
  stage.clear_states();
  return seen;
}

template <class Buckets>
auto* free_place(Buckets buckets, std::uint64_t hash) {
  const auto mask = static_cast<std::uint32_t>(buckets.size() - 1);
  for (const std::uint32_t bucket : {abi::hcd_flow_home(hash, mask), abi::hcd_flow_other(hash, mask)})
    for (auto& way : buckets[bucket].way)
      if (way.key == 0) return &way;
  return static_cast<decltype(&buckets[0].way[0])>(nullptr);
}

void put4(Stage& stage, std::uint32_t address, std::uint16_t port, std::uint64_t rule, std::uint64_t value) {
  auto* place = free_place(stage.states4, abi::hcd_flow_hash4(stage_seed(), address, port));
  if (place == nullptr) return;
  place->value = value;
  place->key = std::uint64_t{address} << 32 | std::uint64_t{port} << 16 | rule;
}

void put6(Stage& stage, std::uint32_t last, std::uint16_t port, std::uint64_t rule, std::uint64_t value) {
  Address address = first_client(true).address;
  std::memcpy(&address.bytes[12], &last, sizeof last);
  __u64 words[2];
  std::memcpy(words, address.bytes.data(), sizeof words);
  const std::uint64_t hash = abi::hcd_flow_hash6(stage_seed(), words[0], words[1], port);
  auto* place = free_place(stage.states6, hash);
  if (place == nullptr) return;
  place->value = value;
  place->addr[0] = words[0];
  place->addr[1] = words[1];
  place->key = hash >> 32 << 32 | std::uint64_t{port} << 16 | rule;
}

}  // namespace

Endpoint first_client(bool six) {
  return at(six ? "2001:db8:cc::1" : "198.18.0.0", kFlowPort);
}

void establish(Stage& stage, bool six, const Population& those) {
  const abi::hcd_endpoint& to = stage.rules[those.first_rule].to;
  Frame first{.src = first_client(six), .dst = first_client(six)};
  std::memcpy(first.dst.address.bytes.data(), to.addr, sizeof to.addr);
  first.dst.port = ntohs(to.port);
  const std::uint32_t now = tick(stage, first);
  for (std::uint32_t flow = 0; flow < those.flows; flow++) {
    const std::uint32_t address = htonl(kFlowNet + flow % kFlowAddresses);
    const std::uint16_t port = htons(static_cast<std::uint16_t>(kFlowPort + flow / kFlowAddresses));
    const std::uint64_t value = abi::hcd_value(now, those.first_host + flow % those.hosts, abi::HCD_SIDES_UP);
    (six ? put6 : put4)(stage, address, port, those.first_rule + flow % those.rules, value);
  }
}

}  // namespace hcd::testrun
