#include "hcd/parent/scripts.h"

#include <csignal>

#include "tests/fake/fake_launcher.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::parent;
using ipc::ScriptEnd;
using How = proc::Outcome::How;

TEST_GROUP(Scripts) {
  test::FakeLoop loop;
  test::FakeLauncher launcher;
  std::vector<ipc::ScriptResult> answers;
  Scripts scripts{loop, launcher, [this](const ipc::ScriptResult& result) { answers.push_back(result); }};
  conf::Config config;

  void setup() override {
    conf::Table other{.id = 1, .name = "other:80", .port = 80};
    other.check.type = conf::CheckType::Tcp;
    other.hosts.push_back({.id = 5, .name = "10.0.0.5"});
    conf::Table table{.id = 2, .name = "job:8080", .port = 8080};
    table.check.type = conf::CheckType::Script;
    table.check.script.path = "/bin/check";
    table.timeout = Milliseconds(1500);
    for (conf::Id id = 10; id < 20; id++)
      table.hosts.push_back({.id = id, .name = "web.example.org", .address = *Address::parse("10.0.0.1")});
    config.tables = {other, table};
    config.global.script_limit = 2;
  }
  bool run(std::uint32_t number, conf::Id host = 10) {
    return scripts.run({.run = number, .host = host}, config).has_value();
  }
  const ipc::ScriptResult& last() {
    return answers.back();
  }
};

TEST(Scripts, what_is_run_is_what_the_configuration_says) {
  CHECK(run(1));
  const auto& options = launcher.programs.at(0).options;
  STRCMP_EQUAL("/bin/check", options.path.c_str());
  CHECK(options.arguments == std::vector<std::string>{"web.example.org"});
  for (const char* one : {"HCD_HOST=web.example.org", "HCD_ADDRESS=10.0.0.1", "HCD_PORT=8080", "HCD_TABLE=job:8080"})
    CHECK(std::ranges::count(options.environment, one) == 1);
  CHECK_EQUAL(7U, options.environment.size());
  CHECK(options.cpu == Seconds(3));
}

TEST(Scripts, each_end_is_told_once) {
  CHECK(run(1));
  launcher.ends(loop, 0, 7);
  CHECK(last().run == 1 && last().end == ScriptEnd::Exited && last().value == 7);
  CHECK(run(2));
  launcher.ends(loop, 1, SIGSEGV, How::Killed);
  CHECK(last().run == 2 && last().end == ScriptEnd::Killed && last().value == SIGSEGV);
  CHECK(run(3));
  launcher.ends(loop, 2, ENOENT, How::NotRun);
  CHECK(last().run == 3 && last().end == ScriptEnd::NotRun && last().why == "ENOENT");
  loop.advance(Seconds(10));
  CHECK_EQUAL(3U, answers.size());
  CHECK(launcher.programs[0].finished && !launcher.programs[0].killed);
}

TEST(Scripts, one_whose_time_is_up_is_killed_and_answered_when_it_has_ended) {
  CHECK(run(1));
  loop.advance(Milliseconds(1499));
  CHECK(!launcher.programs[0].killed);
  loop.advance(Milliseconds(1));
  CHECK(launcher.programs[0].killed);
  CHECK_EQUAL(0U, answers.size());
  launcher.ends(loop, 0, SIGKILL, How::Killed);
  CHECK_EQUAL(1U, answers.size());
  CHECK(last().run == 1 && last().end == ScriptEnd::TimedOut);
}

TEST(Scripts, one_that_does_not_die_goes_on_counting) {
  CHECK(run(1) && run(2));
  loop.advance(Seconds(2));
  CHECK_EQUAL(0U, answers.size());
  CHECK(run(3));
  CHECK(last().run == 3 && last().end == ScriptEnd::NotRun && last().why == "script limit");
  launcher.ends(loop, 0, SIGKILL, How::Killed);
  CHECK(last().run == 1 && last().end == ScriptEnd::TimedOut);
  CHECK(run(4));  // an answer is a free place
  CHECK_EQUAL(3U, launcher.programs.size());
}

TEST(Scripts, what_is_stopped_is_killed_and_answered_when_it_has_ended) {
  CHECK(run(1));
  scripts.stop({.run = 99});
  CHECK(!launcher.programs[0].killed);
  scripts.stop({.run = 1});
  CHECK(launcher.programs[0].killed);
  scripts.stop({.run = 1});
  CHECK_EQUAL(0U, answers.size());
  launcher.ends(loop, 0, SIGKILL, How::Killed);
  CHECK_EQUAL(1U, answers.size());
  CHECK(last().run == 1 && last().end == ScriptEnd::NotRun && last().why == "stopped");
}

TEST(Scripts, only_hosts_whose_check_is_a_script_have_one) {
  CHECK(run(1, 5) && run(2, 404));
  CHECK_EQUAL(0U, launcher.programs.size());
  CHECK_EQUAL(2U, answers.size());
  CHECK(last().end == ScriptEnd::NotRun && last().why == "no such host");
}

TEST(Scripts, a_number_in_use_is_a_lie_and_an_old_one_is_not) {
  CHECK(run(1) && !run(1));
  launcher.ends(loop, 0, 1);
  CHECK(run(1));
}

TEST(Scripts, what_this_machine_cannot_start_is_told) {
  launcher.refuse = EAGAIN;
  CHECK(run(1));
  CHECK(last().end == ScriptEnd::NotRun && last().why == "EAGAIN");
}

TEST(Scripts, all_end_with_hce_and_none_is_answered) {
  CHECK(run(1) && run(2));
  scripts.end_all();
  CHECK(launcher.programs[0].killed && launcher.programs[1].killed);
  for (const std::size_t i : {0U, 1U}) launcher.ends(loop, i, SIGKILL, How::Killed);
  CHECK_EQUAL(0U, answers.size());
  CHECK(run(1));
}
