// What the ring of events is told, by whom and when.
#include <array>
#include <atomic>
#include <chrono>
#include <thread>

#include <arpa/inet.h>

#include "fastpath/bpf/event_ring.h"
#include "kmod/count.h"
#include "kmod/tcp.h"
#include "tests/packets/icmp.h"
#include "tests/packets/pieces.h"

#include <CppUTest/TestHarness.h>

using namespace hcd::packets;
using namespace hcd::abi;
using hcd::fastpath::EventRing;

namespace {

constexpr std::size_t kAll = HCD_EVENT_BYTES;
constexpr std::uint32_t kLong = 10'000;  // ticks

// The reader of a stage's ring. The tick that it is now is learnt from a state, which goes again.
class Reader {
 public:
  explicit Reader(const Site& site) : site_(site), ring_(opened(site)) {
    (void)site.run({.src = at("203.0.113.8", 1), .dst = kVip});
    now = hcd_value_seen(site.state()->value);
    site.stage.clear_states();
    site.stage.cursors[site.rule].next = 0;
    (void)take();
  }
  std::vector<hcd_event> take() {
    std::vector<hcd_event> out;
    const auto taken = ring_.take(kAll, [&](std::span<const std::byte> record) {
      LONGS_EQUAL(sizeof(hcd_event), record.size());
      std::memcpy(&out.emplace_back(), record.data(), sizeof(hcd_event));
    });
    CHECK(taken.has_value());
    return out;
  }
  hcd_event only() {
    const auto all = take();
    LONGS_EQUAL(1, all.size());
    return all.front();
  }
  void watch() const { site_.stage.settings[0].watch_until = now + kLong; }
  void sample(std::uint32_t one_in = 1, std::uint64_t reasons = 0) const {
    site_.stage.settings[0].sample_until = now + kLong;
    site_.stage.settings[0].sample_one_in = one_in;
    site_.stage.settings[0].sample_reasons = reasons;
  }
  // In this very tick or the one after it, as tests go.
  void recent(std::uint32_t tick) const { CHECK(tick - now <= 100); }

  std::uint32_t now = 0;

