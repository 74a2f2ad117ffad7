#include "tests/hcd/ctl/server_fixture.h"

using namespace hcd;
using namespace hcd::ctl;
using test::Wire;

TEST_GROUP_BASE(ControlSubscription, test::ServerFixture){};

TEST(ControlSubscription, a_subscriber_gets_a_snapshot_and_then_what_changes) {
  Wire wire = greeted(name);
  wire.say(Subscribe(), 3);
  pump(loop);
  CHECK(wire.take<Begin>().has_value());
  CHECK(wire.take<End>().has_value());
  server.publish(Event{.subject = "www"});
  server.publish(Rows{.generation = 8, .hosts = {{.id = 4}}});
  server.publish(Gone{.kind = Kind::Host, .id = 4});
  pump(loop);
  STRCMP_EQUAL("www", wire.take<Event>()->subject.c_str());
  CHECK_EQUAL(4U, wire.take<Rows>()->hosts.at(0).id);
  CHECK_EQUAL(4U, wire.take<Gone>()->id);
}

TEST(ControlSubscription, a_subscription_begins_with_what_was_asked_for) {
  for (int i = 0; i < 3; i++) server.publish(Event{.subject = "event " + std::to_string(i)});
  backend.moving = {{.id = 7}};
  Wire wire = greeted(name);
  wire.say(Subscribe{.scope = {.numbers = true, .checks = 40, .events = 2}}, 3);
  pump(loop);
  CHECK(wire.take<Begin>().has_value());
  CHECK_EQUAL(7U, wire.take<Numbers>()->hosts.at(0).id);
  CHECK_EQUAL(Scope::kChecksMax, wire.take<Evidence>()->hosts.at(0).checks.size());
  const auto first = wire.take<Event>(), second = wire.take<Event>();
  STRCMP_EQUAL("event 1", first->subject.c_str());
  CHECK_EQUAL(first->number + 1, second->number);
  CHECK(wire.take<End>().has_value());
}

TEST(ControlSubscription, numbers_and_checks_come_at_the_pace_of_each_subscriber) {
  Wire fast = greeted(name), slow = greeted(name), plain = greeted(name);
  fast.say(Subscribe{.scope = {.numbers = true}, .beats = true, .interval_ms = 1});
  slow.say(Subscribe{.scope = {.numbers = true}, .interval_ms = 1000});
  plain.say(Subscribe());
  CHECK(!server.watched() && !server.wants_beats());
  pump(loop);
  CHECK(server.watched() && server.wants_beats());
  const auto count = [](Wire& wire) {
    std::pair<int, int> out;  // looks at numbers, batches of checks
    while (const auto type = wire.next()) {
      out.first += *type == Type::Vitals ? 1 : 0;
      out.second += *type == Type::Beats ? 1 : 0;
    }
    return out;
  };
  for (Wire* wire : {&fast, &slow, &plain}) (void)count(*wire);
  const auto looks = backend.looks;
  for (int quarter = 0; quarter < 8; quarter++) {
    backend.beats.beats = {{.host = 1}};
    loop.advance(Milliseconds(Subscribe::kLeastMs));
    pump(loop);
  }
  CHECK(count(fast) == std::pair(8, 8));
  CHECK(count(slow) == std::pair(2, 0));
  CHECK(count(plain) == std::pair(0, 0));
  CHECK_EQUAL(8U, backend.looks - looks);
}

TEST(ControlSubscription, who_subscribes_again_and_again_keeps_nobody_waiting) {
  Wire patient = greeted(name), restless = greeted(name);
  const Subscribe wanted{.scope = {.numbers = true}, .beats = true, .interval_ms = 1000};
  patient.say(wanted);
  pump(loop);
  while (patient.next()) {
  }
  for (int tenth = 0; tenth < 22; tenth++) {
    backend.moving = {{.id = 7}};
    restless.say(wanted);
    loop.advance(Milliseconds(100));
    pump(loop);
  }
  int looks = 0;
  while (const auto type = patient.next()) looks += *type == Type::Vitals ? 1 : 0;
  CHECK_EQUAL(2, looks);
}

