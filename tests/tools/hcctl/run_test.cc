#include "tools/hcctl/run.h"

#include "tests/tools/hcctl/conversation.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcctl;
using ctl::Verdict;

TEST_GROUP_BASE(HcctlRun, Conversation){};

TEST(HcctlRun, a_change_that_is_done_says_so_and_nothing_else) {
  daemon_says(ctl::Outcome());
  daemon_says(ctl::Answer{Verdict::Done, "table webhosts disabled"});
  CHECK_EQUAL(0, carry_out({.verb = Verb::Change, .kind = ctl::Kind::Table, .targets = {"webhosts"}}));
  STRCMP_EQUAL("command succeeded\n", out);
  STRCMP_EQUAL("", error);
}

TEST(HcctlRun, a_refusal_is_printed_line_by_line_and_safely) {
  daemon_says(ctl::Answer{Verdict::Refused, "hcd.conf:1:1: bad\x1b\nhcd.conf:2:1: worse\n"});
  CHECK_EQUAL(1, carry_out({.verb = Verb::Reload}));
  STRCMP_EQUAL("hcd.conf:1:1: bad\\x1b\nhcd.conf:2:1: worse\ncommand failed\n", error);
  STRCMP_EQUAL("", out);
}

TEST(HcctlRun, each_way_to_fail_has_its_exit_status) {
  const std::pair<Verdict, int> all[] = {{Verdict::Done, 0},     {Verdict::Refused, 1},   {Verdict::Permission, 4},
                                         {Verdict::NotFound, 5}, {Verdict::Ambiguous, 5}, {Verdict::TimedOut, 6},
                                         {Verdict::Conflict, 7}, {Verdict::Limit, 1}};
  for (const auto& [verdict, status] : all) CHECK_EQUAL(status, static_cast<int>(exit_of(verdict)));
  CHECK(exit_of(Error{Code::NotFound, ENOENT, ""}) == Exit::NoDaemon);
  CHECK(exit_of(Error{Code::Permission, EACCES, ""}) == Exit::NoPermission);
  CHECK(exit_of(Error{Code::System, ETIMEDOUT, ""}) == Exit::TimedOut);
  CHECK(exit_of(Error{Code::Protocol, 0, ""}) == Exit::Failed);
}

TEST(HcctlRun, show_prints_what_the_daemon_sent) {
  daemon_says(ctl::Begin());
  daemon_says(ctl::Rows{.tables = {{.id = 7, .name = "webhosts", .word = ctl::TableWord::Empty}}});
  daemon_says(ctl::End());
  CHECK_EQUAL(0, carry_out({.verb = Verb::ShowTables}));
  STRCMP_CONTAINS("table\t   7\twebhosts", out);
}

TEST(HcctlRun, monitor_prints_events_until_the_daemon_goes) {
  daemon_says(ctl::Begin());
  daemon_says(ctl::End());
  daemon_says(ctl::Event{.kind = ctl::EventKind::Service, .subject = "www", .text = "down, rules removed"});
  ends.second.reset();
  CHECK_EQUAL(3, carry_out({.verb = Verb::Monitor}));
  STRCMP_CONTAINS("service www down, rules removed\n", out);
  STRCMP_EQUAL("the daemon closed the connection\n", error);
}

TEST(HcctlRun, checks_that_were_asked_for_are_printed_as_they_come_and_nothing_is_said_at_the_end) {
  daemon_says(ctl::Checking{.hosts = 2, .limit_ms = 100});
  daemon_says(ctl::Checked{.name = "t/a", .row = {.word = ctl::HostWord::Up, .reason = ipc::Reason::TcpConnectOk}});
  daemon_says(ctl::Checked{.name = "t/b", .row = {.word = ctl::HostWord::Disabled}});
  daemon_says(ctl::Answer());
  CHECK_EQUAL(0, carry_out({.verb = Verb::CheckNow, .targets = {"t"}}));
  STRCMP_EQUAL(
      "up             0.00 ms  t/a                                       tcp connect ok\n"
      "disabled       0.00 ms  t/b                                       not checked\n",
      out);
  STRCMP_EQUAL("", error);
}

TEST(HcctlRun, results_that_do_not_come_are_an_error_after_those_that_came) {
  daemon_says(ctl::Checking{.hosts = 1, .limit_ms = 100});
  daemon_says(ctl::Answer{Verdict::TimedOut, "no result of 1 of the hosts in time"});
  CHECK_EQUAL(6, carry_out({.verb = Verb::CheckNow, .targets = {"t"}}));
  STRCMP_EQUAL("no result of 1 of the hosts in time\ncommand failed\n", error);
}

