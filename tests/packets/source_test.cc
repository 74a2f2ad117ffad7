// Source nodes: sticky-address and the limits of sources, as pf has them.
#include "kmod/source.h"

#include <atomic>
#include <chrono>
#include <thread>

#include <arpa/inet.h>
#include <bpf/bpf.h>

#include "kmod/tcp.h"
#include "tests/packets/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;

namespace {

constexpr std::uint32_t kTable = 9;
const Endpoint kOther = at("203.0.113.8", 40000), kOther6 = at("2001:db8:c::8", 40000);

Endpoint at_port(const Endpoint& client, std::uint16_t port) {
  return {client.address, port};
}
Frame syn(const Endpoint& client, const Endpoint& vip) {
  return {.src = client, .dst = vip, .flags = kSyn};
}
Frame ack(const Endpoint& client, const Endpoint& vip) {
  return {.src = client, .dst = vip, .flags = kAck};
}

std::vector<hcd_source*> nodes(const Site& site) {
  std::vector<hcd_source*> out;
  for (hcd_source& node : site.stage.sources)
    if (node.key != 0) out.push_back(&node);
  return out;
}
hcd_source& node(const Site& site) {
  CHECK(nodes(site).size() == 1);
  return *nodes(site).front();
}
// All states but those of the family look as if they were from long ago.
void expire(const Site& site) {
  for (auto& bucket : site.stage.states4)
    for (auto& way : bucket.way) Site::age(way.value, 200'000);
  for (auto& bucket : site.stage.states6)
    for (auto& way : bucket.way) Site::age(way.value, 200'000);
}
void track_for(const Site& site, std::uint32_t seconds) {
  site.stage.timeouts[0].ticks[HCD_TM_SRC_TRACK] = seconds * 250 >> 8;
}
// The state of this client ends as soon as its next packet comes.
void end(const Site& site, const Endpoint& client, const Endpoint& vip) {
  expire(site);
  site.drops(ack(client, vip), HCD_NO_STATE);
}
// The packets of a handshake but for its last one.
void open(const Site& site, const Endpoint& client, const Endpoint& vip, const Endpoint& server) {
  site.forwards(syn(client, vip), server);
  site.answers({.src = server, .dst = client, .flags = kSyn | kAck}, vip);
}
hcd_rule& limited(const Site& site, std::uint32_t flags) {
  hcd_rule& rule = site.stage.rules[site.rule];
  rule.flags |= flags;
  return rule;
}
bool in_table(const Site& site, const hcd::Address& address) {
  hcd_network4_key key{.prefix = 64, .table = kTable};
  std::memcpy(key.addr, address.bytes.data(), sizeof key.addr);
  std::uint32_t value = 0;
  return bpf_map_lookup_elem(site.stage.map("hcd_networks4"), &key, &value) == 0 && (value & 3) == HCD_OVERLOADED;
}

template <class Done>
bool waited_for(const Done& done) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done() && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return done();
}

}  // namespace

TEST_GROUP(Source){};

PACKET_TEST(Source, sticky_leads_a_client_to_the_host_that_it_has_as_long_as_it_has_a_state) {
  limited(site, HCD_RULE_STICKY);
  for (std::uint16_t port = 1; port <= 4; port++) site.forwards(syn(at_port(kClient, port), kVip), kServer1);
  site.forwards(syn(kOther, kVip), kServer2);
  for (std::uint16_t port = 5; port <= 8; port++) site.forwards(syn(at_port(kClient, port), kVip), kServer1);
  LONGS_EQUAL(2, site.stage.pulse[0].sources);
  LONGS_EQUAL(2, site.stage.cursors[site.rule].sources);
  for (std::uint16_t port = 1; port <= 8; port++) end(site, at_port(kClient, port), kVip);
  LONGS_EQUAL(1, site.stage.pulse[0].sources);
  site.forwards(syn(kClient, kVip), kServer3);
}
PACKET_TEST(Source, sticky_leads_clients_of_ipv6_as_well) {
  site.stage.rules[site.rule6].flags |= HCD_RULE_STICKY;
  for (std::uint16_t port = 1; port <= 3; port++) site.forwards(syn(at_port(kClient6, port), kVip6), kServer61);
  site.forwards(syn(kOther6, kVip6), kServer62);
  for (std::uint16_t port = 1; port <= 3; port++) end(site, at_port(kClient6, port), kVip6);
  LONGS_EQUAL(1, site.stage.pulse[0].sources);
  end(site, kOther6, kVip6);
  LONGS_EQUAL(0, site.stage.pulse[0].sources);
  LONGS_EQUAL(0, site.stage.cursors[site.rule6].sources);
}
PACKET_TEST(Source, a_node_outlives_its_last_state_by_src_track) {
  limited(site, HCD_RULE_STICKY);
  track_for(site, 60);
  site.forwards(syn(kClient, kVip), kServer1);
  end(site, kClient, kVip);
  LONGS_EQUAL(0, node(site).states);
  site.forwards(syn(kClient, kVip), kServer1);
  end(site, kClient, kVip);
  node(site).seen -= (58 * 250 >> 8);
  site.forwards(syn(kClient, kVip), kServer1);
  end(site, kClient, kVip);
  LONGS_EQUAL(1, site.stage.pulse[0].sources);
}
PACKET_TEST(Source, a_node_whose_time_is_over_makes_room_for_another) {
  limited(site, HCD_RULE_SOURCE_TRACK);
  site.forwards(syn(kOther, kVip), kServer1);
  const std::uint32_t now = hcd_value_seen(site.state()->value);
  for (hcd_source& one : site.stage.sources) one = {.key = 77ULL << 8 | 4, .seen = now - 100, .track = 1};
  site.stage.pulse[0].sources = 64;
  site.stage.cursors[site.rule].sources = 0;
  site.forwards(syn(kClient, kVip), kServer2);
  LONGS_EQUAL(64, site.stage.pulse[0].sources);
  LONGS_EQUAL(1, site.stage.cursors[site.rule].sources);
}
PACKET_TEST(Source, a_node_that_leads_to_a_host_that_has_left_is_led_anew) {
  limited(site, HCD_RULE_STICKY);
  site.forwards(syn(kClient, kVip), kServer1);
  site.stage.hosts[site.server[0]].flags |= HCD_HOST_DOWN;
  site.forwards(syn(at_port(kClient, 1), kVip), kServer2);
  site.stage.hosts[site.server[0]].flags = HCD_HOST_USED;
  site.forwards(syn(at_port(kClient, 2), kVip), kServer2);
  site.stage.hosts[site.server[1]].flags |= HCD_HOST_DOWN;
  site.forwards(syn(at_port(kClient, 3), kVip), kServer3);
  LONGS_EQUAL(4, node(site).states);
}
// The host may be in other tables still: what counts is the rule's own.
PACKET_TEST(Source, a_lead_is_looked_for_in_the_ring_once_the_table_has_changed) {
  hcd_rule& rule = limited(site, HCD_RULE_STICKY);
  site.forwards(syn(kClient, kVip), kServer1);
  const std::uint32_t line = 40;
  site.stage.rings[line] = {.host = {site.server[2], site.server[1], site.server[0]}};
  rule.version += 2;
  rule.ring = std::uint64_t{line} << 32 | 3;
  site.forwards(syn(at_port(kClient, 1), kVip), kServer1);
  LONGS_EQUAL(rule.version, hcd_lead_version(node(site).lead));
  rule.version += 2;
  rule.ring = std::uint64_t{line} << 32 | 2;
  site.forwards(syn(at_port(kClient, 2), kVip), kServer2);
  site.forwards(syn(at_port(kClient, 3), kVip), kServer2);
}
PACKET_TEST(Source, a_weight_in_the_ring_is_not_taken_for_a_host) {
  hcd_rule& rule = limited(site, HCD_RULE_STICKY);
  rule.method = HCD_LEAST_STATES;
  site.stage.rings[41] = {.host = {site.server[0], 1, site.server[1], 1}};
  rule.ring = 41ULL << 32 | 4;
  site.forwards(syn(kClient, kVip), kServer1);
  site.stage.rings[42] = {.host = {site.server[1], site.server[0], site.server[2], site.server[0]}};
  rule.version += 2;
  rule.ring = 42ULL << 32 | 4;
  const Verdict verdict = site.run(syn(at_port(kClient, 1), kVip));
  LONGS_EQUAL(site.verdicts().redirect, verdict.action);
  CHECK(hcd_lead_host(node(site).lead) != site.server[0]);
}
PACKET_TEST(Source, two_rules_lead_one_client_each_to_its_own_host) {
  limited(site, HCD_RULE_STICKY);
  const Endpoint second = at("192.0.2.90", 80);
  const std::uint32_t rule = site.stage.add_rule({.to = second, .ring = {site.server[2]}, .flags = HCD_RULE_STICKY});
  site.forwards(syn(kClient, kVip), kServer1);
  site.forwards(syn(at_port(kClient, 1), second), kServer3);
  site.forwards(syn(at_port(kClient, 2), kVip), kServer1);
  LONGS_EQUAL(1, site.stage.cursors[rule].sources);
  LONGS_EQUAL(2, site.stage.pulse[0].sources);
}
PACKET_TEST(Source, more_clients_than_max_src_nodes_are_refused) {
  limited(site, HCD_RULE_SOURCE_TRACK).max_src_nodes = 1;
  site.forwards(syn(kClient, kVip), kServer1);
  site.forwards(syn(at_port(kClient, 1), kVip), kServer2);
  site.drops(syn(kOther, kVip), HCD_SRC_LIMIT);
  LONGS_EQUAL(1, site.stage.reason(HCD_LIMIT_SRC_NODES));
  end(site, kClient, kVip);
  site.drops(syn(kOther, kVip), HCD_SRC_LIMIT);
  end(site, at_port(kClient, 1), kVip);
  site.forwards(syn(kOther, kVip), kServer3);
}
PACKET_TEST(Source, a_client_has_as_many_states_as_max_src_states_says) {
  limited(site, HCD_RULE_SOURCE_TRACK).max_src_states = 2;
  site.establish(kClient, kVip, kServer1);
  site.forwards(syn(at_port(kClient, 1), kVip), kServer2);
  site.drops(syn(at_port(kClient, 2), kVip), HCD_SRC_LIMIT);
  LONGS_EQUAL(1, site.stage.reason(HCD_LIMIT_SRC_STATES));
  LONGS_EQUAL(2, node(site).states);
  site.forwards(syn(at_port(kClient, 1), kVip), kServer2);  // it has its own already
  site.forwards(ack(kClient, kVip), kServer1);
  site.forwards(syn(kOther, kVip), kServer3);
  site.answers({.src = kServer1, .dst = kClient, .flags = kRst}, kVip);
  site.forwards(syn(kClient, kVip), kServer1);  // in place of the one that is over
  LONGS_EQUAL(3, site.stage.live());
}
PACKET_TEST(Source, limits_of_ipv6_clients_are_counted_too) {
  hcd_rule& rule = site.stage.rules[site.rule6];
  rule.flags |= HCD_RULE_SOURCE_TRACK;
  rule.max_src_states = 1;
  site.forwards(syn(kClient6, kVip6), kServer61);
  site.drops(syn(at_port(kClient6, 1), kVip6), HCD_SRC_LIMIT);
  end(site, kClient6, kVip6);
  site.forwards(syn(at_port(kClient6, 1), kVip6), kServer62);
}
PACKET_TEST(Source, rules_that_track_globally_count_together) {
  limited(site, HCD_RULE_TRACK_GLOBAL).max_src_states = 10;
  const Endpoint second = at("192.0.2.90", 80);
  const std::uint32_t rule =
      site.stage.add_rule({.to = second, .ring = {site.server[0]}, .flags = HCD_RULE_TRACK_GLOBAL});
  site.stage.rules[rule].max_src_states = 2;
  site.forwards(syn(kClient, kVip), kServer1);
  site.forwards(syn(at_port(kClient, 1), kVip), kServer2);
  site.drops(syn(at_port(kClient, 2), second), HCD_SRC_LIMIT);
  site.forwards(syn(at_port(kClient, 2), kVip), kServer3);
  LONGS_EQUAL(3, node(site).states);
  LONGS_EQUAL(HCD_SOURCE_GLOBAL, hcd_source_rule(node(site).key));
  LONGS_EQUAL(1, site.stage.pulse[0].sources);
}
PACKET_TEST(Source, sticky_beside_global_tracking_has_a_node_for_each) {
  limited(site, HCD_RULE_TRACK_GLOBAL | HCD_RULE_STICKY).max_src_states = 2;
  site.forwards(syn(kClient, kVip), kServer1);
  site.forwards(syn(at_port(kClient, 1), kVip), kServer1);
  site.drops(syn(at_port(kClient, 2), kVip), HCD_SRC_LIMIT);
  LONGS_EQUAL(2, nodes(site).size());
  for (const hcd_source* one : nodes(site)) LONGS_EQUAL(2, one->states);
  end(site, kClient, kVip);
  end(site, at_port(kClient, 1), kVip);
  LONGS_EQUAL(0, nodes(site).size());
}
PACKET_TEST(Source, a_flow_that_gets_no_state_counts_nowhere) {
  limited(site, HCD_RULE_SOURCE_TRACK | HCD_RULE_STICKY);
  site.stage.set_ring(site.rule, 1ULL << 32);
  site.drops(syn(kClient, kVip), HCD_NO_HOST);
  LONGS_EQUAL(0, nodes(site).size());
  LONGS_EQUAL(0, site.stage.cursors[site.rule].sources);
}
PACKET_TEST(Source, too_many_connections_end_the_one_that_is_too_many) {
  limited(site, HCD_RULE_SOURCE_TRACK).max_src_conn = 2;
  site.establish(kClient, kVip, kServer1);
  open(site, at_port(kClient, 1), kVip, kServer2);  // does not count before its handshake is complete
  site.establish(at_port(kClient, 2), kVip, kServer3);
  LONGS_EQUAL(2, node(site).conns);
  site.drops(ack(at_port(kClient, 1), kVip), HCD_SRC_LIMIT);
  LONGS_EQUAL(1, site.stage.reason(HCD_LIMIT_SRC_CONN));
  LONGS_EQUAL(2, node(site).conns);
  LONGS_EQUAL(2, node(site).states);
  site.drops(ack(at_port(kClient, 1), kVip), HCD_NO_STATE);
  site.forwards(ack(kClient, kVip), kServer1);
  site.answers({.src = kServer1, .dst = kClient, .flags = kRst}, kVip);
  end(site, kClient, kVip);
  end(site, at_port(kClient, 2), kVip);
  site.establish(at_port(kClient, 3), kVip, kServer1);
  LONGS_EQUAL(1, node(site).conns);
}
PACKET_TEST(Source, a_reset_half_open_connection_was_none) {
  limited(site, HCD_RULE_SOURCE_TRACK).max_src_conn = 1;
  open(site, kClient, kVip, kServer1);
  site.forwards({.src = kClient, .dst = kVip, .flags = kRst}, kServer1);
  LONGS_EQUAL(0, node(site).conns);
  site.establish(at_port(kClient, 1), kVip, kServer2);
  LONGS_EQUAL(1, node(site).conns);
}
// pf's estimate: what was counted before fades within the time.
PACKET_TEST(Source, connections_beyond_the_rate_are_ended) {
  hcd_rule& rule = limited(site, HCD_RULE_SOURCE_TRACK);
  rule.max_src_rate = 3;
  rule.rate_ticks = 1000;
  const std::array turn = {kServer1, kServer2, kServer3};
  for (std::uint16_t i = 0; i < 3; i++)
    site.establish(at_port(kClient, static_cast<std::uint16_t>(1 + i)), kVip, turn[i]);
  open(site, at_port(kClient, 4), kVip, kServer1);
  site.drops(ack(at_port(kClient, 4), kVip), HCD_SRC_LIMIT);
  LONGS_EQUAL(1, site.stage.reason(HCD_LIMIT_SRC_RATE));
  node(site).rate_since -= 500;  // half of the time: half of them
  site.establish(at_port(kClient, 5), kVip, kServer2);
  CHECK(node(site).rate > 2900 && node(site).rate <= 3000);
  node(site).rate_since -= 1000;
  site.establish(at_port(kClient, 6), kVip, kServer3);
  LONGS_EQUAL(HCD_RATE_ONE, node(site).rate);
}
PACKET_TEST(Source, who_overloads_is_put_into_the_table_that_keeps_it_out) {
  hcd_rule& rule = limited(site, HCD_RULE_SOURCE_TRACK | HCD_RULE_FROM_NOT);
  rule.max_src_conn = 1;
  rule.overload = rule.from = kTable;
  site.establish(kClient, kVip, kServer1);
  open(site, at_port(kClient, 1), kVip, kServer2);
  CHECK(!in_table(site, kClient.address));
  site.drops(ack(at_port(kClient, 1), kVip), HCD_SRC_LIMIT);
  CHECK(in_table(site, kClient.address));
  LONGS_EQUAL(1, site.stage.pulse[0].overloads);
  LONGS_EQUAL(1, site.stage.reason(HCD_LIMIT_OVERLOAD));
  site.passes(syn(at_port(kClient, 2), kVip));  // no rule is for it any more
  site.forwards(ack(kClient, kVip), kServer1);  // but it keeps what it has
  site.forwards(syn(kOther, kVip), kServer3);
}
PACKET_TEST(Source, an_address_that_the_table_has_already_stays_as_it_is) {
  hcd_rule& rule = limited(site, HCD_RULE_SOURCE_TRACK);
  rule.max_src_conn = 1;
  rule.overload = kTable;
  site.stage.put_network(kTable, kClient.address, 32);
  site.establish(kClient, kVip, kServer1);
  open(site, at_port(kClient, 1), kVip, kServer2);
  site.drops(ack(at_port(kClient, 1), kVip), HCD_SRC_LIMIT);
  CHECK(!in_table(site, kClient.address));
  LONGS_EQUAL(0, site.stage.pulse[0].overloads);
}
PACKET_TEST(Source, without_room_for_a_node_a_limit_refuses_and_sticky_goes_on) {
  limited(site, HCD_RULE_STICKY);
  for (hcd_source& one : site.stage.sources) one = {.key = 77ULL << 8 | 4, .states = 1};
  site.forwards(syn(kClient, kVip), kServer1);
  site.forwards(syn(at_port(kClient, 1), kVip), kServer2);
  end(site, kClient, kVip);
  limited(site, HCD_RULE_SOURCE_TRACK);
  site.drops(syn(at_port(kClient, 2), kVip), HCD_SRC_LIMIT);
}

// A stage of its own, which is gone with its timer.
namespace {
struct Swept {
  hcd::Result<std::unique_ptr<Stage>> opened = Stage::open({.buckets = 64, .sweep_buckets = 16});
  Swept() { CHECK(opened.has_value()); }
};
}  // namespace

ONE_PACKET_TEST(Source, the_sweeper_frees_nodes_and_counts_its_deaths_there) {
  const Swept own;
  const Site swept(**own.opened, Hook::Xdp);
  limited(swept, HCD_RULE_STICKY);
  track_for(swept, 60);
  swept.establish(kClient, kVip, kServer1);
  swept.forwards(syn(kOther, kVip), kServer2);
  CHECK(swept.stage.start_sweep());
  for (auto& bucket : swept.stage.states4)
    for (auto& way : bucket.way)
      if (way.key != 0) Site::age(way.value, 200'000);
  CHECK(waited_for([&] { return swept.stage.live() == 0; }));
  CHECK(waited_for([&] { return nodes(swept).size() == 2 && nodes(swept)[0]->states + nodes(swept)[1]->states == 0; }));
  for (hcd_source* one : nodes(swept)) one->seen -= (70 * 250 >> 8);
  CHECK(waited_for([&] { return nodes(swept).empty(); }));
  LONGS_EQUAL(0, swept.stage.pulse[0].sources);
  LONGS_EQUAL(0, swept.stage.cursors[swept.rule].sources);
  LONGS_EQUAL(2, swept.stage.reason(HCD_SOURCE_REMOVED));
}
ONE_PACKET_TEST(Source, flush_ends_the_other_states_of_who_overloads_by_the_rule_or_all) {
  const Swept own;
  for (const std::uint32_t flush : {HCD_FLUSH_RULE, HCD_FLUSH_GLOBAL}) {
    const Site swept(**own.opened, Hook::Xdp);
    const Endpoint second = at("192.0.2.90", 80);
    (void)swept.stage.add_rule({.to = second, .ring = {swept.server[2]}});
    hcd_rule& rule = limited(swept, HCD_RULE_SOURCE_TRACK);
    rule.max_src_conn = 1;
    rule.overload = kTable;
    rule.flush = flush;
    CHECK(swept.stage.start_sweep());
    swept.establish(at_port(kClient, 9), second, kServer3);
    swept.establish(kClient, kVip, kServer1);
    swept.establish(kOther, kVip, kServer2);
    open(swept, at_port(kClient, 1), kVip, kServer3);
    swept.drops(ack(at_port(kClient, 1), kVip), HCD_SRC_LIMIT);
    const std::uint32_t left = flush == HCD_FLUSH_RULE ? 2 : 1;
    CHECK(waited_for([&] { return swept.stage.live() == left; }));
    std::uint8_t none[24];
    CHECK(waited_for([&] { return bpf_map_get_next_key(swept.stage.map("hcd_flushes"), nullptr, none) != 0; }));
    swept.drops(ack(kClient, kVip), HCD_NO_STATE);
    swept.forwards(ack(kOther, kVip), kServer2);
    if (flush == HCD_FLUSH_RULE) swept.forwards(ack(at_port(kClient, 9), second), kServer3);
    LONGS_EQUAL(1, swept.stage.reason(HCD_LIMIT_FLUSH));
    LONGS_EQUAL(left, swept.stage.live());
  }
}
