#include "hcd/hce/script.h"

#include <map>

#include <sys/socket.h>

#include "hcd/hce/runner.h"
#include "hcd/ipc/messages.h"
#include "tests/fake/fake_loop.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::chrono_literals;
using ipc::Reason;
using ipc::ScriptEnd;

TEST_GROUP(Script) {
  test::FakeLoop loop;
  UniqueFd far;
  std::unique_ptr<ipc::Channel> parent;
  std::vector<std::pair<conf::Id, Verdict>> verdicts;
  std::unique_ptr<Runner> runner;
  std::unique_ptr<Plan> plan;
  std::vector<std::unique_ptr<Subject>> subjects;
  std::map<conf::Id, std::uint32_t> runs;  // the last of each host
  std::size_t asked = 0, stopped = 0;

  void setup() override {
    auto pair = std::move(*ipc::socket_pair());
    far = std::move(pair.second);
    parent = std::make_unique<ipc::Channel>(loop, std::move(pair.first), ipc::Channel::Handler{});
    make(parent.get());
    conf::Table table;
    table.name = "job:80";
    table.port = 80;
    table.check.type = conf::CheckType::Script;
    table.check.script.path = "/bin/check";
    table.timeout = 500ms;
    table.interval = 2s;
    plan = std::make_unique<Plan>(*make_plan(table));
  }
  void teardown() override {
    for (auto& subject : subjects) runner->forget(*subject);
    subjects.clear();
  }
  void make(ipc::Channel * channel) {
    runner = std::make_unique<Runner>(
        loop, IcmpSockets{}, Scheduler::Limits{.running = 100, .burst = 64},
        [this](Subject& s, const Verdict& v, Duration) { verdicts.emplace_back(s.id, v); }, channel);
  }
  void add(unsigned count) {
    for (unsigned i = 0; i < count; i++) {
      conf::Host host;
      host.id = static_cast<conf::Id>(subjects.size() + 1);
      host.address = *Address::parse("10.0.0.1");
      subjects.push_back(std::make_unique<Subject>(host, *plan));
      runner->watch(*subjects.back());
    }
  }
  void hear() {  // what the parent is asked for
    loop.run();
    char bytes[65536];
    ipc::FrameReader reader;
    for (ssize_t n; (n = recv(far.get(), bytes, sizeof bytes, MSG_DONTWAIT)) > 0;)
      reader.feed({bytes, static_cast<std::size_t>(n)});
    for (ipc::Frame frame; *reader.next(frame);) {
      if (const auto run = ipc::decode<ipc::ScriptRun>(frame.payload);
          frame.type == static_cast<std::uint32_t>(ipc::Type::ScriptRun)) {
        runs[run->host] = run->run;
        asked++;
      } else {
        stopped++;
      }
    }
  }
  void pass(Milliseconds time) {
    loop.advance(time);
    hear();
  }
  void await_turn() {
    const std::size_t before = asked;
    for (int i = 0; i < 200 && asked == before; i++) pass(20ms);
    CHECK_EQUAL(before + 1, asked);
  }
  bool answer(conf::Id host, ScriptEnd end, std::uint8_t value = 0, std::string why = {}) {
    const bool taken =
        runner->scripts().on_result({.run = runs[host], .end = end, .value = value, .why = std::move(why)}).has_value();
    hear();
    return taken;
  }
  const Verdict& last() {
    return verdicts.back().second;
  }
};

TEST(Script, above_zero_is_up_and_zero_is_down) {
  add(1);
  pass(10ms);
  CHECK_EQUAL(1U, asked);
  CHECK(answer(1, ScriptEnd::Exited, 1));
  CHECK(last().outcome == hce::Outcome::Passed && last().reason == Reason::ScriptOk);
  CHECK_EQUAL(1, last().code);
  await_turn();
  CHECK(answer(1, ScriptEnd::Exited, 0));
  CHECK(last().outcome == hce::Outcome::Failed && last().reason == Reason::ScriptFailed);
  STRCMP_EQUAL("exit status 0", last().detail.c_str());
}

TEST(Script, each_other_end_has_its_words) {
  add(1);
  const auto ends = [&](ScriptEnd end, std::uint8_t value, hce::Outcome outcome, const char* detail) {
    await_turn();
    CHECK(answer(1, end, value, "ENOENT"));
    CHECK(last().outcome == outcome);
    STRCMP_EQUAL(detail, last().detail.c_str());
  };
  ends(ScriptEnd::Killed, 11, hce::Outcome::Failed, "killed by signal 11");
  ends(ScriptEnd::TimedOut, 0, hce::Outcome::Failed, "timeout");
  ends(ScriptEnd::NotRun, 0, hce::Outcome::Unrun, "ENOENT");
}

TEST(Script, its_time_is_bounded_here_too_and_its_place_is_kept_until_its_end) {
  runner->scripts().limit(1);
  add(1);
  pass(10ms);
  pass(500ms);
  CHECK(last().reason == Reason::ScriptFailed && last().detail == "timeout");
  CHECK_EQUAL(1U, stopped);
  pass(2s);
  CHECK_EQUAL(1U, asked);
  CHECK(answer(1, ScriptEnd::TimedOut));
  CHECK_EQUAL(2U, asked);
  CHECK_EQUAL(1U, verdicts.size());
}

TEST(Script, no_more_than_the_limit_run_and_the_time_of_the_others_begins_with_them) {
  runner->scripts().limit(2);
  add(3);
  pass(10ms);
  CHECK_EQUAL(2U, asked);
  pass(400ms);
  CHECK(answer(1, ScriptEnd::Exited, 1));
  CHECK_EQUAL(3U, asked);
  pass(100ms);  // the second one's time is up, not the third's
  CHECK_EQUAL(2U, verdicts.size());
  CHECK_EQUAL(2U, last().detail == "timeout" ? verdicts.back().first : 0U);
  CHECK(answer(3, ScriptEnd::Exited, 1));
  CHECK_EQUAL(3U, verdicts.back().first);
  CHECK(last().outcome == hce::Outcome::Passed);
}

TEST(Script, one_that_queued_past_its_interval_is_unknown_and_not_down) {
  runner->scripts().limit(1);
  add(2);
  pass(10ms);
  pass(500ms);  // the first one's time is up, and nothing tells that it has ended
  CHECK_EQUAL(1U, verdicts.size());
  pass(4s);
  bool found = false;
  for (const auto& [host, verdict] : verdicts) {
    if (host != 2) continue;
    found = true;
    CHECK(verdict.outcome == hce::Outcome::Unrun);
    STRCMP_EQUAL("script limit", verdict.detail.c_str());
  }
  CHECK(found);
}

TEST(Script, a_forgotten_host_is_stopped_and_its_result_is_nobodys) {
  add(1);
  pass(10ms);
  runner->forget(*subjects[0]);
  hear();
  CHECK_EQUAL(1U, stopped);
  CHECK(answer(1, ScriptEnd::NotRun));
  CHECK_EQUAL(0U, verdicts.size());
}

TEST(Script, a_result_that_nobody_asked_for_is_a_lie) {
  add(1);
  pass(10ms);
  CHECK(!runner->scripts().on_result({.run = 77}).has_value());
  CHECK(answer(1, ScriptEnd::Exited, 1) && !answer(1, ScriptEnd::Exited, 1));
}

TEST(Script, without_a_parent_nothing_is_known) {
  make(nullptr);
  add(1);
  pass(10ms);
  CHECK(last().outcome == hce::Outcome::Unrun);
}
