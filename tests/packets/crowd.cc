#include "tests/packets/crowd.h"

#include <arpa/inet.h>

#include "kmod/index.h"

#include <CppUTest/TestHarness.h>

namespace hcd::packets {
namespace {

std::uint64_t hash_of(const Endpoint& client, bool six) {
  __u64 words[2];
  std::memcpy(words, client.address.bytes.data(), sizeof words);
  return six ? abi::hcd_flow_hash6(stage_seed(), words[0], words[1], htons(client.port))
             : abi::hcd_flow_hash4(stage_seed(), static_cast<__u32>(words[0]), htons(client.port));
}

}  // namespace

std::vector<Endpoint> crowd(const Site& site, std::size_t size, bool six) {
  const auto mask = static_cast<std::uint32_t>(site.stage.states4.size() - 1);
  std::vector<Endpoint> clients;
  Endpoint client = six ? kClient6 : kClient;
  for (std::uint8_t last = 1; last <= 8; last++) {
    client.address.bytes[six ? 15 : 3] = last;
    for (client.port = 1024; clients.size() < size && client.port != 0; client.port++) {
      const std::uint64_t hash = hash_of(client, six);
      if (abi::hcd_flow_bucket(hash, 0, mask) == 0 && abi::hcd_flow_bucket(hash, 1, mask) == 1)
        clients.push_back(client);
    }
  }
  CHECK(clients.size() == size);
  return clients;
}

}  // namespace hcd::packets