 private:
  static EventRing opened(const Site& site) {
    auto ring = EventRing::map(site.stage.map("hcd_events"));
    CHECK(ring.has_value());
    return std::move(*ring);
  }
  const Site& site_;
  EventRing ring_;
};

void is_address(const __u64 (&words)[2], const Endpoint& at) {
  CHECK(std::memcmp(words, at.address.bytes.data(), sizeof words) == 0);
}

// One of a flow, whichever way it went.
struct Flow {
  Endpoint client, vip, server;
  std::uint32_t rule, host;
};
std::array<Flow, 2> flows(const Site& site) {
  return {Flow{kClient, kVip, kServer1, site.rule, site.server[0]},
          Flow{kClient6, kVip6, kServer61, site.rule6, site.server6[0]}};
}
void is_of(const hcd_event& event, const Flow& flow) {
  LONGS_EQUAL(flow.client.address.family == hcd::Family::Inet6 ? 6 : 4, event.family);
  LONGS_EQUAL(kTcp, event.proto);
  is_address(event.addr, flow.client);
  is_address(event.dst, flow.vip);
  LONGS_EQUAL(flow.client.port, ntohs(event.port));
  LONGS_EQUAL(flow.vip.port, ntohs(event.dport));
  LONGS_EQUAL(flow.rule, event.rule);
  LONGS_EQUAL(flow.host, event.host);
}
void is_death(const hcd_event& event, const Flow& flow, hcd_reason reason, std::uint32_t sides) {
  LONGS_EQUAL(HCD_EVENT_DEATH, event.kind);
  is_of(event, flow);
  LONGS_EQUAL(reason, event.reason);
  LONGS_EQUAL(sides, event.sides);
}
void age_all(const Site& site) {
  for (auto& bucket : site.stage.states4)
    for (auto& way : bucket.way) Site::age(way.value, 200'000);
  for (auto& bucket : site.stage.states6)
    for (auto& way : bucket.way) Site::age(way.value, 200'000);
}

template <class Done>
bool waited_for(const Done& done) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!done() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return done();
}

}  // namespace

TEST_GROUP(Tell){};

PACKET_TEST(Tell, nothing_while_nobody_reads) {
  Reader reader(site);
  site.establish(kClient, kVip, kServer1);
  age_all(site);
  site.drops({.src = kClient, .dst = kVip, .flags = kAck}, HCD_NO_STATE);
  site.passes({.src = kClient, .dst = at("192.0.2.81", 80)});
  LONGS_EQUAL(0, reader.take().size());
  LONGS_EQUAL(0, site.stage.pulse[0].lost_events);
}
PACKET_TEST(Tell, nothing_when_the_readers_time_is_over) {
  Reader reader(site);
  for (__u32* until : {&site.stage.settings[0].watch_until, &site.stage.settings[0].sample_until})
    *until = reader.now - 1;
  site.establish(kClient, kVip, kServer1);
  LONGS_EQUAL(0, reader.take().size());
}
PACKET_TEST(Tell, of_a_birth_whose_it_is_and_where_it_went) {
  Reader reader(site);
  reader.watch();
  for (const Flow& flow : flows(site)) {
    site.establish(flow.client, flow.vip, flow.server);
    const hcd_event event = reader.only();
    LONGS_EQUAL(HCD_EVENT_BIRTH, event.kind);
    is_of(event, flow);
    LONGS_EQUAL(HCD_SYN_SENT << 4, event.sides);
    LONGS_EQUAL(event.tick, event.id >> 32);
    reader.recent(event.tick);
  }
}
PACKET_TEST(Tell, of_a_death_what_the_state_was_and_what_it_counted) {
  Reader reader(site);
  reader.watch();
  for (const Flow& flow : flows(site)) {
    site.establish(flow.client, flow.vip, flow.server);
    site.forwards({.src = flow.client, .dst = flow.vip, .flags = kAck, .payload = 100}, flow.server);
    site.answers({.src = flow.server, .dst = flow.client, .flags = kAck, .payload = 1000}, flow.vip);
    const hcd_event birth = reader.only();
    age_all(site);
    site.drops({.src = flow.client, .dst = flow.vip, .flags = kAck}, HCD_NO_STATE);
    const hcd_event event = reader.only();
    is_death(event, flow, HCD_EXPIRED, HCD_SIDES_UP);
    CHECK(event.id == birth.id);
    const int header = event.family == 6 ? 60 : 40;
    LONGS_EQUAL(3, event.packets[0]);
    LONGS_EQUAL(3 * header + 100, event.bytes[0]);
    LONGS_EQUAL(2, event.packets[1]);
    LONGS_EQUAL(2 * header + 1000, event.bytes[1]);
    reader.recent(event.tick);
  }
}
PACKET_TEST(Tell, of_a_death_with_what_was_taken_out_of_its_counts) {
  Reader reader(site);
  reader.watch();
  site.establish(kClient, kVip, kServer1);
  const std::uint64_t id = reader.only().id;
  site.stage.large[hcd_large_at(id, 1)] = {.id = id, .packets = {1000, 7}, .bytes = {std::uint64_t{1} << 40, 70}};
  site.stage.large[hcd_large_at(id, 2)] = {.id = id + 1, .packets = {5, 5}, .bytes = {5, 5}};
  age_all(site);
  site.drops({.src = kClient, .dst = kVip, .flags = kAck}, HCD_NO_STATE);
  const hcd_event event = reader.only();
  LONGS_EQUAL(1002, event.packets[0]);
  LONGS_EQUAL(8, event.packets[1]);
  CHECK(event.bytes[0] == (std::uint64_t{1} << 40) + 80);
  LONGS_EQUAL(110, event.bytes[1]);
}
PACKET_TEST(Tell, of_the_death_of_a_connection_that_a_syn_begins_anew_before_its_birth) {
  Reader reader(site);
  reader.watch();
  site.establish(kClient, kVip, kServer1);
  site.answers({.src = kServer1, .dst = kClient, .flags = kRst}, kVip);
  site.forwards({.src = kClient, .dst = kVip}, kServer2);
  const auto all = reader.take();
  LONGS_EQUAL(3, all.size());
  is_death(all[1], flows(site)[0], HCD_EXPIRED, HCD_TIME_WAIT << 4 | HCD_TIME_WAIT);
  LONGS_EQUAL(HCD_EVENT_BIRTH, all[2].kind);
  LONGS_EQUAL(site.server[1], all[2].host);
}
PACKET_TEST(Tell, of_a_half_open_state_that_was_evicted) {
  Reader reader(site);
  const auto mask = static_cast<std::uint32_t>(site.stage.states4.size() - 1);
  std::uint32_t word = 0;
  std::memcpy(&word, kClient.address.bytes.data(), sizeof word);
  std::vector<Endpoint> crowd;  // whose states have the same buckets
  for (std::uint16_t port = 1; port != 0 && crowd.size() <= HCD_RANKS * HCD_WAYS; port++) {
    const std::uint64_t hash = hcd_flow_hash4(stage_seed(), word, htons(port));
    if (hcd_flow_bucket(hash, 0, mask) == 0 && hcd_flow_bucket(hash, 1, mask) == 1)
      crowd.push_back({kClient.address, port});
  }
  LONGS_EQUAL(HCD_RANKS * HCD_WAYS + 1, crowd.size());
  const Endpoint last = crowd.back();
  crowd.pop_back();
  for (const Endpoint& client : crowd) (void)site.run({.src = client, .dst = kVip});
  for (auto& bucket : site.stage.states4)
    for (auto& way : bucket.way)
      if (way.key >> 16 == (std::uint64_t{word} << 16 | htons(crowd[2].port))) Site::age(way.value, 20);
  reader.watch();
  (void)site.run({.src = last, .dst = kVip});
  const auto all = reader.take();
  LONGS_EQUAL(2, all.size());
  is_death(all[0], {crowd[2], kVip, kServer3, site.rule, site.server[2]}, HCD_EVICTED, HCD_SYN_SENT << 4);
  LONGS_EQUAL(1, all[0].packets[0]);
  LONGS_EQUAL(last.port, ntohs(all[1].port));
}
PACKET_TEST(Tell, of_who_is_put_into_a_table_and_of_the_state_that_ends) {
  constexpr std::uint32_t kTable = 9;
  Reader reader(site);
  hcd_rule& rule = site.stage.rules[site.rule];
  rule.flags |= HCD_RULE_SOURCE_TRACK;
  rule.max_src_conn = 1;
  rule.overload = kTable;
  site.establish(kClient, kVip, kServer1);
  const Flow second{{kClient.address, 41000}, kVip, kServer2, site.rule, site.server[1]};
  site.forwards({.src = second.client, .dst = kVip}, kServer2);
  site.answers({.src = kServer2, .dst = second.client, .flags = kSyn | kAck}, kVip);
  reader.watch();
  site.drops({.src = second.client, .dst = kVip, .flags = kAck}, HCD_SRC_LIMIT);
  const auto all = reader.take();
  LONGS_EQUAL(2, all.size());
  LONGS_EQUAL(HCD_EVENT_OVERLOAD, all[0].kind);
  is_address(all[0].addr, kClient);
  LONGS_EQUAL(second.client.port, ntohs(all[0].port));
  LONGS_EQUAL(kTable, all[0].table);
  LONGS_EQUAL(site.rule, all[0].rule);
  is_death(all[1], second, HCD_KILLED, HCD_SIDES_UP);
}
ONE_PACKET_TEST(Tell, of_what_the_sweeper_frees_and_it_ends_the_watch_of_a_reader_that_has_gone) {
  const auto own = Stage::open({.sweep_buckets = 16});
  CHECK(own.has_value());
  const Site swept(**own, Hook::Xdp);
  Reader reader(swept);
  reader.watch();
  for (const Flow& flow : flows(swept)) swept.establish(flow.client, flow.vip, flow.server);
  LONGS_EQUAL(2, reader.take().size());
  age_all(swept);
  CHECK(swept.stage.start_sweep());
  std::vector<hcd_event> deaths;
  CHECK(waited_for([&] {
    for (const hcd_event& event : reader.take()) deaths.push_back(event);
    return deaths.size() == 2;
  }));
  is_death(deaths[0], flows(swept)[0], HCD_EXPIRED, HCD_SIDES_UP);
  is_death(deaths[1], flows(swept)[1], HCD_EXPIRED, HCD_SIDES_UP);
  hcd_settings& settings = swept.stage.settings[0];
  LONGS_EQUAL(reader.now + kLong, settings.watch_until);
  const auto word = [](__u32& place) { return std::atomic_ref(place).load(); };
  std::atomic_ref(settings.watch_until).store(reader.now - 1);
  std::atomic_ref(settings.sample_until).store(reader.now - 1);
  CHECK(waited_for([&] { return word(settings.watch_until) == 0 && word(settings.sample_until) == 0; }));
}
PACKET_TEST(Tell, what_was_decided_on_a_packet_as_it_came_in) {
  Reader reader(site);
  reader.sample();
  for (const Flow& flow : flows(site)) {
    const int header = flow.client.address.family == hcd::Family::Inet6 ? 60 : 40;
    site.forwards({.src = flow.client, .dst = flow.vip}, flow.server);
    hcd_event event = reader.only();
    LONGS_EQUAL(HCD_EVENT_DECISION, event.kind);
    is_of(event, flow);
    LONGS_EQUAL(HCD_TRANSLATED, event.reason);
    LONGS_EQUAL(site.hook == Hook::Xdp ? HCD_HOOK_XDP : HCD_HOOK_TC, event.hook);
    LONGS_EQUAL(1, event.ifindex);
    LONGS_EQUAL(kSyn, event.flags);
    LONGS_EQUAL(header, event.bytes[0]);
    reader.recent(event.tick);
    site.answers({.src = flow.server, .dst = flow.client, .flags = kSyn | kAck}, flow.vip);
    event = reader.only();
    LONGS_EQUAL(HCD_TRANSLATED, event.reason);
    is_address(event.addr, flow.server);
    is_address(event.dst, flow.client);
    LONGS_EQUAL(flow.rule, event.rule);
    LONGS_EQUAL(flow.host, event.host);
    site.forwards({.src = flow.client, .dst = flow.vip, .flags = kAck, .payload = 100}, flow.server);
    LONGS_EQUAL(header + 100, reader.only().bytes[0]);
  }
}
PACKET_TEST(Tell, why_a_packet_was_dropped_and_by_which_rule) {
  Reader reader(site);
  reader.sample();
  site.drops({.src = kClient, .dst = kVip, .flags = kAck}, HCD_NO_STATE);
  const hcd_event stray = reader.only();
  LONGS_EQUAL(HCD_NO_STATE, stray.reason);
  LONGS_EQUAL(site.rule, stray.rule);
  LONGS_EQUAL(0, stray.host);
  site.stage.set_ring(site.rule, std::uint64_t{1} << 32);
  site.drops({.src = kClient, .dst = kVip}, HCD_NO_HOST);
  LONGS_EQUAL(HCD_NO_HOST, reader.only().reason);
}
PACKET_TEST(Tell, of_a_strangers_packet_that_it_passed_and_of_nothing_else) {
  Reader reader(site);
  site.establish(kClient, kVip, kServer1);  // what it leaves is not the stranger's
  reader.sample();
  const Endpoint other = at("192.0.2.81", 81);
  site.passes({.src = kClient, .dst = other, .flags = kAck});
  const hcd_event event = reader.only();
  LONGS_EQUAL(HCD_PASSED, event.reason);
  is_address(event.addr, kClient);
  is_address(event.dst, other);
  LONGS_EQUAL(81, ntohs(event.dport));
  LONGS_EQUAL(0, event.rule);
  LONGS_EQUAL(0, event.host);
  Bytes arp = Frame{.src = kClient, .dst = kVip}.bytes();
  arp[13] = 6;
  LONGS_EQUAL(site.verdicts().pass, site.stage.run(site.hook, arp).action);
  LONGS_EQUAL(0, reader.take().size());
}
ONE_PACKET_TEST(Tell, of_what_xdp_leaves_to_tc_twice) {
  Reader reader(site);
  reader.sample();
  site.stage.links[site.stage.servers_link].flags = 0;
  const Bytes syn = Frame{.src = kClient, .dst = kVip}.bytes();
  for (const Hook hook : {Hook::Xdp, Hook::Tc}) (void)site.stage.run(hook, syn);
  const auto all = reader.take();
  LONGS_EQUAL(2, all.size());
  LONGS_EQUAL(HCD_TO_TC, all[0].reason);
  LONGS_EQUAL(HCD_HOOK_XDP, all[0].hook);
  LONGS_EQUAL(HCD_TRANSLATED, all[1].reason);
  LONGS_EQUAL(HCD_HOOK_TC, all[1].hook);
  LONGS_EQUAL(all[0].host, all[1].host);
}
TC_PACKET_TEST(Tell, of_icmp_errors_and_of_fragments_that_tc_sees_to_beside) {
  Reader reader(site);
  serve_names(site);
  site.establish(kClient, kVip, kServer1);
  reader.sample();
  const IcmpError error{.from = at("10.0.0.1", 0),
                        .to = kClient,
                        .about = {.src = kClient, .dst = kServer1, .flags = kAck, .ttl = 61, .payload = 1000}};
  (void)site.stage.run(Hook::Tc, error.bytes());
  const hcd_event told = reader.only();
  LONGS_EQUAL(HCD_TRANSLATED, told.reason);
  LONGS_EQUAL(1, told.proto);
  LONGS_EQUAL(0, told.port);
  LONGS_EQUAL(site.rule, told.rule);
  LONGS_EQUAL(site.server[0], told.host);
  const auto parts = pieces({.src = kClient, .dst = kName, .proto = kUdp, .payload = 2000}, 1000, 5);
  for (const Bytes& part : parts) (void)site.stage.run(Hook::Tc, part);
  const auto all = reader.take();
  LONGS_EQUAL(parts.size(), all.size());
  for (const hcd_event& event : all) {
    LONGS_EQUAL(HCD_TRANSLATED, event.reason);
    LONGS_EQUAL(kUdp, event.proto);
    LONGS_EQUAL(all[0].rule, event.rule);
  }
}
PACKET_TEST(Tell, of_decisions_those_that_are_asked_for) {
  Reader reader(site);
  reader.sample(1, std::uint64_t{1} << HCD_NO_STATE);
  site.establish(kClient, kVip, kServer1);
  site.passes({.src = kClient, .dst = at("192.0.2.81", 80)});
  site.drops({.src = at("203.0.113.8", 1), .dst = kVip, .flags = kAck}, HCD_NO_STATE);
  LONGS_EQUAL(HCD_NO_STATE, reader.only().reason);
}
PACKET_TEST(Tell, of_one_packet_in_so_many_by_chance) {
  constexpr std::size_t kPackets = 4000, kOneIn = 8, kMean = kPackets / kOneIn;
  Reader reader(site);
  reader.sample(kOneIn);
  const Bytes frame = Frame{.src = kClient, .dst = at("192.0.2.81", 80)}.bytes();
  for (std::size_t i = 0; i < kPackets; i++) (void)site.stage.run(site.hook, frame);
  const std::size_t told = reader.take().size();
  CHECK(told > kMean - 170 && told < kMean + 170);  // eight times the deviation
}
PACKET_TEST(Tell, and_counts_what_finds_the_ring_full_and_drops_no_packet) {
  constexpr std::size_t kFit = HCD_EVENT_BYTES / (sizeof(hcd_event) + 8);
  Reader reader(site);
  reader.watch();
  reader.sample();
  const Bytes frame = Frame{.src = kClient, .dst = at("192.0.2.81", 80)}.bytes();
  for (std::size_t i = 0; i < kFit + 10; i++) (void)site.stage.run(site.hook, frame);
  CHECK(site.stage.pulse[0].lost_events >= 10);
  const std::uint32_t before = site.stage.pulse[0].lost_events;
  site.forwards({.src = kClient, .dst = kVip}, kServer1);  // a birth and a decision
  LONGS_EQUAL(before + 2, site.stage.pulse[0].lost_events);
  CHECK(reader.take().size() <= kFit);
  site.forwards({.src = kClient, .dst = kVip}, kServer1);
  LONGS_EQUAL(HCD_TRANSLATED, reader.only().reason);
}
