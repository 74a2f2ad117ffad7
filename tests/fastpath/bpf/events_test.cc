#include "fastpath/bpf/events.h"

#include <cstring>

#include <arpa/inet.h>
#include <unistd.h>

#include "fastpath/bpf/states.h"
#include "kmod/tcp.h"
#include "tests/fastpath/bpf/engine_fixture.h"
#include "tests/fastpath/bpf/fake_ring.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

TEST_GROUP(Events) {
  FakeMemory memory;
  FakeMaps maps{memory};
  FakeRing ring;
  TimePoint now{Seconds(1000)};

  void setup() override {
    memory.globals.tick_zero_ns = 7'000'000;
    memory.rules[2] = {.to = {.addr = {192, 0, 2, 80}, .port = htons(80), .proto = 6, .family = 4}, .target = 8080};
    memory.hosts[3] = {.at = {.addr = {10, 0, 0, 1}, .port = htons(8080), .proto = 6, .family = 4}};
    std::strcpy(memory.anchors[1].name, "hcd/www");
    memory.rule_infos[2] = {.label = "web", .anchor = 1, .number = 5};
    memory.tables[4] = {.name = "bad", .anchor = 1};
  }
  std::uint32_t tick() const {
    return tick_at(memory.globals, now);
  }
  std::unique_ptr<Events> open(const EventWish& wish = {}) {
    auto opened = Events::open(maps.views(), EventRing(ring.view()), wish, now);
    if (!opened) FAIL(opened.error().text.c_str());
    return std::move(*opened);
  }
  std::vector<Event> all(Events & events) {
    std::vector<Event> out;
    CHECK(events.read(100, now, [&](const Event& event) { out.push_back(event); }).has_value());
    return out;
  }
  abi::hcd_event raw(abi::hcd_event_kind kind) const {
    abi::hcd_event out{.tick = tick(), .kind = static_cast<__u8>(kind), .family = 4, .proto = 6};
    out.addr[0] = 0x077100cb;  // 203.0.113.7
    out.dst[0] = 0x500200c0;   // 192.0.2.80
    out.port = htons(40000);
    out.dport = htons(80);
    out.rule = 2;
    out.host = 3;
    return out;
  }
  Event told(const abi::hcd_event& record) const {
    const auto bytes = std::as_bytes(std::span(&record, 1));
    const auto event = event_of(maps.views(), bytes, now);
    CHECK(event.has_value());
    return *event;
  }
};

