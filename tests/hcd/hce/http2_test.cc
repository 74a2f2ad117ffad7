// The machine itself; what a server can do to it is in grpc_test.cc, where it has a check to fail.
#include "hcd/hce/http2.h"

#include "tests/fake/http2_frames.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace hcd::test::http2;
using State = Http2Call::State;

TEST_GROUP(Http2Call) {
  struct Heard final : Http2Call::Answer {
    std::string all;
    void on_header(std::string_view name, std::string_view value) override {
      all += std::string(name) + "=" + std::string(value) + ";";
    }
    void on_headers_end() override { all += "|"; }
    void on_body(std::string_view bytes) override { all += "\"" + std::string(bytes) + "\""; }
    void on_end() override { all += "."; }
  };
  Heard heard;
  Http2Call call;

  void begin(std::string_view body = "ask") {
    heard.all.clear();
    call.begin({.scheme = "http", .authority = "a", .path = "/x", .content_type = "text/plain", .body = body}, heard);
  }
  std::string said() {
    std::string out;
    for (auto bytes = call.next(); !bytes.empty(); bytes = call.next()) out += bytes;
    return out;
  }
};

TEST(Http2Call, a_request_and_its_answer) {
  begin();
  CHECK(said().ends_with(data("ask", kEndStream)));
  CHECK(said().empty());
  call.feed(settings() + headers({{":status", "100"}}) + headers({{":status", "200"}, {"a", "b"}}) + data("one"));
  CHECK(call.state() == State::Open);
  CHECK(said() == frame(kSettings, kAck, 0, ""));
  call.feed(data("two") + headers({{"c", "d"}}, kEndStream));
  CHECK(call.state() == State::Ended);
  STRCMP_EQUAL(":status=100;|:status=200;a=b;|\"one\"\"two\"c=d;|.", heard.all.c_str());
}

TEST(Http2Call, a_request_may_have_no_body) {
  begin("");
  CHECK(said().ends_with(data("", kEndStream)));
}

TEST(Http2Call, what_the_server_says_of_another_stream_is_not_the_answer) {
  begin();
  said();
  call.feed(settings() + frame(kPush, kEndHeaders, 1, number(2, 4) + block({{":method", "GET"}})));
  call.feed(frame(kHeaders, kEndHeaders, 2, block({{":status", "200"}})));
  STRCMP_EQUAL("", heard.all.c_str());
}

TEST(Http2Call, the_first_outcome_counts) {
  begin();
  said();
  call.feed(settings() + reset(7) + goaway(0, 2));
  CHECK(call.state() == State::Refused);
  STRCMP_EQUAL("RST_STREAM REFUSED_STREAM", call.problem().c_str());
}

TEST(Http2Call, after_its_end_it_says_and_hears_nothing_until_it_begins_anew) {
  begin();
  call.end();
  call.feed("HTTP/1.1 400 Bad Request\r\n\r\n");
  CHECK(said().empty());
  CHECK(call.state() == State::Open);
  begin();
  CHECK(said().ends_with(data("ask", kEndStream)));
  call.feed("HTTP/1.1 400 Bad Request\r\n\r\n");
  CHECK(call.state() == State::Broken);
  STRCMP_EQUAL("not HTTP/2", call.problem().c_str());
}

TEST(Http2Call, an_authority_has_no_blanks_or_controls) {
  for (const char* good : {"", "a", "a.example:50051", "[2001:db8::1]:1"}) CHECK(Http2Call::is_authority(good));
  for (const char* bad : {"a b", "a\r\n", "a/b", "\x80"}) CHECK(!Http2Call::is_authority(bad));
}
