#include <array>

#include <arpa/inet.h>

#include "fastpath/bpf/maps.h"
#include "kmod/count.h"
#include "kmod/index.h"
#include "kmod/pick.h"
#include "kmod/tcp.h"
#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

std::uint32_t sides(const Site& site) {
  return hcd_value_sides(site.state()->value);
}
std::uint32_t both(hcd_tcp_state client, hcd_tcp_state server) {
  return static_cast<std::uint32_t>(client << 4 | server);
}

Frame from_client(std::uint8_t flags) {
  return {.src = kClient, .dst = kVip, .flags = flags};
}
Frame from_server(std::uint8_t flags) {
  return {.src = kServer1, .dst = kClient, .flags = flags};
}

}  // namespace

PACKET_TEST(State, takes_hosts_in_turn_for_new_flows) {
  const Endpoint order[] = {kServer1, kServer2, kServer3};
  for (std::uint16_t i = 0; i < 9; i++)
    site.forwards({.src = {kClient.address, static_cast<std::uint16_t>(2000 + i)}, .dst = kVip}, order[i % 3]);
}
PACKET_TEST(State, keeps_the_host_of_a_flow) {
  site.establish(kClient, kVip, kServer1);
  for (int i = 0; i < 5; i++) site.forwards(from_client(kAck), kServer1);
}
PACKET_TEST(State, keeps_the_host_when_a_syn_is_sent_again) {
  for (int i = 0; i < 3; i++) site.forwards(from_client(kSyn), kServer1);
  LONGS_EQUAL(1, site.stage.rule_stats(site.rule).states);
}
PACKET_TEST(State, chooses_by_siphash_of_the_source_address) {
  site.stage.rules[site.rule].method = HCD_SOURCE_HASH;
  const Endpoint order[] = {kServer1, kServer2, kServer3};
  for (std::uint8_t i = 1; i <= 8; i++) {
    Endpoint client = kClient;
    client.address.bytes[3] = i;
    __u64 words[2];
    std::memcpy(words, client.address.bytes.data(), sizeof(words));
    const std::uint64_t hash = hcd_siphash(site.stage.rules[site.rule].hash_key, words, 0);
    for (std::uint16_t port = 1; port < 4; port++)
      site.forwards({.src = {client.address, port}, .dst = kVip}, order[hash % 3]);
  }
}
PACKET_TEST(State, drops_a_new_flow_of_a_rule_with_an_empty_table) {
  site.stage.set_ring(site.rule, std::uint64_t{1} << 32);
  site.drops(from_client(kSyn), HCD_NO_HOST);
}
PACKET_TEST(State, lets_new_flows_of_a_rule_out_of_force_pass_and_its_states_live_on) {
  site.establish(kClient, kVip, kServer1);
  site.stage.set_ring(site.rule, 0);
  site.forwards(from_client(kAck), kServer1);
  site.answers(from_server(kAck), kVip);
  site.passes({.src = {kClient.address, 40001}, .dst = kVip, .flags = kSyn});
  site.passes({.src = {kClient.address, 40001}, .dst = kVip, .flags = kAck});
}
PACKET_TEST(State, drops_what_has_no_state_and_does_not_open_one) {
  for (const std::uint8_t flags : std::vector<std::uint8_t>{kAck, kSyn | kAck, kFin | kAck, kRst})
    site.drops(from_client(flags), HCD_NO_STATE);
  CHECK(site.state() == nullptr);
}
PACKET_TEST(State, drops_flags_that_make_no_sense_together_with_a_state_or_without) {
  constexpr std::uint8_t kUrg = 32;
  const std::vector<std::uint8_t> nonsense = {
      0, kFin, kPush, kUrg, kSyn | kRst, kSyn | kFin, kSyn | kPush, kRst | kFin, kSyn | kAck | kFin};
  for (const std::uint8_t flags : nonsense) site.drops(from_client(flags), HCD_NORMALIZE);
  CHECK(site.state() == nullptr);
  site.establish(kClient, kVip, kServer1);
  for (const std::uint8_t flags : nonsense) {
    site.drops(from_client(flags), HCD_NORMALIZE);
    site.drops(from_server(flags), HCD_NORMALIZE);
    Frame other = from_client(flags);
    other.dst.port = 81;
    site.passes(other);
  }
  LONGS_EQUAL(both(HCD_ESTABLISHED, HCD_ESTABLISHED), sides(site));
}
PACKET_TEST(State, follows_a_connection_from_its_opening_to_its_end) {
  site.forwards(from_client(kSyn), kServer1);
  LONGS_EQUAL(both(HCD_SYN_SENT, HCD_CLOSED), sides(site));
  site.answers(from_server(kSyn | kAck), kVip);
  LONGS_EQUAL(both(HCD_ESTABLISHED, HCD_SYN_SENT), sides(site));
  site.forwards(from_client(kAck), kServer1);
  LONGS_EQUAL(both(HCD_ESTABLISHED, HCD_ESTABLISHED), sides(site));
  site.forwards(from_client(kFin | kAck), kServer1);
  LONGS_EQUAL(both(HCD_CLOSING, HCD_ESTABLISHED), sides(site));
  site.answers(from_server(kAck), kVip);
  LONGS_EQUAL(both(HCD_FIN_WAIT_2, HCD_ESTABLISHED), sides(site));
  site.answers(from_server(kFin | kAck), kVip);
  LONGS_EQUAL(both(HCD_FIN_WAIT_2, HCD_CLOSING), sides(site));
  site.forwards(from_client(kAck), kServer1);
  LONGS_EQUAL(both(HCD_FIN_WAIT_2, HCD_FIN_WAIT_2), sides(site));
}
PACKET_TEST(State, ends_both_sides_at_a_reset_from_either) {
  site.establish(kClient, kVip, kServer1);
  site.answers(from_server(kRst), kVip);
  LONGS_EQUAL(both(HCD_TIME_WAIT, HCD_TIME_WAIT), sides(site));
  site.stage.clear_states();
  site.stage.cursors[site.rule].next = 0;
  site.establish(kClient, kVip, kServer1);
  site.forwards(from_client(kRst), kServer1);
  LONGS_EQUAL(both(HCD_TIME_WAIT, HCD_TIME_WAIT), sides(site));
}
PACKET_TEST(State, picks_anew_for_a_syn_on_a_closed_connection) {
  site.establish(kClient, kVip, kServer1);
  site.answers(from_server(kRst), kVip);
  site.forwards(from_client(kSyn), kServer2);
  LONGS_EQUAL(both(HCD_SYN_SENT, HCD_CLOSED), sides(site));
}
PACKET_TEST(State, picks_anew_for_a_syn_after_both_sides_sent_fin) {
  site.establish(kClient, kVip, kServer1);
  site.forwards(from_client(kFin | kAck), kServer1);
  site.answers(from_server(kFin | kAck), kVip);
  site.forwards(from_client(kSyn), kServer2);
}
PACKET_TEST(State, picks_anew_for_a_syn_on_an_expired_state) {
  site.establish(kClient, kVip, kServer1);
  Site::age(site.state()->value, 86400 + 60);
  site.forwards(from_client(kSyn), kServer2);
}
PACKET_TEST(State, picks_anew_for_an_unanswered_syn_when_its_host_went_down) {
  site.forwards(from_client(kSyn), kServer1);
  site.stage.hosts[site.server[0]].flags |= HCD_HOST_DOWN;
  site.forwards(from_client(kSyn), kServer2);
}
PACKET_TEST(State, passes_over_a_host_in_the_ring_that_is_down) {
  site.stage.hosts[site.server[0]].flags |= HCD_HOST_DOWN;
  site.forwards(from_client(kSyn), kServer2);
  for (const std::uint32_t host : site.server) site.stage.hosts[host].flags |= HCD_HOST_DOWN;
  site.drops({.src = {kClient.address, 40001}, .dst = kVip}, HCD_NO_HOST);
}
PACKET_TEST(State, lets_an_established_connection_to_a_down_host_go_on) {
  site.establish(kClient, kVip, kServer1);
  site.stage.hosts[site.server[0]].flags |= HCD_HOST_DOWN;
  site.forwards(from_client(kAck), kServer1);
  site.answers(from_server(kAck), kVip);
}
namespace {

// How a connection comes to have each of the timeouts first, opening, established, closing, finwait, closed.
struct Course {
  std::vector<std::uint8_t> client, server;
  hcd_timeout_name timeout;
};
const Course kCourses[] = {{{}, {}, HCD_TM_TCP_FIRST},
                           {{}, {kSyn | kAck}, HCD_TM_TCP_OPENING},
                           {{kAck}, {kSyn | kAck}, HCD_TM_TCP_ESTABLISHED},
                           {{kAck, kFin | kAck}, {kSyn | kAck}, HCD_TM_TCP_CLOSING},
                           {{kAck, kFin | kAck}, {kSyn | kAck, kFin | kAck}, HCD_TM_TCP_FINWAIT},
                           {{kRst}, {}, HCD_TM_TCP_CLOSED}};
// The state is forgotten after so long, a tick's width from both sides.
void lasts(const Site& site, const Course& course, std::uint64_t seconds) {
  for (const std::uint64_t late : {0, 4}) {
    site.stage.clear_states();
    site.stage.cursors[site.rule].next = 0;
    site.forwards(from_client(kSyn), kServer1);
    for (const std::uint8_t flags : course.server) site.answers(from_server(flags), kVip);
    for (const std::uint8_t flags : course.client) site.forwards(from_client(flags), kServer1);
    Site::age(site.state()->value, seconds - 2 + late);
    if (late == 0)
      site.answers(from_server(kAck), kVip);
    else
      site.drops(from_client(kAck), HCD_NO_STATE);
  }
}

}  // namespace

