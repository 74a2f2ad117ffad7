#include "hcd/hce/exchange.h"

#include "tests/fake/scripted_stream.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using ipc::Reason;
using What = tls::Io::What;

TEST_GROUP(Exchange) {
  Exchange exchange;
  Verdict verdict;

  static Plan plan(std::string send, std::string expect, bool binary = false) {
    conf::Table table;
    table.name = "t";
    table.port = 25;
    table.check.type = conf::CheckType::SendExpect;
    table.check.exchange = {.binary = binary, .send = std::move(send), .expect = std::move(expect)};
    return *make_plan(table);
  }
  Step run(const Plan& how, test::ScriptedStream& stream) {
    exchange.begin(how);
    return exchange.run(stream, verdict);
  }
};

TEST(Exchange, an_answer_is_judged_as_it_grows) {
  const Plan how = plan("HELO x\r\n", "2*250 *");
  test::ScriptedStream stream;
  stream.accepts(3).write_gives(What::WantWrite);
  CHECK(run(how, stream) == Step::WaitWrite);
  CHECK(exchange.timed_out(false).reason == Reason::TcpWriteTimeout);
  stream.accepts(99).brings("220 a").read_gives(What::WantRead);
  CHECK(exchange.run(stream, verdict) == Step::WaitRead);
  CHECK(exchange.timed_out(false).reason == Reason::TcpReadTimeout);
  STRCMP_EQUAL("got \"220 a\"", exchange.timed_out(false).detail.c_str());
  stream.brings("\r\n25").brings("0 x\r\nmore");
  CHECK(exchange.run(stream, verdict) == Step::Done);
  CHECK(verdict.outcome == Outcome::Passed && verdict.reason == Reason::SendExpectOk);
  STRCMP_EQUAL("HELO x\r\n", stream.written.c_str());
  CHECK(stream.followed());
}

TEST(Exchange, a_banner_that_came_before_the_request_is_not_missed) {
  const Plan how = plan("x", "220*");
  test::ScriptedStream stream;
  stream.accepts(1).brings("220 hello");
  CHECK(run(how, stream) == Step::Done);
  CHECK(verdict.reason == Reason::SendExpectOk);
}

TEST(Exchange, one_byte_pieces_end_as_the_whole_does) {
  const Plan how = plan("", "+PONG");
  for (const std::string answer : {"+PONG\r\n", "-ERR\r\n"}) {
    test::ScriptedStream whole, pieces;
    whole.brings(answer);
    CHECK(run(how, whole) == Step::Done);
    const Verdict expected = verdict;
    for (const char c : answer) pieces.brings({c});
    exchange.begin(how);
    Step step = Step::Again;
    while (step == Step::Again) step = exchange.run(pieces, verdict);
    CHECK(step == Step::Done);
    CHECK(expected.outcome == verdict.outcome && expected.reason == verdict.reason);
  }
}

TEST(Exchange, what_cannot_match_any_more_fails_at_once_and_is_told) {
  const Plan how = plan("", "220*");
  test::ScriptedStream stream;
  stream.brings("554 go\r\n");
  CHECK(run(how, stream) == Step::Done);
  CHECK(verdict.outcome == Outcome::Failed && verdict.reason == Reason::SendExpectFailed);
  STRCMP_EQUAL("got \"554 go\\x0d\\x0a\"", verdict.detail.c_str());
}

TEST(Exchange, each_end_has_its_reason) {
  const Plan how = plan("x", "*ready");
  const auto ends = [&](bool encrypted, auto script, Reason reason, const char* detail) {
    test::ScriptedStream stream(encrypted);
    script(stream);
    CHECK(run(how, stream) == Step::Done);
    CHECK(verdict.outcome == Outcome::Failed && verdict.reason == reason);
    STRCMP_EQUAL(detail, verdict.detail.c_str());
  };
  using S = test::ScriptedStream;
  ends(false, [](S& s) { s.write_gives(What::Failed); }, Reason::TcpWriteFailed, "ECONNRESET");
  ends(true, [](S& s) { s.write_gives(What::Closed); }, Reason::TlsWriteError, "closed");
  ends(false, [](S& s) { s.accepts(1).read_gives(What::Failed); }, Reason::TcpReadFailed, "ECONNRESET");
  ends(true, [](S& s) { s.accepts(1).brings("a").read_gives(What::Failed); }, Reason::TlsReadError, "ECONNRESET");
  ends(false, [](S& s) { s.accepts(1).read_gives(What::Closed); }, Reason::SendExpectFailed, "empty answer");
  ends(
      false, [](S& s) { s.accepts(1).brings("not yet").read_gives(What::Closed); }, Reason::SendExpectFailed,
      "closed after \"not yet\"");
}

TEST(Exchange, an_answer_without_end_ends_and_lets_others_be_served) {
  const Plan how = plan("", "*ready");
  test::ScriptedStream stream;
  for (int i = 0; i < 16; i++) stream.brings(std::string(4096, 'x'));
  exchange.begin(how);
  int steps = 1;
  while (exchange.run(stream, verdict) == Step::Again) steps++;
  CHECK_EQUAL(4, steps);
  CHECK(verdict.reason == Reason::SendExpectFailed);
  STRCMP_CONTAINS("endless answer: \"xxx", verdict.detail.c_str());
  CHECK(verdict.detail.size() <= 128);
}

TEST(Exchange, a_pattern_that_nothing_matches_too_wants_an_answer_or_its_end) {
  const Plan how = plan("", "*");
  test::ScriptedStream waits, ended;
  waits.read_gives(What::WantRead);
  CHECK(run(how, waits) == Step::WaitRead);
  waits.brings("x");
  CHECK(exchange.run(waits, verdict) == Step::Done);
  CHECK(verdict.outcome == Outcome::Passed);
  ended.read_gives(What::Closed);
  CHECK(run(how, ended) == Step::Done);
  CHECK(verdict.outcome == Outcome::Passed);
}

TEST(Exchange, bytes_are_what_the_answer_begins_with) {
  const Plan how = plan(std::string("\0", 1), std::string("\x05\0\x01", 3), true);
  test::ScriptedStream right, wrong, brief;
  right.accepts(1).brings("\x05").brings(std::string("\0\x01more", 6));
  CHECK(run(how, right) == Step::Done);
  CHECK(verdict.outcome == Outcome::Passed);
  wrong.accepts(1).brings(std::string("\x05\0\x02", 3));
  CHECK(run(how, wrong) == Step::Done);
  CHECK(verdict.reason == Reason::SendExpectFailed);
  brief.accepts(1).brings("\x05").read_gives(What::Closed);
  CHECK(run(how, brief) == Step::Done);
  STRCMP_EQUAL("closed after \"\\x05\"", verdict.detail.c_str());
}

TEST(Exchange, a_plan_that_no_configuration_makes_is_refused) {
  conf::Check check;
  Plan made;
  CHECK(!prepare_exchange(check, made));
  check.exchange.expect = "[[:nothing:]]";
  CHECK(!prepare_exchange(check, made));
}
