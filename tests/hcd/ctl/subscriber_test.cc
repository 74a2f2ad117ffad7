#include "hcd/ctl/subscriber.h"

#include <vector>

#include "tests/hcd/ctl/pump.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ctl;

TEST_GROUP(Subscriber) {
  test::FakeLoop loop;
  std::pair<UniqueFd, UniqueFd> ends = std::move(*ipc::socket_pair());
  std::vector<ipc::Frame> asked;  // what the daemon got
  std::vector<Update> updates;
  std::string welcomed, lost;
  ipc::Channel daemon{loop, std::move(ends.second),
                      ipc::Channel::Handler{.message = [this](ipc::Message m) { asked.push_back(std::move(m.frame)); },
                                            .lost = [](const Error&) {}}};
  Subscriber client{loop, std::move(ends.first), "test 1",
                    Subscriber::Handler{.welcome = [this](const Welcome& w) { welcomed = w.daemon; },
                                        .update = [this](const Update& u) { updates.push_back(u); },
                                        .lost = [this](const Error& e) { lost += e.text; }}};

  void greet() {
    test::pump(loop);
    daemon.send(Welcome{.daemon = "hcd 9"}, 1);
    test::pump(loop);
  }
};

TEST(Subscriber, it_greets_and_then_subscribes) {
  greet();
  STRCMP_EQUAL("hcd 9", welcomed.c_str());
  CHECK_EQUAL(2U, asked.size());
  STRCMP_EQUAL("test 1", read<Hello>(asked[0])->client.c_str());
  CHECK(is<Subscribe>(asked[1]));
}

TEST(Subscriber, updates_are_handed_on_in_their_order) {
  greet();
  daemon.send(Begin{.header = {.vitals = {.generation = 7}}}, 2);
  daemon.send(Event{.text = "up -> down"}, 2);
  test::pump(loop);
  CHECK_EQUAL(7U, std::get<Begin>(updates.at(0)).header.vitals.generation);
  STRCMP_EQUAL("up -> down", std::get<Event>(updates.at(1)).text.c_str());
}

TEST(Subscriber, an_answer_finds_its_request_among_the_updates) {
  greet();
  std::string first, second;
  std::size_t hosts = 0;
  CHECK(client.ask(Change{.targets = {{.text = "1"}}}, {.answer = [&](const Answer& a) { first = a.text; }}));
  CHECK(client.ask(Checks{.target = "2"}, {.answer = [&](const Answer& a) { second = a.text; },
                                           .evidence = [&](const Evidence& e) { hosts += e.hosts.size(); }}));
  test::pump(loop);
  daemon.send(Evidence{.hosts = {{.id = 1}, {.id = 2}}}, asked.at(3).id);
  daemon.send(Answer{Verdict::Done, "two"}, asked.at(3).id);
  daemon.send(Answer{Verdict::Conflict, "one"}, asked.at(2).id);
  test::pump(loop);
  STRCMP_EQUAL("one", first.c_str());
  STRCMP_EQUAL("two", second.c_str());
  CHECK_EQUAL(2U, hosts);
}

TEST(Subscriber, updates_are_gathered_until_their_time_or_until_something_is_asked) {
  greet();
  client.gather(Milliseconds(100));
  const auto tell = [this] {
    daemon.send(Event{}, 2);
    test::pump(loop);
    return updates.size();
  };
  CHECK_EQUAL(1U, tell());  // after it, what comes waits
  CHECK_EQUAL(1U, tell());
  CHECK_EQUAL(1U, tell());
  loop.advance(Milliseconds(100));
  test::pump(loop);
  CHECK_EQUAL(3U, updates.size());
  CHECK_EQUAL(3U, tell());
  CHECK(client.ask(Checks{.target = "1"}, {}));
  CHECK_EQUAL(5U, tell());
  CHECK_EQUAL(6U, tell());  // the answer may come at any time
}

TEST(Subscriber, no_more_is_asked_than_is_answered) {
  greet();
  for (std::size_t i = 0; i < Subscriber::kWaitingMax; i++) CHECK(client.ask(Checks{.target = "1"}, {}));
  CHECK_FALSE(client.ask(Checks{.target = "1"}, {}));
}

TEST(Subscriber, a_request_that_the_daemon_would_not_take_is_not_sent) {
  greet();
  CHECK_FALSE(client.ask(Checks{.target = std::string(kRequestMax, 'x')}, {}));
}

TEST(Subscriber, a_refusal_and_nonsense_are_the_end_told_once) {
  greet();
  daemon.send(Answer{Verdict::TimedOut, "it does not read"}, 0);
  daemon.send(End{}, 77);
  test::pump(loop);
  STRCMP_EQUAL("it does not read", lost.c_str());
}

TEST(Subscriber, an_update_under_a_foreign_number_is_not_believed) {
  greet();
  daemon.send(End{}, 77);
  test::pump(loop);
  STRCMP_CONTAINS("not understood", lost.c_str());
  CHECK_EQUAL(0U, updates.size());
}

TEST(Subscriber, a_version_that_is_not_spoken_is_an_error_with_the_daemons_words) {
  test::pump(loop);
  daemon.send(Answer{Verdict::Version, "versions 9 to 9"}, 1);
  test::pump(loop);
  STRCMP_EQUAL("versions 9 to 9", lost.c_str());
}
