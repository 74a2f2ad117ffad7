#include "hcd/hce/http.h"

#include "fastpath/base/text.h"
#include "tests/fake/scripted_stream.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using ipc::Reason;
using What = tls::Io::What;

TEST_GROUP(HttpExchange) {
  HttpExchange exchange;
  Verdict verdict;

  Plan plan(conf::CheckType type, std::string digest = {}) {
    conf::Table table;
    table.name = "web:80";
    table.port = 80;
    table.check.type = type;
    table.check.http.path = "/alive";
    table.check.http.host = "www.example.org";
    table.check.http.codes = {{200, 200}};
    table.check.http.digest_type = conf::DigestType::Sha1;
    table.check.http.digest = std::move(digest);
    return *make_plan(table);
  }
  Plan expecting(std::vector<conf::HeaderMatch> headers, std::string body) {
    conf::Table table;
    table.name = "web:80";
    table.port = 80;
    table.check.type = conf::CheckType::HttpCode;
    table.check.http = {
        .path = "/", .codes = {{200, 200}}, .expect_headers = std::move(headers), .expect_body = std::move(body)};
    return *make_plan(table);
  }
};

TEST(HttpExchange, the_request_says_what_the_check_does) {
  conf::Table table;
  table.name = "web:80";
  table.port = 80;
  table.check.type = conf::CheckType::HttpCode;
  auto& http = table.check.http;
  http.path = "/";
  http.codes = {{200, 299}};
  STRCMP_EQUAL("HEAD / HTTP/1.0\r\nUser-Agent: hcd/" HCD_VERSION "\r\nAccept: */*\r\nConnection: close\r\n\r\n",
               make_plan(table)->request.c_str());
  http.expect_body = "x";
  STRCMP_CONTAINS("GET / HTTP/1.0\r\n", make_plan(table)->request.c_str());
  http.method = conf::HttpMethod::Post;
  http.headers = {"user-agent: me", "X-A: b"};
  STRCMP_EQUAL(
      "POST / HTTP/1.0\r\nAccept: */*\r\nuser-agent: me\r\nX-A: b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
      make_plan(table)->request.c_str());
  http.headers = {"X-A: b\r\nX-B: c"};
  CHECK(!make_plan(table));
  http.headers.clear();
  http.expect_body = "(";
  CHECK(!make_plan(table));
}

TEST(HttpExchange, a_code_of_the_set_passes) {
  Plan codes = plan(conf::CheckType::HttpCode);
  codes.check.http.codes = {{200, 299}, {301, 301}};
  const auto passes = [&](const char* code) {
    test::ScriptedStream stream;
    stream.accepts(9999).brings("HTTP/1.1 " + std::string(code) + " x\r\n\r\n");
    exchange.begin(codes);
    while (exchange.run(stream, verdict) != Step::Done) continue;
    return verdict.outcome == Outcome::Passed;
  };
  CHECK(passes("200") && passes("299") && passes("301"));
  CHECK(!passes("300") && !passes("199") && !passes("302"));
}

TEST(HttpExchange, what_is_expected_of_headers_and_body_is_looked_for) {
  const Plan expects = expecting({{"Server", "^nginx"}, {"X-Ready", "yes|y"}}, "\"ok\"");
  const auto ends = [&](const std::string& head, const std::string& body) {
    test::ScriptedStream stream;
    stream.accepts(9999).brings("HTTP/1.1 200 OK\r\n" + head + "\r\n").brings(body).read_gives(What::Closed);
    exchange.begin(expects);
    while (exchange.run(stream, verdict) != Step::Done) continue;
    return verdict.reason;
  };
  CHECK(ends("SERVER: nginx/1.22\r\nx-ready: no\r\nx-ready: yes\r\n", "{\"ok\"}") == Reason::HttpCodeOk);
  CHECK_EQUAL(200, verdict.code);
  CHECK(ends("Server: apache nginx\r\nx-ready: yes\r\n", "{\"ok\"}") == Reason::HttpHeaderMismatch);
  STRCMP_EQUAL("Server", verdict.detail.c_str());
  CHECK_EQUAL(0, verdict.code);
  CHECK(ends("Server: nginx\r\n", "{\"ok\"}") == Reason::HttpHeaderMismatch);
  STRCMP_EQUAL("X-Ready", verdict.detail.c_str());
  CHECK(ends("Server: nginx\r\nx-ready: y\r\n", "{\"bad\"}") == Reason::HttpBodyMismatch);
}

