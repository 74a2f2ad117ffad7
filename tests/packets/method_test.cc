#include <algorithm>
#include <array>

#include <arpa/inet.h>

#include "kmod/pick.h"
#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

TEST_GROUP(Method){};

namespace {

Endpoint client(std::uint16_t number) {
  return {kClient.address, static_cast<std::uint16_t>(20000 + number)};
}

// Which of the three servers a new flow of that client is sent to.
std::size_t server_of(const Site& site, const Endpoint& from) {
  const Verdict verdict = site.run({.src = from, .dst = kVip});
  LONGS_EQUAL(site.verdicts().redirect, verdict.action);
  return verdict.frame[33] - 1U;
}
std::array<int, 3> spread(const Site& site, std::uint16_t flows) {
  std::array<int, 3> got{};
  for (std::uint16_t i = 0; i < flows; i++) {
    got.at(server_of(site, client(i)))++;
    site.stage.states4[0] = {};  // one bucket is not to be full
    if (i % 64 == 0) std::ranges::fill(site.stage.states4, hcd_bucket4{});
  }
  return got;
}

// The ring of least-states: each host once, and its weight.
void use_least_states(const Site& site, std::initializer_list<std::pair<std::uint32_t, std::uint32_t>> pairs) {
  hcd_rule& rule = site.stage.rules[site.rule];
  const auto line = static_cast<std::uint32_t>(rule.ring >> 32);
  std::uint32_t slot = 0;
  for (const auto& [host, weight] : pairs) {
    site.stage.rings[line].host[slot++] = host;
    site.stage.rings[line].host[slot++] = weight;
  }
  rule.method = HCD_LEAST_STATES;
  site.stage.set_ring(site.rule, std::uint64_t{line} << 32 | slot);
}

}  // namespace

PACKET_TEST(Method, random_meets_every_host_about_as_often) {
  site.stage.rules[site.rule].method = HCD_RANDOM;
  for (const int got : spread(site, 3000)) CHECK(got > 800 && got < 1200);  // eight standard deviations
}
PACKET_TEST(Method, least_states_takes_turns_while_all_are_idle) {
  use_least_states(site, {{site.server[0], 1}, {site.server[1], 1}, {site.server[2], 1}});
  for (std::uint16_t i = 0; i < 9; i++) {
    LONGS_EQUAL(i % 3, server_of(site, client(i)));
    site.stage.clear_states();
  }
}
PACKET_TEST(Method, least_states_takes_the_host_with_the_fewest_for_its_weight) {
  use_least_states(site, {{site.server[0], 1}, {site.server[1], 2}, {site.server[2], 4}});
  site.stage.loads[site.server[0]].states = 10;
  site.stage.loads[site.server[1]].states = 18;
  site.stage.loads[site.server[2]].states = 50;
  LONGS_EQUAL(1, server_of(site, client(0)));  // 9 for each weight, now 9.5
  LONGS_EQUAL(1, server_of(site, client(1)));
  LONGS_EQUAL(19 + 1, site.stage.loads[site.server[1]].states);
  site.stage.loads[site.server[2]].states = 39;
  LONGS_EQUAL(2, server_of(site, client(2)));
}
PACKET_TEST(Method, least_states_comes_to_the_weights) {
  use_least_states(site, {{site.server[0], 1}, {site.server[1], 2}, {site.server[2], 1}});
  std::array<int, 3> got{};
  for (std::uint16_t i = 0; i < 80; i++) got.at(server_of(site, client(i)))++;
  LONGS_EQUAL(20, got[0]);
  LONGS_EQUAL(40, got[1]);
  LONGS_EQUAL(20, got[2]);
}
PACKET_TEST(Method, least_states_passes_over_hosts_that_are_gone) {
  use_least_states(site, {{site.server[0], 1}, {site.server[1], 1}, {site.server[2], 1}});
  site.stage.hosts[site.server[0]].flags |= HCD_HOST_DOWN;
  site.stage.hosts[site.server[2]].flags |= HCD_HOST_DOWN;
  for (std::uint16_t i = 0; i < 6; i++) LONGS_EQUAL(1, server_of(site, client(i)));
  site.stage.hosts[site.server[1]].flags |= HCD_HOST_DOWN;
  site.drops({.src = client(9), .dst = kVip}, HCD_NO_HOST);
}
PACKET_TEST(Method, hash_follows_both_ends_of_the_flow) {
  site.stage.rules[site.rule].method = HCD_HASH;
  for (std::uint16_t i = 0; i < 20; i++) {
    __u64 src[2], dst[2];
    std::memcpy(src, kClient.address.bytes.data(), sizeof(src));
    std::memcpy(dst, kVip.address.bytes.data(), sizeof(dst));
    const std::uint64_t hash = hcd_siphash_flow(site.stage.rules[site.rule].hash_key, src, dst, htons(client(i).port),
                                                htons(kVip.port), kTcp, 0);
    LONGS_EQUAL(hash % 3, server_of(site, client(i)));
  }
  for (const int got : spread(site, 3000)) CHECK(got > 800 && got < 1200);
}
PACKET_TEST(Method, hash_follows_both_ends_of_a_flow_over_ipv6) {
  site.stage.rules[site.rule6].method = HCD_HASH;
  const Endpoint order[] = {kServer61, kServer62};
  for (std::uint16_t i = 0; i < 20; i++) {
    __u64 src[2], dst[2];
    const Endpoint from{kClient6.address, static_cast<std::uint16_t>(20000 + i)};
    std::memcpy(src, from.address.bytes.data(), sizeof(src));
    std::memcpy(dst, kVip6.address.bytes.data(), sizeof(dst));
    const std::uint64_t hash =
        hcd_siphash_flow(site.stage.rules[site.rule6].hash_key, src, dst, htons(from.port), htons(kVip6.port), kTcp, 1);
    site.forwards({.src = from, .dst = kVip6}, order[hash % 2]);
  }
}
PACKET_TEST(Method, none_gives_a_host_that_is_gone_a_new_flow_and_its_old_ones_live_on) {
  site.establish(kClient, kVip, kServer1);
  site.stage.hosts[site.server[0]].flags |= HCD_HOST_DOWN;
  for (std::uint16_t i = 0; i < 6; i++) CHECK(server_of(site, client(i)) != 0);
  site.forwards({.src = kClient, .dst = kVip, .flags = kAck}, kServer1);
  site.answers({.src = kServer1, .dst = kClient, .flags = kAck}, kVip);
}
