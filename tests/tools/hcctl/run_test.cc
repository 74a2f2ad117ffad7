#include "tools/hcctl/run.h"

#include <sys/socket.h>

#include "hcd/ipc/channel.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcctl;
using ctl::Verdict;

TEST_GROUP(HcctlRun) {
  std::pair<UniqueFd, UniqueFd> ends = std::move(*ipc::socket_pair());
  ctl::Client client{std::move(ends.first), Milliseconds(0)};
  char *out = nullptr, *error = nullptr;
  std::size_t out_size = 0, error_size = 0;

  template <class T>
  void daemon_says(const T& message) {
    const std::string frame = ipc::encode_frame(static_cast<std::uint32_t>(T::kType), 1, 0, ipc::encode(message));
    CHECK_EQUAL(static_cast<ssize_t>(frame.size()), send(ends.second.get(), frame.data(), frame.size(), 0));
  }
  int carry_out(const Command& command) {
    const Output output{open_memstream(&out, &out_size), open_memstream(&error, &error_size)};
    const Exit status = hcctl::run(command, client, Columns::TypeFirst, output);
    std::fclose(output.out);
    std::fclose(output.error);
    return static_cast<int>(status);
  }
  void teardown() override {
    std::free(out);
    std::free(error);
  }
};

TEST(HcctlRun, a_change_that_is_done_says_so_and_nothing_else) {
  daemon_says(ctl::Answer{Verdict::Done, "table webhosts disabled"});
  CHECK_EQUAL(0, carry_out({.verb = Verb::Change}));
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
  CHECK_EQUAL(0, carry_out({.verb = Verb::CheckNow, .target = "t"}));
  STRCMP_EQUAL(
      "up             0.00 ms  t/a                                       tcp connect ok\n"
      "disabled       0.00 ms  t/b                                       not checked\n",
      out);
  STRCMP_EQUAL("", error);
}

TEST(HcctlRun, results_that_do_not_come_are_an_error_after_those_that_came) {
  daemon_says(ctl::Checking{.hosts = 1, .limit_ms = 100});
  daemon_says(ctl::Answer{Verdict::TimedOut, "no result of 1 of the hosts in time"});
  CHECK_EQUAL(6, carry_out({.verb = Verb::CheckNow, .target = "t"}));
  STRCMP_EQUAL("no result of 1 of the hosts in time\ncommand failed\n", error);
}

TEST(HcctlRun, what_is_remembered_of_checks_is_printed_part_by_part) {
  daemon_says(ctl::Evidence{.tables = {{.name = "t"}}, .hosts = {}});
  daemon_says(ctl::Evidence{.tables = {}, .hosts = {{.name = "t/a"}}});
  daemon_says(ctl::Answer());
  CHECK_EQUAL(0, carry_out({.verb = Verb::ShowChecks, .target = "t"}));
  STRCMP_EQUAL("table t: 0 checks passed in the last ten minutes\nhost t/a: no check yet\n", out);
}