TEST(HcctlRun, what_is_remembered_of_checks_is_printed_part_by_part) {
  daemon_says(ctl::Evidence{.tables = {{.name = "t"}}, .hosts = {}});
  daemon_says(ctl::Evidence{.tables = {}, .hosts = {{.name = "t/a"}}});
  daemon_says(ctl::Answer());
  CHECK_EQUAL(0, carry_out({.verb = Verb::ShowChecks, .targets = {"t"}}));
  STRCMP_EQUAL("table t: 0 checks passed in the last ten minutes\nhost t/a: no check yet\n", out);
}

TEST(HcctlRun, for_a_script_the_outcome_is_an_object_whatever_it_is) {
  options.style.format = Format::Lines;
  daemon_says(ctl::Answer{Verdict::Ambiguous, "host \"a\" is ambiguous: t/a (id 1), u/a (id 2)"});
  CHECK_EQUAL(5, carry_out({.verb = Verb::Change, .kind = ctl::Kind::Host, .targets = {"a"}}));
  STRCMP_EQUAL(
      "{\"schema\":1,\"type\":\"outcome\",\"status\":\"not found\",\"exit\":5,"
      "\"text\":\"host \\\"a\\\" is ambiguous: t/a (id 1), u/a (id 2)\"}\n",
      out);
  STRCMP_EQUAL("", error);
}

TEST(HcctlRun, poll_has_all_hosts_checked_and_says_no_more_than_that_it_is_done) {
  daemon_says(ctl::Checked{.name = "t/a"});
  daemon_says(ctl::Answer());
  CHECK_EQUAL(0, carry_out({.verb = Verb::Poll}));
  STRCMP_EQUAL("*", daemon_heard<ctl::CheckNow>()->target.c_str());
  STRCMP_EQUAL("command succeeded\n", out);
}

TEST(HcctlRun, a_plug_in_without_a_daemon_does_not_know) {
  ends.second.reset();
  CHECK_EQUAL(3, carry_out({.verb = Verb::Check, .targets = {"www"}}));
  STRCMP_EQUAL("UNKNOWN - the daemon closed the connection\n", out);
}

TEST(HcctlRun, a_reload_tells_what_it_changed_and_may_wait_to_be_confirmed) {
  daemon_says(ctl::Answer{Verdict::Done, "+1 host\n"});
  CHECK_EQUAL(0, carry_out({.verb = Verb::Reload, .confirm_within = Seconds(60)}));
  STRCMP_EQUAL("+1 host\ncommand succeeded\n", out);
  CHECK_EQUAL(60, daemon_heard<ctl::Reload>()->confirm_within_s);
}

TEST(HcctlRun, a_reload_is_confirmed_or_taken_back) {
  daemon_says(ctl::Answer());
  CHECK_EQUAL(0, carry_out({.verb = Verb::Confirm}));
  CHECK(daemon_heard<ctl::Confirm>()->keep);
  daemon_says(ctl::Answer{Verdict::Refused, "no reload waits to be confirmed"}, 2);
  CHECK_EQUAL(1, carry_out({.verb = Verb::Confirm, .keep = false}));
  CHECK(!daemon_heard<ctl::Confirm>()->keep);
}

TEST(HcctlRun, how_much_is_logged_is_said) {
  daemon_says(ctl::Answer());
  CHECK_EQUAL(0, carry_out({.verb = Verb::Log, .verbose = true}));
  CHECK(daemon_heard<ctl::Log>()->verbose);
}

TEST(HcctlRun, what_cannot_be_had_is_refused_before_anybody_is_asked) {
  const auto refused = [&](const Command& command) { return !check_command(command, options).has_value(); };
  CHECK(!refused({.verb = Verb::Change}));
  CHECK(refused({.verb = Verb::Load, .targets = {"/etc/shadow"}}));
  options.wish.reason = "why";
  CHECK(!refused({.verb = Verb::Change}));
  CHECK(refused({.verb = Verb::Reload}));
  options.wish.lasting = Seconds(60);
  CHECK(refused({.verb = Verb::Change, .action = ctl::Action::ResetWeight}));
  options.wish = {};
  options.style.fields = {"name", "colour"};
  STRCMP_CONTAINS("column \"colour\" is not known; possible: id, name, ",
                  check_command({.verb = Verb::ShowTables}, options).error().text.c_str());
  CHECK(refused({.verb = Verb::Change}));
  options.style = {.format = Format::Document};
  CHECK(refused({.verb = Verb::Monitor}));
}
