// SYNs that come in a flood, and go on without a state.
#include "tests/packets/crowd.h"
#include "tests/packets/guarded.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

TEST_GROUP(Guard){};

namespace {

// As if the filter had all flows in it.
void remember_all(const Guarded& guarded) {
  const std::uint32_t generation = guarded.pulse().flood_until / 128 - 2;
  const std::uint64_t word = std::uint64_t{generation} << 48 | ((std::uint64_t{1} << 48) - 1);
  std::ranges::fill(guarded.site.stage.unstored, word);
}

}  // namespace

STILL_PACKET_TEST(Guard, is_off_unless_it_is_asked_for) {
  const Guarded guarded(site, 0);
  for (std::uint16_t i = 0; i < 30; i++) site.forwards(Guarded::from(client(i), kSyn), kServers.at(i % 3));
  LONGS_EQUAL(30, guarded.states());
  LONGS_EQUAL(0, guarded.pulse().inserts);
  LONGS_EQUAL(0, guarded.reason(HCD_STATELESS));
}
STILL_PACKET_TEST(Guard, stores_as_many_new_states_in_a_tick_as_it_may_and_sends_the_next_syn_on_without) {
  const Guarded guarded(site, 4);
  for (std::uint16_t i = 0; i < 4; i++) site.forwards(Guarded::from(client(i), kSyn), kServers.at(i % 3));
  LONGS_EQUAL(0, guarded.pulse().flood_seen);
  for (std::uint16_t i = 4; i < 40; i++) guarded.sends(client(i), kSyn);
  for (std::uint16_t i = 0; i < 40; i++) guarded.sends(client6(i), kSyn);
  LONGS_EQUAL(4, guarded.states());
  LONGS_EQUAL(4, guarded.reason(HCD_CREATED));
  LONGS_EQUAL(76, guarded.reason(HCD_STATELESS));
  LONGS_EQUAL(76, guarded.reason(HCD_SYN_UNSTORED));
  LONGS_EQUAL(1, guarded.reason(HCD_FLOODS));
  CHECK(guarded.pulse().flood_seen != 0);
  LONGS_EQUAL(0, guarded.pulse().full_seen);
}
STILL_PACKET_TEST(Guard, counts_a_flood_anew_when_none_was_for_a_while) {
  const Guarded guarded(site);
  guarded.flood();
  for (std::uint16_t i = 0; i < 4; i++) guarded.sends(client(i), kSyn);
  guarded.pulse().flood_seen -= 150;
  guarded.sends(client(4), kSyn);
  LONGS_EQUAL(1, guarded.reason(HCD_FLOODS));
  guarded.pulse().flood_seen -= 170;
  guarded.sends(client(5), kSyn);
  LONGS_EQUAL(2, guarded.reason(HCD_FLOODS));
}
// Round-robin, whose ring the hash indexes; least-states, whose ring has pairs; and the hashes themselves.
STILL_PACKET_TEST(Guard, has_the_clients_next_packet_make_the_state_with_the_same_host) {
  const Guarded guarded(site);
  guarded.flood();
  std::array<bool, 3> met{};
  for (std::uint16_t i = 0; i < 20; i++) {
    guarded.shake_hands(client(i));
    guarded.shake_hands(client6(i));
    LONGS_EQUAL(1 + 2 * (i + 1), guarded.states());
    met.at(Guarded::place(client(i))) = true;
  }
  CHECK(met == (std::array{true, true, true}));
  LONGS_EQUAL(40, guarded.reason(HCD_SYN_RESUMED));
  LONGS_EQUAL(80, guarded.reason(HCD_STATELESS));  // SYN and SYN-ACK
  for (std::uint16_t i = 0; i < 20; i++) {
    guarded.answers(client(i), kAck);
    guarded.answers(client6(i), kAck);
    guarded.sends(client(i), kAck);
    guarded.sends(client6(i), kAck);
  }
  LONGS_EQUAL(80, guarded.reason(HCD_STATELESS));
  const auto four = all_sides(site.stage.states4), six = all_sides(site.stage.states6);
  LONGS_EQUAL(20, std::ranges::count(four, HCD_SIDES_UP));
  LONGS_EQUAL(20, std::ranges::count(six, HCD_SIDES_UP));
}
STILL_PACKET_TEST(Guard, goes_by_the_weights_of_least_states) {
  const Guarded guarded(site);
  hcd_rule& rule = site.stage.rules[site.rule];
  const auto line = static_cast<std::uint32_t>(rule.ring >> 32);
  const std::uint32_t pairs[] = {site.server[0], 1, site.server[1], 2, site.server[2], 5};
  std::ranges::copy(pairs, site.stage.rings[line].host);
  rule.method = HCD_LEAST_STATES;
  site.stage.set_ring(site.rule, std::uint64_t{line} << 32 | 6);
  guarded.flood();
  std::array<int, 3> got{};
  for (std::uint16_t i = 0; i < 4000; i++) {
    const Verdict verdict = site.run(Guarded::from(client(i), kSyn));
    got.at(verdict.frame[33] - 1U)++;
    if (i % 100 != 0) continue;
    const Endpoint host = kServers.at(verdict.frame[33] - 1U);
    site.answers({.src = host, .dst = client(i), .flags = kSyn | kAck}, kVip);
    site.forwards(Guarded::from(client(i), kAck), host);
  }
  CHECK(got[0] > 400 && got[0] < 600);  // of 500: five standard deviations
  CHECK(got[1] > 860 && got[1] < 1140);
  CHECK(got[2] > 2350 && got[2] < 2650);
  LONGS_EQUAL(0, guarded.reason(HCD_AMBIGUOUS));
}
STILL_PACKET_TEST(Guard, keeps_the_rules_own_hash) {
  const Guarded guarded(site);
  site.stage.rules[site.rule].method = HCD_SOURCE_HASH;
  guarded.flood();
  const auto src = words(kClient);
  const Endpoint host = kServers.at(hcd_siphash(site.stage.rules[site.rule].hash_key, src.data(), 0) % 3);
  for (std::uint16_t i = 0; i < 9; i++) site.forwards(Guarded::from(client(i), kSyn), host);
  LONGS_EQUAL(9, guarded.reason(HCD_SYN_UNSTORED));
}
STILL_PACKET_TEST(Guard, sends_a_syn_that_comes_again_to_the_same_host_stored_or_not) {
  const Guarded guarded(site);
  guarded.flood();
  for (std::uint16_t i = 0; i < 9; i++) {
    guarded.sends(client(i), kSyn);
    guarded.sends(client(i), kSyn);
  }
  site.stage.settings[0].flood_inserts = 1000;
  for (std::uint16_t i = 0; i < 9; i++) guarded.sends(client(i), kSyn);
  LONGS_EQUAL(1 + 9, guarded.states());
}
STILL_PACKET_TEST(Guard, lets_no_packet_in_the_midst_of_a_connection_in_that_did_not_begin_so) {
  const Guarded guarded(site);
  site.drops(Guarded::from(kClient, kAck), HCD_NO_STATE);
  guarded.flood();
  guarded.sends(client(1), kSyn);
  site.drops(Guarded::from(client(2), kAck), HCD_NO_STATE);
  site.drops(Guarded::from(client(1), kSyn | kAck), HCD_NO_STATE);
  LONGS_EQUAL(1, guarded.states());
}
// An ACK alone buys a state that is as cheap as a SYN's: opening, and the first to go.
STILL_PACKET_TEST(Guard, makes_a_state_that_is_half_open_until_the_host_answers) {
  const Guarded guarded(site);
  guarded.flood();
  guarded.sends(kClient, kSyn);
  for (int i = 0; i < 4; i++) guarded.sends(kClient, kAck);
  const auto sides = all_sides(site.stage.states4);
  CHECK(std::ranges::count(sides, HCD_SIDES_RESUMED) == 1);
  CHECK(std::ranges::count(sides, HCD_SIDES_UP) == 0);
  LONGS_EQUAL(HCD_TM_TCP_OPENING, hcd_timeout_of(HCD_SIDES_RESUMED, 0));
  CHECK(hcd_sides_half_open(HCD_SIDES_RESUMED, 0));
  guarded.answers(kClient, kRst | kAck);
  CHECK(std::ranges::count(all_sides(site.stage.states4), HCD_TIME_WAIT << 4 | HCD_TIME_WAIT) == 1);
}
STILL_PACKET_TEST(Guard, never_evicts_an_established_connection_for_syns_or_acks) {
  const Guarded guarded(site, 1000);
  const auto clients = crowd(site, 3 * kPlaces);
  for (std::size_t i = 0; i + 1 < kPlaces; i++) site.establish(clients[i], kVip, kServers.at(i % 3));
  site.stage.settings[0].flood_inserts = 1;
  for (std::size_t i = kPlaces; i < 3 * kPlaces; i++) {
    guarded.sends(clients[i], kSyn);
    guarded.sends(clients[i], kAck);
    guarded.sends(clients[i], kAck);
  }
  LONGS_EQUAL(2 * kPlaces - 1, guarded.reason(HCD_EVICTED));
  const std::uint64_t stateless = guarded.reason(HCD_STATELESS);
  for (std::size_t i = 0; i + 1 < kPlaces; i++) {
    site.forwards(Guarded::from(clients[i], kAck), kServers.at(i % 3));
    site.answers({.src = kServers.at(i % 3), .dst = clients[i], .flags = kAck}, kVip);
  }
  LONGS_EQUAL(stateless, guarded.reason(HCD_STATELESS));
}
// A flow whose state is evicted while it is half-open goes on, for its host is found again.
STILL_PACKET_TEST(Guard, makes_an_evicted_state_again) {
  const Guarded guarded(site, 2);
  guarded.flood();
  guarded.sends(client(0), kSyn);
  site.stage.settings[0].flood_inserts = 1000;
  guarded.sends(client(1), kSyn);
  LONGS_EQUAL(3, guarded.states());
  for (auto& bucket : site.stage.states4) bucket = {};
  guarded.answers(client(1), kSyn | kAck);
  guarded.sends(client(1), kAck);
  guarded.answers(client(1), kAck);
  CHECK(std::ranges::count(all_sides(site.stage.states4), HCD_SIDES_UP) == 1);
}
STILL_PACKET_TEST(Guard, goes_on_storing_where_a_hosts_answers_could_be_another_rules) {
  const Guarded guarded(site);
  for (const std::uint32_t host : site.server) site.stage.hosts[host].rule = 0;
  for (std::uint16_t i = 0; i < 9; i++) site.forwards(Guarded::from(client(i), kSyn), kServers.at(i % 3));
  LONGS_EQUAL(9, guarded.states());
  LONGS_EQUAL(8, guarded.reason(HCD_AMBIGUOUS));
  LONGS_EQUAL(0, guarded.reason(HCD_SYN_UNSTORED));
  LONGS_EQUAL(0, guarded.pulse().flood_until);
}
STILL_PACKET_TEST(Guard, leaves_alone_what_a_host_sends_to_who_has_not_asked) {
  const Guarded guarded(site);
  guarded.flood();
  guarded.sends(client(1), kSyn);
  for (const std::uint8_t flags : std::vector<std::uint8_t>{kSyn | kAck, kAck, kRst | kAck})
    site.passes({.src = kServer1, .dst = client(2), .flags = flags});
  site.passes({.src = at("10.0.0.1", 22), .dst = client(1), .flags = kSyn | kAck});
  remember_all(guarded);
  site.answers({.src = kServer1, .dst = client(2), .flags = kSyn | kAck}, kVip);
  site.passes({.src = kServer1, .dst = at("10.0.0.254", 40000), .flags = kSyn | kAck});  // a check of ours
}
// The first SYN went to another host before there was a flood, or after it.
STILL_PACKET_TEST(Guard, leaves_alone_what_a_host_sends_to_a_flow_of_another) {
  const Guarded guarded(site);
  guarded.flood();
  guarded.shake_hands(client(1));
  for (std::size_t i = 0; i < kServers.size(); i++)
    if (i != Guarded::place(client(1))) site.passes({.src = kServers.at(i), .dst = client(1), .flags = kSyn | kAck});
}
STILL_PACKET_TEST(Guard, forgets_when_the_flood_is_over) {
  const Guarded guarded(site);
  guarded.flood();
  guarded.sends(client(1), kSyn);
  guarded.pulse().flood_until = guarded.pulse().flood_seen;
  site.passes(Guarded::answer(client(1), kSyn | kAck));
  site.drops(Guarded::from(client(1), kAck), HCD_NO_STATE);
  site.stage.settings[0].flood_inserts = 1000;
  site.stage.cursors[site.rule].next = 0;
  for (std::uint16_t i = 2; i < 8; i++) site.forwards(Guarded::from(client(i), kSyn), kServers.at((i - 2U) % 3));
}
// The filter's words of the generation before count, those of the one before that do not.
STILL_PACKET_TEST(Guard, remembers_for_two_generations) {
  const Guarded guarded(site);
  guarded.flood();
  guarded.sends(client(1), kSyn);
  const auto filter = site.stage.unstored;
  const std::size_t half = filter.size() / 2;
  for (const std::uint64_t back : {1, 2}) {
    std::vector<std::uint64_t> moved(filter.size());
    for (std::size_t i = 0; i < filter.size(); i++)
      if (filter[i] != 0) moved[(i + half) % filter.size()] = filter[i] - (std::uint64_t{1} << 48);
    std::ranges::copy(moved, filter.begin());
    if (back == 1)
      guarded.answers(client(1), kSyn | kAck);
    else
      site.passes(Guarded::answer(client(1), kSyn | kAck));
  }
}
STILL_PACKET_TEST(Guard, passes_resets_on_both_ways_and_stores_nothing) {
  const Guarded guarded(site);
  guarded.flood();
  guarded.sends(client(1), kSyn);
  guarded.answers(client(1), kRst | kAck);
  guarded.sends(client(1), kRst);
  LONGS_EQUAL(1, guarded.states());
}
STILL_PACKET_TEST(Guard, leaves_udp_to_its_states) {
  const Guarded guarded(site);
  const std::uint32_t host = site.stage.add_host(kServer2, kUdp);
  const std::uint32_t rule = site.stage.add_rule({.to = kVip, .ring = {host}, .proto = kUdp});
  site.stage.hosts[host].rule = rule;
  guarded.flood();
  for (std::uint16_t i = 0; i < 9; i++) site.forwards({.src = client(i), .dst = kVip, .proto = kUdp}, kServer2);
  LONGS_EQUAL(1 + 9, guarded.states());
  LONGS_EQUAL(1, guarded.pulse().inserts);
}
STILL_PACKET_TEST(Guard, drops_a_syn_to_an_empty_table) {
  const Guarded guarded(site);
  guarded.flood();
  site.stage.set_ring(site.rule, std::uint64_t{1} << 32);
  site.drops(Guarded::from(client(1), kSyn), HCD_NO_HOST);
  site.stage.set_ring(site.rule, 0);
  site.passes(Guarded::from(client(1), kSyn));
}
STILL_PACKET_TEST(Guard, has_the_ports_of_a_range_told_apart_by_the_hosts) {
  Guarded guarded(site);
  const std::uint32_t any = site.stage.add_host(at("10.0.0.4", 0)), one = site.stage.add_host(at("10.0.0.5", 7000));
  const Endpoint shifted = at("192.0.2.81", 0), alike = at("192.0.2.82", 0);
  const std::uint32_t shifts = site.stage.add_rule(
      {.to = shifted, .ring = {any}, .flags = HCD_RULE_SHIFT, .first = 8000, .last = 8009, .target = 9000});
  const std::uint32_t joins = site.stage.add_rule({.to = alike, .ring = {one}, .first = 8000, .last = 8009});
  site.stage.hosts[any].rule = shifts;
  site.stage.hosts[one].rule = joins;
  guarded.flood();
  const Endpoint to = at("192.0.2.81", 8003), host = at("10.0.0.4", 9003);
  site.forwards({.src = client(1), .dst = to}, host);
  site.answers({.src = host, .dst = client(1), .flags = kSyn | kAck}, to);
  site.passes({.src = at("10.0.0.4", 9010), .dst = client(1), .flags = kSyn | kAck});
  LONGS_EQUAL(1, guarded.states());
  site.forwards({.src = client(1), .dst = at("192.0.2.82", 8003)}, at("10.0.0.5", 7000));
  LONGS_EQUAL(2, guarded.states());
  LONGS_EQUAL(1, guarded.reason(HCD_AMBIGUOUS));
}