TEST(HttpExchange, a_body_is_searched_within_a_bound_and_not_waited_for_beyond) {
  const Plan expects = expecting({}, "ready");
  for (const bool within : {true, false}) {
    test::ScriptedStream stream;
    std::string body(HttpExchange::kSearchedMax, 'x');
    if (within) body.replace(body.size() - 5, 5, "ready");
    stream.accepts(9999).brings("HTTP/1.1 200 OK\r\n\r\n");
    for (std::size_t at = 0; at < body.size(); at += 16384) stream.brings(body.substr(at, 16384));
    exchange.begin(expects);
    while (exchange.run(stream, verdict) != Step::Done) continue;
    CHECK(verdict.reason == (within ? Reason::HttpCodeOk : Reason::HttpBodyMismatch));
    CHECK(stream.followed());
  }
}

TEST(HttpExchange, the_request_survives_short_writes) {
  const Plan code = plan(conf::CheckType::HttpCode);
  test::ScriptedStream stream;
  stream.accepts(5).accepts(1).write_gives(What::WantWrite);
  exchange.begin(code);
  CHECK(exchange.run(stream, verdict) == Step::WaitWrite);
  CHECK(exchange.timed_out(false).reason == Reason::TcpWriteTimeout);
  stream.accepts(10000).read_gives(What::WantRead);
  CHECK(exchange.run(stream, verdict) == Step::WaitRead);
  CHECK(exchange.run(stream, verdict) == Step::WaitRead);
  CHECK(exchange.timed_out(false).reason == Reason::TcpReadTimeout);
  STRCMP_EQUAL(code.request.c_str(), stream.written.c_str());
  STRCMP_CONTAINS("HEAD /alive HTTP/1.1\r\nHost: www.example.org\r\n", stream.written.c_str());
  stream.brings("HTTP/1.1 200").brings(" OK\r\n\r\n");
  CHECK(exchange.run(stream, verdict) == Step::Done);
  CHECK(verdict.reason == Reason::HttpCodeOk);
  CHECK(stream.followed());
}

TEST(HttpExchange, a_lack_of_ours_while_writing_or_reading_is_no_failure_of_the_host) {
  const Plan code = plan(conf::CheckType::HttpCode);
  test::ScriptedStream stream;
  stream.number = ENOBUFS;
  stream.write_gives(What::Failed);
  exchange.begin(code);
  CHECK(exchange.run(stream, verdict) == Step::Done);
  CHECK(verdict.outcome == Outcome::Unrun && verdict.reason == Reason::NoResources);
  STRCMP_EQUAL("ENOBUFS", verdict.detail.c_str());
  stream.number = ENOMEM;
  stream.accepts(10000).read_gives(What::Failed);
  exchange.begin(code);
  CHECK(exchange.run(stream, verdict) == Step::WaitRead);
  CHECK(exchange.run(stream, verdict) == Step::Done);
  CHECK(verdict.outcome == Outcome::Unrun && verdict.reason == Reason::NoResources);
}

TEST(HttpExchange, a_wrong_code_is_told_with_the_code) {
  const Plan code = plan(conf::CheckType::HttpCode);
  test::ScriptedStream stream;
  stream.accepts(10000).brings("HTTP/1.1 503 Busy\r\n\r\n");
  exchange.begin(code);
  CHECK(exchange.run(stream, verdict) == Step::WaitRead);
  CHECK(exchange.run(stream, verdict) == Step::Done);
  CHECK(verdict.outcome == Outcome::Failed && verdict.reason == Reason::HttpCodeMismatch);
  CHECK_EQUAL(503, verdict.code);
}

