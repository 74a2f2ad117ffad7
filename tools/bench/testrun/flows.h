// States for many flows, put straight into the maps, as the packet path would have left them. Flow n is the driver's:
// client 198.18.0.0 + n mod 2^17 (the last four bytes of an IPv6 address alike), its port counted up from 1024 every 2^17.
#pragma once
#include <cstdint>
#include <span>

#include "kmod/index.h"
#include "tools/bench/testrun/stage.h"

namespace hcd::testrun {

constexpr std::uint32_t kFlowAddresses = 1 << 17, kFlowPort = 1024, kFlowNet = 0xc6120000;
[[nodiscard]] Endpoint first_client(bool six);

[[nodiscard]] Endpoint nth_client(bool six, std::uint32_t flow);

template <class Bucket>
struct StateTable {
  std::span<Bucket> buckets;
  std::span<abi::hcd_spill> spills;
};
struct NewState {
  Endpoint client;
  std::uint16_t vport = 0;  // host order
  std::uint16_t rule = 0;
  std::uint32_t host = 0;
  std::uint32_t seen = 0;  // and born: tick
};
// Puts an established state where the packet path would; false where all of its buckets are full.
bool put_state(const StateTable<abi::hcd_bucket4>& table, abi::hcd_seed seed, const NewState& state);
bool put_state(const StateTable<abi::hcd_bucket6>& table, abi::hcd_seed seed, const NewState& state);

// Flow n belongs to rule first_rule + n mod rules and to host first_host + n mod hosts.
struct Population {
  std::uint32_t flows = 0;
  std::uint32_t first_rule = 1, rules = 1;
  std::uint32_t first_host = 1, hosts = 1;
};

// All of them established and seen just now; whoever finds all of its buckets full is left out.
void establish(Stage& stage, bool six, const Population& those);

}  // namespace hcd::testrun
