// States for many flows, put straight into the maps, as the packet path would have left them. Flow n is the driver's:
// client 198.18.0.0 + n mod 2^17 (the last four bytes of an IPv6 address alike), its port counted up from 1024 every 2^17.
#pragma once
#include <cstdint>

#include "tools/bench/testrun/stage.h"

namespace hcd::testrun {

constexpr std::uint32_t kFlowAddresses = 1 << 17, kFlowPort = 1024, kFlowNet = 0xc6120000;
[[nodiscard]] Endpoint first_client(bool six);

// Flow n belongs to rule first_rule + n mod rules and to host first_host + n mod hosts.
struct Population {
  std::uint32_t flows = 0;
  std::uint32_t first_rule = 1, rules = 1;
  std::uint32_t first_host = 1, hosts = 1;
};

// All of them established and seen just now; whoever finds both of its buckets full is left out.
void establish(Stage& stage, bool six, const Population& those);

}  // namespace hcd::testrun