TEST(HttpExchange, each_failure_has_its_reason) {
  const Plan code = plan(conf::CheckType::HttpCode);
  const auto ends = [&](bool encrypted, auto script, Reason reason) {
    test::ScriptedStream stream(encrypted);
    script(stream);
    exchange.begin(code);
    while (exchange.run(stream, verdict) != Step::Done) continue;
    CHECK(verdict.outcome == Outcome::Failed);
    STRCMP_EQUAL(std::string(ipc::reason_text(reason)).c_str(), std::string(ipc::reason_text(verdict.reason)).c_str());
  };
  using S = test::ScriptedStream;
  ends(false, [](S& s) { s.write_gives(What::Failed); }, Reason::TcpWriteFailed);
  ends(true, [](S& s) { s.accepts(3).write_gives(What::Failed); }, Reason::TlsWriteError);
  ends(true, [](S& s) { s.write_gives(What::Closed); }, Reason::TlsWriteError);
  ends(false, [](S& s) { s.accepts(9999).read_gives(What::Failed); }, Reason::TcpReadFailed);
  ends(true, [](S& s) { s.accepts(9999).brings("HTTP/1").read_gives(What::Failed); }, Reason::TlsReadError);
  ends(false, [](S& s) { s.accepts(9999).read_gives(What::Closed); }, Reason::HttpCodeMalformed);
  ends(
      false, [](S& s) { s.accepts(9999).brings("HTTP/1.1 200 OK\r\nA:").read_gives(What::Closed); },
      Reason::HttpCodeMalformed);
  ends(false, [](S& s) { s.accepts(9999).brings("220 mail ESMTP\r\n"); }, Reason::HttpCodeMalformed);
}

TEST(HttpExchange, a_digest_is_of_the_decoded_body) {
  const std::string sha1 = *from_hex("2aae6c35c94fcfb415dbe95f408b9ce91ee846ed");  // of "hello world"
  const Plan digest = plan(conf::CheckType::HttpDigest, sha1);
  test::ScriptedStream stream;
  stream.accepts(9999)
      .brings("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")
      .brings("lo\r\n6\r\n world\r\n0\r\n\r\n");
  exchange.begin(digest);
  CHECK(exchange.run(stream, verdict) == Step::WaitRead);
  STRCMP_CONTAINS("GET /alive HTTP/1.1\r\n", stream.written.c_str());
  CHECK(exchange.run(stream, verdict) == Step::Done);
  CHECK(verdict.reason == Reason::HttpDigestOk);
}

TEST(HttpExchange, another_body_mismatches_and_its_digest_is_told) {
  const Plan digest = plan(conf::CheckType::HttpDigest, std::string(20, 'x'));
  test::ScriptedStream stream;
  stream.accepts(9999).brings("HTTP/1.0 200 OK\r\n\r\nhello world").read_gives(What::Closed);
  exchange.begin(digest);
  CHECK(exchange.run(stream, verdict) == Step::WaitRead);
  CHECK(exchange.run(stream, verdict) == Step::Done);
  CHECK(verdict.reason == Reason::HttpDigestMismatch);
  STRCMP_EQUAL("got 2aae6c35c94fcfb415dbe95f408b9ce91ee846ed", verdict.detail.c_str());
}

TEST(HttpExchange, a_server_that_sends_without_end_lets_others_be_served) {
  const Plan digest = plan(conf::CheckType::HttpDigest, std::string(20, 'x'));
  test::ScriptedStream stream;
  stream.accepts(9999).brings("HTTP/1.0 200 OK\r\n\r\n");
  for (int i = 0; i < 3; i++) stream.brings(std::string(16384, 'x'));
  exchange.begin(digest);
  CHECK(exchange.run(stream, verdict) == Step::WaitRead);
  CHECK(exchange.run(stream, verdict) == Step::Again);
  CHECK(stream.followed());
}

TEST(HttpExchange, over_tls_an_answer_that_was_read_already_is_not_waited_for) {
  const Plan code = plan(conf::CheckType::HttpCode);
  test::ScriptedStream stream(true);
  stream.accepts(9999).brings("HTTP/1.1 200 OK\r\n\r\n");
  exchange.begin(code);
  CHECK(exchange.run(stream, verdict) == Step::Done);
}
