#include "hcd/hce/http_response.h"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace hcd::hce;
using State = HttpResponse::State;

namespace {

struct Collect final : BodySink {
  std::string bytes;
  void body(std::string_view more) override { bytes += more; }
};

}  // namespace

TEST_GROUP(HttpResponse) {
  HttpResponse response;
  Collect sink;

  State head(std::string_view bytes) {
    response.begin(nullptr);
    return response.feed(bytes);
  }
  State whole(std::string_view bytes) {
    sink.bytes.clear();
    response.begin(&sink);
    return response.feed(bytes);
  }
  void malformed(std::string_view bytes, const char* problem) {
    const State state = whole(bytes);
    CHECK(state == State::Malformed);
    STRCMP_EQUAL(problem, std::string(response.problem()).c_str());
  }
};

TEST(HttpResponse, a_head_ends_at_its_empty_line) {
  CHECK(head("HTTP/1.1 200 OK\r\nServer: x\r\n") == State::More);
  CHECK(response.feed("\r\n") == State::Complete);
  CHECK_EQUAL(200, response.code());
}

TEST(HttpResponse, headers_are_told_but_those_of_interim_answers) {
  struct Headers final : HeaderSink {
    std::string all;
    void header(std::string_view name, std::string_view value) override { (((all += name) += '=') += value) += '|'; }
  } headers;
  std::string room(200, '\0');
  const std::string value(300, 'v');
  const std::string bytes =
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nServer:  a b \r\nFolded: 1\r\n 2\r\nLong: " +
      value + "\r\nEmpty:\r\n\r\n";
  for (const std::size_t step : {bytes.size(), std::size_t{1}}) {
    headers.all.clear();
    response.begin(nullptr, &headers, room);
    State state = State::More;
    for (std::size_t at = 0; at < bytes.size(); at += step)
      state = response.feed(std::string_view(bytes).substr(at, step));
    CHECK(state == State::Complete);
    STRCMP_EQUAL(("Server=a b|Folded=1|Long=" + value.substr(0, 194) + "|Empty=|").c_str(), headers.all.c_str());
  }
}

TEST(HttpResponse, byte_by_byte_gives_the_same) {
  const std::string_view bytes =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nTrailer: 1\r\n\r\n";
  CHECK(whole(bytes) == State::Complete);
  STRCMP_EQUAL("hello world", sink.bytes.c_str());
  sink.bytes.clear();
  response.begin(&sink);
  for (std::size_t i = 0; i + 1 < bytes.size(); i++) CHECK(response.feed(bytes.substr(i, 1)) == State::More);
  CHECK(response.feed(bytes.substr(bytes.size() - 1)) == State::Complete);
  STRCMP_EQUAL("hello world", sink.bytes.c_str());
  CHECK_EQUAL(404, response.code());
}

TEST(HttpResponse, a_status_line_may_lack_its_phrase_and_its_carriage_return) {
  for (const char* line : {"HTTP/1.0 200\n\n", "HTTP/1.1 200 \r\n\r\n", "HTTP/1.1 200 caf\xe9\r\n\n"}) {
    CHECK(head(line) == State::Complete);
    CHECK_EQUAL(200, response.code());
  }
}

TEST(HttpResponse, a_status_line_that_is_not_one_is_refused) {
  for (const char* line : {"HTTP/2.0 200 OK\r\n", "HTTP/1.1  200 OK\r\n", "HTTP/1.1 20 OK\r\n", "HTTP/1.1 2000 OK\r\n",
                           "HTTP/1.1 +20 OK\r\n", "http/1.1 200 OK\r\n", "HTTP/1.1 200OK\r\n", "\r\n", "HTTP/1.1\r\n",
                           "HTTP/1.1 999 No\r\n", "HTTP/1.1 000 No\r\n"})
    CHECK(head(line) == State::Malformed);
}

TEST(HttpResponse, garbage_is_told_before_its_line_ends) {
  CHECK(head("SSH-2.0-OpenSSH") == State::Malformed);
  CHECK(head("HTTP/") == State::More);
  CHECK(response.feed("3") == State::Malformed);
}

