#include "tools/hcctl/change.h"

#include "tests/tools/hcctl/conversation.h"
#include "tools/hcctl/wait.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcctl;
using ctl::Verdict;

namespace {

ctl::Outcome outcome(bool dry_run) {
  return {.generation = 43,
          .dry_run = dry_run,
          .consequence = {.action = ctl::Action::Drain,
                          .changed = 1,
                          .objects = "host a of t",
                          .tables = {{.id = 1,
                                      .name = "t",
                                      .changed = 1,
                                      .hosts = 2,
                                      .up_before = 2,
                                      .up_after = 1,
                                      .weight_before = 2,
                                      .weight_after = 1,
                                      .sessions = 3100,
                                      .sessions_hit = 1900,
                                      .left = {"b"}}},
                          .services = {{.id = 0,
                                        .name = "www",
                                        .before = ctl::ServiceWord::Active,
                                        .after = ctl::ServiceWord::Backup,
                                        .table = "u"}}},
          .objects = {{.id = 4, .name = "t/a"}}};
}

}  // namespace

TEST_GROUP_BASE(HcctlChange, Conversation) {
  const Command drain{
      .verb = Verb::Change, .kind = ctl::Kind::Host, .action = ctl::Action::Drain, .targets = {"t/a*", "u/b"}};
  static ctl::Snapshot with_states(std::uint32_t states, bool drained = true) {
    return {.tables = {{.id = 1, .name = "t"}},
            .hosts = {{.id = 4, .table = 1, .name = "a", .word = ctl::HostWord::Up, .drained = drained}},
            .numbers = {.hosts = {{.id = 4, .traffic = {.states = states}}, {.id = 5, .traffic = {.states = 9}}}}};
  }
};

TEST(HcctlChange, all_that_goes_with_a_change_is_in_one_request) {
  options.wish = {.reason = "kernel 6.18", .generation = 42, .lasting = Seconds(1800)};
  daemon_says(ctl::Answer{Verdict::Conflict, "host a of t has been disabled by root"});
  CHECK_EQUAL(7, carry_out(drain));
  const auto heard = daemon_heard<ctl::Change>();
  CHECK(heard && heard->reason == "kernel 6.18" && heard->generation == 42 && heard->for_s == 1800);
  CHECK(heard->targets.size() == 2 && heard->targets[1].text == "u/b" && !heard->cut && !heard->dry_run);
  STRCMP_EQUAL("host a of t has been disabled by root\ncommand failed\n", error);
}

TEST(HcctlChange, a_dry_run_says_what_would_come_of_it) {
  options.wish.dry_run = true;
  daemon_says(outcome(true));
  daemon_says(ctl::Answer());
  CHECK_EQUAL(0, carry_out(drain));
  CHECK(daemon_heard<ctl::Change>()->dry_run);
  STRCMP_EQUAL(
      "host a of t: would be drained\n"
      "t: 1/2 up afterwards (b), 1.9k of 3.1k sessions affected, weight 2 -> 1 (-50%)\n"
      "service www: active -> active (using backup table), table u\n",
      out);
}

TEST(HcctlChange, for_a_script_the_outcome_has_the_objects_and_the_consequence) {
  options.style.format = Format::Lines;
  daemon_says(outcome(false));
  daemon_says(ctl::Answer());
  CHECK_EQUAL(0, carry_out(drain));
  STRCMP_CONTAINS("\"status\":\"done\",\"exit\":0,\"text\":\"host a of t drained\",\"effects\":[\"t: 1/2 up", out);
  STRCMP_CONTAINS(
      "\"dry_run\":false,\"generation\":43,\"changed\":1,"
      "\"objects\":[{\"kind\":\"host\",\"id\":4,\"name\":\"t/a\",\"already\":false}]",
      out);
  STRCMP_CONTAINS("\"before\":\"active\",\"after\":\"active (using backup table)\",\"table\":\"u\"", out);
}

TEST(HcctlChange, a_drain_waits_until_no_session_is_left) {
  Command command = drain;
  command.wait = true;
  daemon_says(outcome(false));
  daemon_says(ctl::Answer());
  daemon_shows(with_states(0), 2);
  CHECK_EQUAL(0, carry_out(command));
  STRCMP_EQUAL("command succeeded\n", out);
}

TEST(HcctlChange, it_looks_again_and_again_and_gives_up_when_time_runs_out) {
  struct : Clock {
    TimePoint at{};
    [[nodiscard]] TimePoint now() const override { return at; }
    [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return {}; }
  } still;
  int looks = 1;
  daemon_shows(with_states(2), 1);
  const Patience patience{.clock = still,
                          .sleep =
                              [&](Milliseconds pause) {
                                CHECK(pause > Milliseconds(0) && pause <= Seconds(2));
                                still.at += pause;
                                looks++;
                                daemon_shows(with_states(looks == 9 ? 1 : 2), static_cast<std::uint32_t>(looks));
                              },
                          .limit = Milliseconds(2000)};
  const auto answer = wait_drained(client, outcome(false).objects, patience);
  CHECK(answer->verdict == Verdict::TimedOut);
  STRCMP_CONTAINS("left with host t/a", answer->text.c_str());
  CHECK(still.at.time_since_epoch() == Milliseconds(2000));
  CHECK(looks > 4);
}

TEST(HcctlChange, a_host_that_another_operator_wants_back_is_not_waited_for) {
  daemon_shows(with_states(2, false));
  const auto answer = wait_drained(client, outcome(false).objects, {clock, [](Milliseconds) {}, {}});
  CHECK(answer->verdict == Verdict::Conflict);
  STRCMP_EQUAL("host t/a is drained no more", answer->text.c_str());
}

TEST(HcctlChange, nor_is_one_that_is_gone) {
  daemon_shows({});
  CHECK(wait_drained(client, outcome(false).objects, {clock, [](Milliseconds) {}, {}})->verdict == Verdict::Done);
}
