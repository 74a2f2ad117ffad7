// What becomes of a new flow that finds no room, by hash; tests/packets/place_test.cc has the other ways. And what the guard
// and a full table mean for sources, and for errors about flows that have no state.
#include "tests/packets/crowd.h"
#include "tests/packets/guarded.h"
#include "tests/packets/icmp.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

TEST_GROUP(Full){};

namespace {

// A table in which the crowd's states are all established but for those beyond.
struct Full : Guarded {
  std::vector<Endpoint> crowd4, crowd6;

  explicit Full(const Site& at) : Guarded(at, 0), crowd4(crowd(at, kPlaces + 8)), crowd6(crowd(at, kPlaces + 8, true)) {
    for (std::size_t i = 0; i < kPlaces; i++) {
      at.establish(crowd4[i], kVip, kServers.at(i % 3));
      at.establish(crowd6[i], kVip6, kServers6.at(i % 2));
    }
    at.stage.settings[0].when_full = HCD_BY_HASH;
  }
};

void carries_on(const Full& full, const Endpoint& client) {
  full.sends(client, kSyn);
  full.answers(client, kSyn | kAck);
  for (int i = 0; i < 3; i++) {
    full.sends(client, kAck);
    full.answers(client, kAck);
  }
  full.sends(client, kFin | kAck);
  full.answers(client, kFin | kAck);
}

}  // namespace

STILL_PACKET_TEST(Full, carries_whole_connections_by_hash) {
  const Full full(site);
  for (std::size_t i = kPlaces; i < kPlaces + 8; i++) {
    carries_on(full, full.crowd4[i]);
    carries_on(full, full.crowd6[i]);
  }
  LONGS_EQUAL(2 * kPlaces, full.states());
  LONGS_EQUAL(16 * 10, full.reason(HCD_STATELESS));
  LONGS_EQUAL(16, full.reason(HCD_SYN_UNSTORED));
  LONGS_EQUAL(0, full.reason(HCD_FLOODS));
  CHECK(full.pulse().full_seen != 0);
  for (std::size_t i = 0; i < kPlaces; i++) {
    site.forwards(Guarded::from(full.crowd4[i], kAck), kServers.at(i % 3));
    site.answers({.src = kServers6.at(i % 2), .dst = full.crowd6[i], .flags = kAck}, kVip6);
  }
}
STILL_PACKET_TEST(Full, makes_the_state_with_the_same_host_once_there_is_room) {
  const Full full(site);
  const Endpoint& late = full.crowd4[kPlaces];
  full.shake_hands(late);
  full.sends(late, kAck);
  site.stage.states4[2].way[5].key = 0;
  full.sends(late, kAck);
  full.answers(late, kAck);
  CHECK(site.stage.states4[2].way[5].key != 0);
  LONGS_EQUAL(HCD_SIDES_UP, hcd_value_sides(site.stage.states4[2].way[5].value));
  LONGS_EQUAL(1, full.reason(HCD_SYN_RESUMED));
}
// It may have been silent for longer than the filter remembers; its host's packets do without it no more.
STILL_PACKET_TEST(Full, takes_up_a_silent_connection_at_the_clients_packet) {
  const Full full(site);
  const Endpoint& late = full.crowd4[kPlaces];
  full.shake_hands(late);
  std::ranges::fill(site.stage.unstored, 0);
  site.passes(Guarded::answer(late, kAck));
  full.sends(late, kAck);
  full.answers(late, kAck);
}
STILL_PACKET_TEST(Full, evicts_half_open_states_first) {
  const Full full(site);
  site.stage.states4[1].way[0].key = 0;
  site.forwards(Guarded::from(full.crowd4[kPlaces], kSyn), kServers.at(kPlaces % 3));
  site.forwards(Guarded::from(full.crowd4[kPlaces + 1], kSyn), kServers.at((kPlaces + 1) % 3));
  LONGS_EQUAL(1, full.reason(HCD_EVICTED));
  LONGS_EQUAL(0, full.reason(HCD_STATELESS));
}
STILL_PACKET_TEST(Full, drops_what_could_be_another_rules) {
  const Full full(site);
  for (const std::uint32_t host : site.server) site.stage.hosts[host].rule = 0;
  site.drops(Guarded::from(full.crowd4[kPlaces], kSyn), HCD_MEMORY);
  LONGS_EQUAL(1, full.reason(HCD_AMBIGUOUS));
  site.drops(Guarded::from(full.crowd4[kPlaces], kAck), HCD_NO_STATE);
}
STILL_PACKET_TEST(Full, drops_and_says_so_where_it_is_not_by_hash) {
  const Full full(site);
  for (const hcd_when_full policy : {HCD_EVICT_HALF_OPEN, HCD_REFUSE}) {
    site.stage.settings[0].when_full = policy;
    full.pulse().full_seen = 0;
    site.drops(Guarded::from(full.crowd4[kPlaces], kSyn), HCD_MEMORY);
    CHECK(full.pulse().full_seen != 0);
  }
}
STILL_PACKET_TEST(Full, carries_udp_by_hash_both_ways) {
  const Full full(site);
  const std::uint32_t host = site.stage.add_host(kServer2, kUdp), host6 = site.stage.add_host(kServer62, kUdp);
  site.stage.hosts[host].rule = site.stage.add_rule({.to = kVip, .ring = {host}, .proto = kUdp});
  site.stage.hosts[host6].rule = site.stage.add_rule({.to = kVip6, .ring = {host6}, .proto = kUdp});
  for (std::size_t i = kPlaces; i < kPlaces + 8; i++)
    for (int again = 0; again < 2; again++) {
      site.forwards({.src = full.crowd4[i], .dst = kVip, .proto = kUdp, .payload = 9}, kServer2);
      site.answers({.src = kServer2, .dst = full.crowd4[i], .proto = kUdp, .payload = 99}, kVip);
      site.forwards({.src = full.crowd6[i], .dst = kVip6, .proto = kUdp, .payload = 9}, kServer62);
      site.answers({.src = kServer62, .dst = full.crowd6[i], .proto = kUdp, .payload = 99}, kVip6);
    }
  LONGS_EQUAL(2 * kPlaces, full.states());
  LONGS_EQUAL(64, full.reason(HCD_STATELESS));
  LONGS_EQUAL(0, full.reason(HCD_SYN_UNSTORED));
  site.passes({.src = kServer2, .dst = kClient, .proto = kUdp});
}