TEST(Events, are_asked_for_for_a_while_and_no_more_after_the_end) {
  {
    const auto events = open();
    LONGS_EQUAL(tick_at(memory.globals, now + Events::kLease), memory.settings.watch_until);
    LONGS_EQUAL(0, memory.settings.sample_until);
    LONGS_EQUAL(getpid(), memory.settings.events_reader);
    now += Seconds(1);
    CHECK(events->keep(now).has_value());
    LONGS_EQUAL(tick_at(memory.globals, now + Events::kLease), memory.settings.watch_until);
    LONGS_EQUAL(0, events->untold().lapses);
  }
  LONGS_EQUAL(0, memory.settings.watch_until);
  LONGS_EQUAL(0, memory.settings.events_reader);
}
TEST(Events, of_packets_are_asked_for_as_was_wished) {
  const auto events = open({.states = false, .one_in = 100, .reasons = 6});
  LONGS_EQUAL(0, memory.settings.watch_until);
  LONGS_EQUAL(tick_at(memory.globals, now + Events::kLease), memory.settings.sample_until);
  LONGS_EQUAL(100, memory.settings.sample_one_in);
  LONGS_EQUAL(6, memory.settings.sample_reasons);
}
TEST(Events, have_one_reader_until_its_time_is_over) {
  auto first = open();
  const auto second = Events::open(maps.views(), EventRing(ring.view()), {}, now);
  CHECK(!second.has_value());
  CHECK(second.error().code == Code::Limit);
  const std::string sentence = "process " + std::to_string(getpid()) + " is reading the events, and one at a time can";
  STRCMP_EQUAL(sentence.c_str(), second.error().text.c_str());
  CHECK(memory.settings.watch_until != 0);  // the first goes on
  memory.settings.events_reader = 1;        // as if it were another's
  CHECK(!Events::open(maps.views(), EventRing(ring.view()), {}, now).has_value());
  STRCMP_EQUAL("another program reads the events now", first->keep(now).error().text.c_str());
  first.reset();
  CHECK(memory.settings.watch_until != 0);  // and is none of ours
  now += Events::kLease + Seconds(1);
  LONGS_EQUAL(getpid(), (open(), getpid()));
}
TEST(Events, begin_with_what_comes_and_not_with_what_was_left) {
  ring.put_record(raw(abi::HCD_EVENT_BIRTH));
  const auto events = open();
  LONGS_EQUAL(0, all(*events).size());
  ring.put_record(raw(abi::HCD_EVENT_BIRTH));
  LONGS_EQUAL(1, all(*events).size());
}
TEST(Events, say_what_was_not_told) {
  memory.pulse.lost_events = 0xfffffffe;
  memory.pulse.user_killed = 10;
  const auto events = open();
  CHECK(events->untold() == Events::Untold{});
  memory.pulse.lost_events = 1;
  memory.pulse.user_killed = 12;
  CHECK((events->untold() == Events::Untold{.lost = 3, .killed = 2}));
  now += Events::kLease + Seconds(1);
  CHECK(events->keep(now).has_value());
  CHECK((events->untold() == Events::Untold{.lost = 3, .killed = 2, .lapses = 1}));
}
TEST(Events, of_a_birth_name_its_ends) {
  abi::hcd_event record = raw(abi::HCD_EVENT_BIRTH);
  record.tick -= 10;
  record.id = std::uint64_t{record.tick} << 32 | 77;
  record.sides = abi::HCD_SYN_SENT << 4;
  const Event event = told(record);
  CHECK(event.kind == abi::HCD_EVENT_BIRTH);
  STRCMP_EQUAL("203.0.113.7", event.from.text().c_str());
  LONGS_EQUAL(40000, event.from_port);
  STRCMP_EQUAL("192.0.2.80", event.to.text().c_str());
  LONGS_EQUAL(80, event.to_port);
  STRCMP_EQUAL("10.0.0.1", event.host.text().c_str());
  LONGS_EQUAL(8080, event.host_port);
  LONGS_EQUAL(abi::HCD_SYN_SENT, event.client_side);
  LONGS_EQUAL(abi::HCD_CLOSED, event.server_side);
  CHECK(event.id == record.id);
  const auto since_zero = (event.at.time_since_epoch() - Duration(7'000'000)).count();
  LONGS_EQUAL(0, since_zero % 64'000'000);  // a tick begins there
  LONGS_EQUAL(record.tick, since_zero / 64'000'000);
}
TEST(Events, of_a_death_tell_its_age_and_its_counts) {
  abi::hcd_event record = raw(abi::HCD_EVENT_DEATH);
  record.id = std::uint64_t{record.tick - 1000} << 32;
  record.reason = abi::HCD_EVICTED;
  record.packets[1] = 9, record.bytes[0] = 1500;
  const Event event = told(record);
  CHECK(event.age == Milliseconds(64'000));
  LONGS_EQUAL(abi::HCD_EVICTED, event.reason);
  LONGS_EQUAL(9, event.packets[1]);
  LONGS_EQUAL(1500, event.bytes[0]);
  record.id = std::uint64_t{record.tick + 1} << 32;  // born on a CPU that was ahead
  CHECK(told(record).age == Duration(0));
}
TEST(Events, of_an_answer_have_its_source_as_the_host) {
  abi::hcd_event record = raw(abi::HCD_EVENT_DECISION);
  record.addr[0] = 0x0100000a;  // 10.0.0.1
  record.port = htons(8080);
  record.dport = htons(40000);
  record.hook = abi::HCD_HOOK_XDP;
  record.ifindex = 12;
  const Event event = told(record);
  LONGS_EQUAL(8080, event.host_port);
  CHECK(event.xdp);
  LONGS_EQUAL(12, event.interface);
}
TEST(Events, of_nonsense_are_none_and_indexes_beyond_the_maps_name_nothing) {
  abi::hcd_event record = raw(abi::HCD_EVENT_BIRTH);
  record.rule = record.host = record.table = 1 << 20;
  record.family = 5;
  const Event event = told(record);
  LONGS_EQUAL(0, event.rule);
  LONGS_EQUAL(0, event.table);
  CHECK(event.host.family == Family::None);
  CHECK(event.from.family == Family::None);
  for (const int kind : {0, 5, 255}) {
    record.kind = static_cast<__u8>(kind);
    CHECK(!event_of(maps.views(), std::as_bytes(std::span(&record, 1)), now));
  }
  record.kind = abi::HCD_EVENT_BIRTH;
  CHECK(!event_of(maps.views(), std::as_bytes(std::span(&record, 1)).first(100), now));
}
TEST(Events, have_rules_and_tables_with_names) {
  const auto rule = rule_name(maps.views(), 2);
  CHECK(rule.has_value());
  STRCMP_EQUAL("hcd/www", rule->anchor.c_str());
  STRCMP_EQUAL("web", rule->label.c_str());
  LONGS_EQUAL(5, rule->number);
  STRCMP_EQUAL("bad", table_name(maps.views(), 4)->name.c_str());
  memory.rule_infos[3].anchor = 1 << 20;
  for (const std::uint32_t index : {0U, 1U, 3U, 1U << 20}) {
    CHECK(!rule_name(maps.views(), index));
    CHECK(!table_name(maps.views(), index));
  }
}
