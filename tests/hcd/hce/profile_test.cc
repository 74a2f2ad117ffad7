#include "hcd/hce/profile.h"

#include "tests/fake/conversation.h"
#include "tests/fake/scripted_stream.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using ipc::Reason;
using What = tls::Io::What;

namespace {

// Says "hello", wants lines: "ok" passes, "no ..." refuses, "tls" begins it, "more" is taken, anything else is malformed.
class Lines final : public Profile {
 public:
  Lines() : Profile({Reason::RedisOk, Reason::RedisMalformed, Reason::RedisFailed}) {}
  int secured_times = 0;

 private:
  void start() override { say("hello\n"); }
  void secured() override {
    secured_times++;
    say("again\n");
  }
  std::size_t hear(std::string_view heard) override {
    const std::size_t end = heard.find('\n');
    if (end == std::string_view::npos) return 0;
    const std::string_view line = heard.substr(0, end);
    if (line == "ok") pass("bye\n");
    if (line.starts_with("no ")) refused(7, line.substr(3), "bye\n");
    if (line == "tls") {
      say("begin\n");
      secure();
    }
    if (line != "ok" && line != "more" && line != "tls" && !line.starts_with("no ")) malformed("line");
    return end + 1;
  }
};

}  // namespace

TEST_GROUP(Profile) {
  Lines lines;
  Plan plan;
  Verdict verdict;

  std::string ends(std::string server, bool encrypted = false) {
    return test::told(
        test::converse(lines, plan, test::Conversation({{"hello\n", std::move(server)}}).over_tls(encrypted)));
  }
  template <class Script>
  std::string follows(Script script, bool encrypted = false) {
    test::ScriptedStream stream(encrypted);
    script(stream);
    lines.begin(plan);
    Step step = Step::Again;
    for (int i = 0; i < 100 && step != Step::Done; i++) step = lines.run(stream, verdict);
    CHECK(step == Step::Done);
    CHECK(stream.followed());
    return std::string(ipc::reason_text(verdict.reason)) + "," + verdict.detail;
  }
};

TEST(Profile, each_outcome_has_its_reason) {
  STRCMP_EQUAL("redis ok,0,", ends("ok\n").c_str());
  STRCMP_EQUAL("redis failed,7,not today", ends("no not today\n").c_str());
  STRCMP_EQUAL("redis malformed,0,line", ends("what\n").c_str());
  STRCMP_EQUAL("tcp read timeout,0,", ends("more\nmore\no").c_str());
  STRCMP_EQUAL("tls read timeout,0,", ends("more\n", true).c_str());
}

TEST(Profile, what_comes_in_pieces_is_the_same_and_a_close_in_the_middle_is_told) {
  STRCMP_EQUAL(
      "", test::faults_of_pieces(lines, plan, {{"hello\n", "more\nok\n"}}, "redis ok,0,", "redis malformed").c_str());
}

TEST(Profile, a_short_write_goes_on_where_it_stopped) {
  test::ScriptedStream stream;
  stream.accepts(2).write_gives(What::WantWrite);
  lines.begin(plan);
  CHECK(lines.run(stream, verdict) == Step::WaitWrite);
  CHECK(lines.timed_out(false).reason == Reason::TcpWriteTimeout);
  CHECK(lines.timed_out(true).reason == Reason::TlsWriteTimeout);
  stream.accepts(1).accepts(100).read_gives(What::WantRead);
  CHECK(lines.run(stream, verdict) == Step::WaitRead);
  CHECK(lines.timed_out(false).reason == Reason::TcpReadTimeout);
  CHECK(lines.timed_out(true).reason == Reason::TlsReadTimeout);
  stream.brings("ok\n").accepts(100);
  CHECK(lines.run(stream, verdict) == Step::Done);
  CHECK(stream.followed());
  STRCMP_EQUAL("hello\nbye\n", stream.written.c_str());
}

TEST(Profile, a_lack_of_ours_while_writing_or_reading_is_no_failure_of_the_host) {
  test::ScriptedStream writing, reading;
  writing.number = ENOBUFS;
  writing.write_gives(What::Failed);
  lines.begin(plan);
  CHECK(lines.run(writing, verdict) == Step::Done);
  CHECK(verdict.outcome == Outcome::Unrun && verdict.reason == Reason::NoResources);
  STRCMP_EQUAL("ENOBUFS", verdict.detail.c_str());
  reading.number = ENOMEM;
  reading.accepts(100).read_gives(What::Failed);
  lines.begin(plan);
  CHECK(lines.run(reading, verdict) == Step::Done);
  CHECK(verdict.outcome == Outcome::Unrun && verdict.reason == Reason::NoResources);
  STRCMP_EQUAL("ENOMEM", verdict.detail.c_str());
}

TEST(Profile, a_tls_layer_may_want_the_other_direction) {
  test::ScriptedStream stream(true);
  stream.write_gives(What::WantRead);
  lines.begin(plan);
  CHECK(lines.run(stream, verdict) == Step::WaitRead);
  stream.accepts(100).read_gives(What::WantWrite);
  CHECK(lines.run(stream, verdict) == Step::WaitWrite);
  CHECK(stream.followed());
}