// Path MTU discovery of a flow without a state.
STILL_PACKET_TEST(Full, translates_errors_about_flows_without_a_state_both_ways) {
  if (site.hook == Hook::Xdp) return;
  const Full full(site);
  const Endpoint& late = full.crowd4[kPlaces];
  const Endpoint host = Guarded::host(late);
  full.sends(late, kSyn);
  IcmpError back{.from = at("198.51.100.1", 0), .to = late, .about = {.src = late, .dst = host, .flags = kAck}};
  Verdict verdict = site.stage.run(site.hook, back.bytes());
  LONGS_EQUAL(site.verdicts().redirect, verdict.action);
  back.from = back.about.dst = kVip, back.ttl--;
  back.mac_to = client_mac(late.address.bytes[3]), back.mac_from = client_mac(0xfe);
  CHECK(verdict.frame == back.bytes());
  IcmpError forth{.from = at("198.51.100.1", 0), .to = kVip, .about = {.src = kVip, .dst = late, .flags = kAck}};
  verdict = site.stage.run(site.hook, forth.bytes());
  LONGS_EQUAL(site.verdicts().redirect, verdict.action);
  forth.to = forth.about.src = host, forth.ttl--;
  forth.mac_to = server_mac(host.address.bytes[3]), forth.mac_from = server_mac(0xfe);
  CHECK(verdict.frame == forth.bytes());
  LONGS_EQUAL(2, full.reason(HCD_ICMP_ERROR));
}

// sticky-address: by the source alone. Who is known keeps his host, and a state as ever.
STILL_PACKET_TEST(Full, keeps_a_sticky_client_with_one_host_in_a_flood) {
  const Guarded guarded(site, 2);
  site.stage.rules[site.rule].flags |= HCD_RULE_STICKY;
  site.stage.cursors[site.rule].next = 1;
  site.establish(client(1), kVip, kServer2);
  site.forwards(Guarded::from(client(2), kSyn), kServer2);
  site.forwards(Guarded::from(client(3), kSyn), kServer2);  // beyond the limit
  LONGS_EQUAL(0, guarded.reason(HCD_STATELESS));
  const Endpoint other = at("203.0.113.6", 40000);
  const auto src = words(other);
  const Endpoint host = kServers.at(hcd_siphash(stage_seed().word, src.data(), 0) % 3);
  for (std::uint16_t port = 40000; port < 40004; port++)
    site.forwards({.src = {other.address, port}, .dst = kVip}, host);
  LONGS_EQUAL(4, guarded.reason(HCD_SYN_UNSTORED));
  site.answers({.src = host, .dst = other, .flags = kSyn | kAck}, kVip);
  site.forwards({.src = other, .dst = kVip, .flags = kAck}, host);
  for (std::uint16_t port = 40001; port < 40008; port++)
    site.forwards({.src = {other.address, port}, .dst = kVip}, host);
  LONGS_EQUAL(4, guarded.reason(HCD_SYN_UNSTORED));
}
STILL_PACKET_TEST(Full, counts_a_source_when_its_state_is_made) {
  const Guarded guarded(site);
  hcd_rule& rule = site.stage.rules[site.rule];
  rule.flags |= HCD_RULE_SOURCE_TRACK;
  rule.max_src_states = 2;
  guarded.flood();
  for (std::uint16_t i = 0; i < 5; i++) guarded.sends(client(i), kSyn);
  for (std::uint16_t i = 0; i < 2; i++) guarded.sends(client(i), kAck);
  site.drops(Guarded::from(client(2), kAck), HCD_SRC_LIMIT);
}