TEST(HttpResponse, an_endless_head_is_refused_at_its_bound) {
  response.begin(nullptr);
  CHECK(response.feed("HTTP/1.1 200 OK\r\n") == State::More);
  State state = State::More;
  std::size_t fed = 0;
  for (; state == State::More && fed < 1 << 20; fed += 10) state = response.feed("X-A: 1234\n");
  CHECK(state == State::Malformed);
  CHECK(fed <= HttpResponse::kHeadMax + 10);
  STRCMP_EQUAL("endless head", std::string(response.problem()).c_str());
}

TEST(HttpResponse, an_endless_line_is_refused_at_the_same_bound) {
  CHECK(head("HTTP/1.1 200 ") == State::More);
  State state = State::More;
  for (int i = 0; state == State::More && i < 1000; i++) state = response.feed(std::string(1000, 'x'));
  CHECK(state == State::Malformed);
}

TEST(HttpResponse, endless_interim_answers_are_refused) {
  response.begin(nullptr);
  State state = State::More;
  for (int i = 0; state == State::More && i < 100000; i++) state = response.feed("HTTP/1.1 102 Wait\r\n\r\n");
  CHECK(state == State::Malformed);
}

TEST(HttpResponse, a_body_of_a_known_length_ends_without_the_connection) {
  CHECK(whole("HTTP/1.1 200 OK\r\ncontent-LENGTH:  5 \r\n\r\nhello, and more") == State::Complete);
  STRCMP_EQUAL("hello", sink.bytes.c_str());
  CHECK(whole("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == State::Complete);
}

TEST(HttpResponse, a_body_without_a_length_ends_with_the_connection) {
  CHECK(whole("HTTP/1.0 200 OK\r\n\r\nhel") == State::More);
  CHECK(response.feed("lo") == State::More);
  CHECK(response.closed() == State::Complete);
  STRCMP_EQUAL("hello", sink.bytes.c_str());
}

TEST(HttpResponse, answers_that_have_no_body_end_with_their_head) {
  CHECK(whole("HTTP/1.1 204 No Content\r\n\r\n") == State::Complete);
  CHECK(whole("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n") == State::Complete);
}

TEST(HttpResponse, a_close_in_the_middle_is_malformed) {
  for (const char* part :
       {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nA: b\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    CHECK(whole(part) == State::More);
    CHECK(response.closed() == State::Malformed);
    STRCMP_EQUAL(*part == 0 ? "empty answer" : "truncated", std::string(response.problem()).c_str());
  }
}

TEST(HttpResponse, lengths_that_contradict_or_mean_nothing_are_malformed) {
  malformed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", "content length");
  malformed("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", "content length");
  malformed("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "content length");
  malformed("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "content length");
  malformed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "both a length and chunks");
  malformed("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "transfer encoding");
  malformed("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "header");
  malformed("HTTP/1.1 200 OK\r\n: empty\r\n\r\n", "header");
}

TEST(HttpResponse, chunks_that_lie_are_malformed) {
  const std::string start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n";
  malformed(start + "\r\n", "chunk size");
  malformed(start + "g\r\n", "chunk size");
  malformed(start + "-1\r\n", "chunk size");
  malformed(start + "ffffffffffffffffff\r\n", "chunk size");
  malformed(start + "fffffff\r\n", "chunk size");
  malformed(start + "2\r\nabc\r\n", "chunk end");
}

TEST(HttpResponse, a_body_beyond_the_bound_is_malformed) {
  malformed("HTTP/1.1 200 OK\r\nContent-Length: 16777217\r\n\r\n", "body too long");
  CHECK(whole("HTTP/1.0 200 OK\r\n\r\n") == State::More);
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 16; i++) {
    CHECK(response.feed(block) == State::More);
    sink.bytes.clear();
  }
  CHECK(response.feed("x") == State::Malformed);
}

TEST(HttpResponse, a_head_alone_does_not_mind_its_body) {
  CHECK(head("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: gzip, chunked\r\n\r\n") == State::Complete);
}

TEST(HttpResponse, folded_and_long_headers_are_passed_over) {
  CHECK(whole("HTTP/1.1 200 OK\r\nX-Long: " + std::string(5000, 'x') +
              "\r\n folded\r\n\tmore\r\nContent-Length: 1\r\n\r\ny") == State::Complete);
  STRCMP_EQUAL("y", sink.bytes.c_str());
}