TEST(ControlSubscription, a_check_is_told_once_be_it_in_what_a_subscriber_begins_with) {
  Wire first = greeted(name), second = greeted(name);
  const Subscribe wanted{.beats = true, .interval_ms = 1000};
  backend.beats.beats = {{.host = 1}};  // left by one who has gone
  first.say(wanted);
  pump(loop);
  backend.beats.beats = {{.host = 2}};
  second.say(wanted);
  pump(loop);
  CHECK(first.take<Begin>().has_value() && first.take<End>().has_value());
  CHECK_EQUAL(2U, first.take<Beats>()->beats.at(0).host);
  backend.beats.beats = {{.host = 3}};
  loop.advance(Milliseconds(1000));
  pump(loop);
  CHECK_EQUAL(3U, first.take<Beats>()->beats.at(0).host);
  CHECK(second.take<Begin>().has_value() && second.take<End>().has_value());
  CHECK_EQUAL(3U, second.take<Beats>()->beats.at(0).host);
  CHECK(!first.next() && !second.next());
}

TEST(ControlSubscription, another_subscription_takes_the_place_of_the_first) {
  Wire wire = greeted(name);
  wire.say(Subscribe{.beats = true}, 3);
  wire.say(Subscribe(), 4);
  pump(loop);
  CHECK(wire.take<Begin>().has_value() && wire.take<End>().has_value());
  CHECK(wire.take<Begin>().has_value() && wire.take<End>().has_value());
  CHECK(!server.wants_beats());
  server.publish(Event{});
  pump(loop);
  CHECK(wire.take<Event>().has_value());
  CHECK_EQUAL(4U, wire.frame.id);
}

TEST(ControlSubscription, events_alone_can_be_asked_for) {
  server.publish(Event{.subject = "www"});
  backend.state.hosts.push_back({.id = 1});
  Wire wire = greeted(name + "-ro");
  wire.say(Show{.scope = {.rows = false, .events = 10}});
  pump(loop);
  CHECK(wire.take<Begin>().has_value());
  STRCMP_EQUAL("www", wire.take<Event>()->subject.c_str());
  CHECK(wire.take<End>().has_value());
}

TEST(ControlSubscription, who_may_only_look_may_ask_what_would_come_of_a_change) {
  Wire wire = greeted(name + "-ro");
  wire.say(Change{.targets = {{.text = "www"}}, .dry_run = true});
  wire.say(Confirm());
  wire.say(Log{.verbose = true});
  pump(loop);
  CHECK(wire.take<Outcome>()->dry_run);
  CHECK(wire.take<Answer>()->verdict == Verdict::Done);
  for (int i = 0; i < 2; i++) CHECK(wire.take<Answer>()->verdict == Verdict::Permission);
  CHECK(backend.tickets.empty());
}

TEST(ControlSubscription, a_subscriber_that_falls_behind_is_resynchronised_when_it_reads_again) {
  Wire wire = greeted(name);
  wire.say(Subscribe());
  pump(loop);
  for (int i = 0; i < 100000; i++) server.publish(Event{.text = std::string(100, 'x')});
  int events = 0, begins = -1, snapshots = backend.snapshots;
  for (int round = 0; round < 100; round++) {
    while (const auto type = wire.next()) {
      events += *type == Type::Event ? 1 : 0;
      begins += *type == Type::Begin ? 1 : 0;
    }
    pump(loop);
    loop.advance(Seconds(1));
  }
  CHECK(events < 10000);  // what its queue and the socket held
  CHECK_EQUAL(1, begins);
  CHECK_EQUAL(1, backend.snapshots - snapshots);
}

TEST(ControlSubscription, what_changes_while_a_long_snapshot_is_read_comes_after_it) {
  many_hosts();
  Wire wire = greeted(name);
  wire.say(Subscribe());
  pump(loop);
  int snapshots = backend.snapshots, events = 0, begins = 0;
  for (int round = 0; round < 1000; round++) {  // it reads, but more slowly than things change
    server.publish(Event{.text = "x"});
    if (const auto type = wire.next()) {
      events += *type == Type::Event ? 1 : 0;
      begins += *type == Type::Begin ? 1 : 0;
    }
    pump(loop);
  }
  while (const auto type = wire.next()) {
    events += *type == Type::Event ? 1 : 0;
    begins += *type == Type::Begin ? 1 : 0;
    pump(loop);
  }
  CHECK_EQUAL(1000, events);
  CHECK_EQUAL(1, begins);
  CHECK_EQUAL(0, backend.snapshots - snapshots);
}

TEST(ControlSubscription, a_subscriber_that_reads_nothing_at_all_is_given_up) {
  many_hosts();
  Wire wire = greeted(name);
  wire.say(Subscribe());
  pump(loop);
  loop.advance(Seconds(50));
  CHECK_EQUAL(1U, server.clients());
  loop.advance(Seconds(12));
  CHECK_EQUAL(0U, server.clients());
}