TEST(Profile, a_failed_stream_is_told_by_direction_and_layer) {
  using S = test::ScriptedStream;
  STRCMP_EQUAL("tcp write failed,ECONNRESET", follows([](S& s) { s.write_gives(What::Failed); }).c_str());
  STRCMP_EQUAL("tcp write failed,closed", follows([](S& s) { s.write_gives(What::Closed); }).c_str());
  STRCMP_EQUAL("tls write error,ECONNRESET", follows([](S& s) { s.write_gives(What::Failed); }, true).c_str());
  STRCMP_EQUAL("tcp read failed,ECONNRESET", follows([](S& s) { s.accepts(9).read_gives(What::Failed); }).c_str());
  STRCMP_EQUAL("tls read error,ECONNRESET", follows([](S& s) { s.accepts(9).read_gives(What::Failed); }, true).c_str());
  STRCMP_EQUAL("redis malformed,empty answer", follows([](S& s) { s.accepts(9).read_gives(What::Closed); }).c_str());
}

TEST(Profile, leave_that_cannot_be_taken_changes_nothing) {
  using S = test::ScriptedStream;
  for (const What what : {What::WantWrite, What::Failed, What::Closed})
    STRCMP_EQUAL("redis ok,", follows([what](S& s) { s.accepts(9).brings("ok\n").write_gives(what); }).c_str());
}

TEST(Profile, what_comes_after_the_outcome_is_not_read) {
  STRCMP_EQUAL("redis ok,0,", ends("ok\nwhat\n").c_str());
  STRCMP_EQUAL("redis failed,7,x", ends("no x\nok\n").c_str());
}

TEST(Profile, a_message_longer_than_the_buffer_ends_it) {
  STRCMP_EQUAL("redis malformed,0,answer too long", ends(std::string(Profile::kHeardMax, 'x')).c_str());
  STRCMP_EQUAL("tcp read timeout,0,", ends(std::string(Profile::kHeardMax - 1, 'x')).c_str());
  STRCMP_EQUAL("redis malformed,0,line", ends(std::string(Profile::kHeardMax - 1, 'x') + "\n").c_str());
}

TEST(Profile, a_server_that_never_comes_to_the_point_ends_it) {
  std::string more;
  while (more.size() < Profile::kConversationMax) more += "more\n";
  STRCMP_EQUAL("redis malformed,0,endless answer", ends(more).c_str());
}

TEST(Profile, a_server_that_sends_without_end_lets_others_be_served) {
  test::ScriptedStream stream;
  stream.accepts(9).brings("more\n").brings("more\n").brings("more\n").brings("more\n");
  lines.begin(plan);
  CHECK(lines.run(stream, verdict) == Step::Again);
  CHECK(stream.followed());
}

TEST(Profile, a_text_is_made_printable_and_cut) {
  const auto got = ends("no \x1b[31m" + std::string(300, 'x') + "\n");
  STRCMP_CONTAINS("redis failed,7,\\x1b[31mxxx", got.c_str());
  CHECK_EQUAL(std::string("redis failed,7,").size() + 100, got.size());
}

TEST(Profile, tls_begins_when_what_asks_for_it_is_out) {
  test::ScriptedStream plain;
  plain.accepts(9).brings("tls\n").accepts(2).write_gives(What::WantWrite);
  lines.begin(plan);
  CHECK(lines.run(plain, verdict) == Step::WaitWrite);
  CHECK_EQUAL(0, lines.secured_times);
  plain.accepts(100);
  CHECK(lines.run(plain, verdict) == Step::Done);
  CHECK(lines.wants_tls());
  CHECK(plain.followed());
  STRCMP_EQUAL("hello\nbegin\n", plain.written.c_str());

  test::ScriptedStream encrypted(true);
  encrypted.accepts(100).brings("ok\n").accepts(100);
  CHECK(lines.run(encrypted, verdict) == Step::Done);
  CHECK(!lines.wants_tls());
  CHECK_EQUAL(1, lines.secured_times);
  STRCMP_EQUAL("again\nbye\n", encrypted.written.c_str());
  CHECK(verdict.reason == Reason::RedisOk);
}

TEST(Profile, tls_begins_even_if_the_agreement_came_in_many_pieces) {
  test::ScriptedStream plain;
  plain.accepts(9).brings("t").brings("l").brings("s").brings("\n");
  lines.begin(plan);
  CHECK(lines.run(plain, verdict) == Step::Again);
  CHECK_EQUAL(0, lines.secured_times);
  plain.accepts(100);
  CHECK(lines.run(plain, verdict) == Step::Done);
  CHECK(lines.wants_tls());
}

TEST(Profile, words_put_in_before_tls_are_not_taken_for_the_servers) {
  const auto ended = test::converse(lines, plan, test::Conversation({{"hello\n", "tls\nok\n"}}));
  CHECK(!ended.wants_tls);
  STRCMP_EQUAL("redis malformed,0,more than the answer before TLS", test::told(ended).c_str());
}

TEST(Profile, it_is_used_again_as_if_new) {
  STRCMP_EQUAL("tcp read timeout,0,", ends("mor").c_str());
  STRCMP_EQUAL("redis ok,0,", ends("ok\n").c_str());
  STRCMP_EQUAL("redis malformed,0,line", ends("what\n").c_str());
  STRCMP_EQUAL("redis ok,0,", ends("more\nok\n").c_str());
}