PACKET_TEST(State, forgets_each_kind_of_state_after_pfs_timeout) {
  constexpr std::uint64_t kSeconds[] = HCD_TIMEOUT_DEFAULTS;
  for (const Course& course : kCourses) lasts(site, course, kSeconds[course.timeout]);
}
PACKET_TEST(State, forgets_each_kind_of_state_after_the_timeout_of_its_rules_set) {
  hcd_timeout_set& set = site.stage.timeouts[1];
  for (int name = 0; name < HCD_TM_COUNT; name++) set.ticks[name] = (20 + 10 * name) * 250 >> 8;
  site.stage.rules[site.rule].timeouts = 1;
  site.stage.rules[site.rule].established = 0;
  for (const Course& course : kCourses) lasts(site, course, 20 + 10 * static_cast<std::uint64_t>(course.timeout));
}
PACKET_TEST(State, takes_a_rules_own_timeout_for_established_connections) {
  site.stage.rules[site.rule].established = 10;
  site.establish(kClient, kVip, kServer1);
  Site::age(site.state()->value, 20);
  site.drops(from_client(kAck), HCD_NO_STATE);
  site.passes(from_server(kAck));
}
PACKET_TEST(State, refreshes_an_old_state_that_is_used) {
  site.establish(kClient, kVip, kServer1);
  const std::uint64_t fresh = site.state()->value;
  Site::age(site.state()->value, 1000);
  site.forwards(from_client(kAck), kServer1);
  CHECK(site.state()->value - fresh <= std::uint64_t{1} << 32);
}
PACKET_TEST(State, takes_a_tick_from_the_future_for_a_fresh_one) {
  site.establish(kClient, kVip, kServer1);
  site.state()->value += std::uint64_t{1} << 32;
  site.forwards(from_client(kAck), kServer1);
}
PACKET_TEST(State, is_not_made_beyond_the_limit_of_its_rule) {
  site.stage.rules[site.rule].max_states = 2;
  site.establish(kClient, kVip, kServer1);
  site.establish({kClient.address, 40001}, kVip, kServer2);
  const Frame third{.src = {kClient.address, 40002}, .dst = kVip};
  site.drops(third, HCD_STATE_LIMIT);
  site.forwards(from_client(kAck), kServer1);
  site.forwards({.src = kClient6, .dst = kVip6}, kServer61);  // another rule's affair
  site.answers(from_server(kRst), kVip);
  site.drops(third, HCD_STATE_LIMIT);
  site.forwards(from_client(kSyn), kServer3);  // its own place
  for (auto& bucket : site.stage.states4)
    for (auto& way : bucket.way) Site::age(way.value, 100'000);
  site.drops(from_client(kAck), HCD_NO_STATE);
  site.forwards(third, kServer1);
}
PACKET_TEST(State, tells_two_rules_for_one_host_apart_by_taking_another_host) {
  const Endpoint second = at("192.0.2.90", 80);
  (void)site.stage.add_rule({.to = second, .ring = {site.server[0], site.server[1]}});
  site.establish(kClient, kVip, kServer1);
  site.forwards({.src = kClient, .dst = second}, kServer2);
  site.answers({.src = kServer2, .dst = kClient, .flags = kSyn | kAck}, second);
  site.answers({.src = kServer1, .dst = kClient, .flags = kAck}, kVip);
}
PACKET_TEST(State, drops_a_flow_that_no_host_could_answer_unmistakably) {
  const Endpoint second = at("192.0.2.90", 80);
  (void)site.stage.add_rule({.to = second, .ring = {site.server[0]}});
  site.establish(kClient, kVip, kServer1);
  site.drops({.src = kClient, .dst = second}, HCD_STATE_INSERT);
  site.forwards({.src = kClient, .dst = kVip, .flags = kRst}, kServer1);
  site.forwards({.src = kClient, .dst = second}, kServer1);
  site.answers({.src = kServer1, .dst = kClient, .flags = kSyn | kAck}, second);
}
PACKET_TEST(State, ignores_an_entry_that_is_being_written) {
  site.forwards(from_client(kSyn), kServer1);
  site.state()->key |= HCD_RULE_BUSY;
  site.drops(from_client(kAck), HCD_NO_STATE);
  site.drops(from_client(kSyn), HCD_STATE_RACE);
}
PACKET_TEST(State, forgets_a_state_that_userland_kills) {
  site.establish(kClient, kVip, kServer1);
  site.state()->key = 0;
  site.drops(from_client(kAck), HCD_NO_STATE);
  site.passes(from_server(kAck));
}
PACKET_TEST(State, stores_the_ipv6_client_beside_its_key) {
  site.establish(kClient6, kVip6, kServer61);
  CHECK(std::memcmp(site.state6()->addr, kClient6.address.bytes.data(), 16) == 0);
  LONGS_EQUAL(site.rule6, site.state6()->key & 0xffff);
  LONGS_EQUAL(HCD_SIDES_UP, hcd_value_sides(site.state6()->value));
}
PACKET_TEST(State, counts_its_packets_both_ways_from_its_birth_on) {
  site.establish(kClient, kVip, kServer1);
  site.establish(kClient6, kVip6, kServer61);
  site.forwards({.src = kClient, .dst = kVip, .flags = kAck, .payload = 100}, kServer1);
  site.answers({.src = kServer61, .dst = kClient6, .flags = kAck, .payload = 1000}, kVip6);
  const auto counts = [](const auto* state, int side, std::uint64_t packets, std::uint64_t bytes) {
    LONGS_EQUAL(packets, hcd_count_packets(state->counts[side]));
    LONGS_EQUAL(bytes, hcd_count_bytes(state->counts[side]));
  };
  counts(site.state(), 0, 3, 3 * 40 + 100);
  counts(site.state(), 1, 1, 40);
  counts(site.state6(), 0, 2, 120);
  counts(site.state6(), 1, 2, 2 * 60 + 1000);
}
PACKET_TEST(State, notes_its_birth_and_its_virtual_port) {
  site.establish(kClient, kVip, kServer1);
  site.establish(kClient6, kVip6, kServer61);
  const auto notes = [](auto& buckets, const auto* state) {
    for (auto& bucket : buckets)
      for (std::size_t way = 0; way < HCD_WAYS; way++) {
        const hcd_more& more = hcd::fastpath::more_of(bucket, way);
        const bool here = &bucket.way[way] == state;
        CHECK(here ? hcd_value_seen(state->value) - more.birth <= 1 : more.birth == 0);
        LONGS_EQUAL(here ? htons(kVip.port) : 0, more.vport);
      }
  };
  notes(site.stage.states4, site.state());
  notes(site.stage.states6, site.state6());
}
PACKET_TEST(State, is_counted_with_its_rule_and_host_until_it_dies) {
  const auto live = [&](std::uint32_t all, std::uint32_t first, std::uint32_t second) {
    LONGS_EQUAL(all, site.stage.live());
    LONGS_EQUAL(all, site.stage.cursors[site.rule].states);
    LONGS_EQUAL(first, site.stage.loads[site.server[0]].states);
    LONGS_EQUAL(second, site.stage.loads[site.server[1]].states);
  };
  site.establish(kClient, kVip, kServer1);
  live(1, 1, 0);
  site.answers(from_server(kRst), kVip);
  live(1, 1, 0);
  site.forwards(from_client(kSyn), kServer2);
  live(1, 0, 1);
  Site::age(site.state()->value, 1000);
  site.drops(from_client(kAck), HCD_NO_STATE);
  live(0, 0, 0);
}
// The answers go another way, as with direct server return.
PACKET_TEST(State, goes_on_where_one_direction_is_seen_if_its_rule_is_sloppy) {
  site.forwards(from_client(kSyn), kServer1);
  site.forwards(from_client(kAck), kServer1);
  LONGS_EQUAL(both(HCD_SYN_SENT, HCD_CLOSED), sides(site));
  site.stage.rules[site.rule].flags |= HCD_RULE_SLOPPY;
  site.forwards(from_client(kAck), kServer1);
  LONGS_EQUAL(both(HCD_ESTABLISHED, HCD_ESTABLISHED), sides(site));
  site.forwards(from_client(kFin | kAck), kServer1);
  LONGS_EQUAL(both(HCD_CLOSING, HCD_CLOSING), sides(site));
  site.forwards(from_client(kAck), kServer1);
  LONGS_EQUAL(both(HCD_CLOSING, HCD_FIN_WAIT_2), sides(site));
}
PACKET_TEST(State, of_a_sloppy_rule_believes_an_answer_that_is_seen_after_all) {
  site.stage.rules[site.rule].flags |= HCD_RULE_SLOPPY;
  site.establish(kClient, kVip, kServer1);
  site.forwards(from_client(kFin | kAck), kServer1);
  LONGS_EQUAL(both(HCD_CLOSING, HCD_ESTABLISHED), sides(site));
}
