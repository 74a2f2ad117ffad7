#include "hcd/hce/grpc.h"

#include "tests/fake/conversation.h"
#include "tests/fake/http2_frames.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace hcd::test::http2;
using namespace std::string_literals;
using What = tls::Io::What;

TEST_GROUP(Grpc) {
  Grpc grpc;

  const std::string kServing = "\0\0\0\0\2\x08\1"s, kNotServing = "\0\0\0\0\2\x08\2"s;
  const std::string kHead = headers({{":status", "200"}, {"content-type", "application/grpc"}});
  const std::string kOk = headers({{"grpc-status", "0"}}, kEndStream);
  const std::string kLeave = goaway(0, 0);

  Plan plan(std::string service = {}, std::string authority = {}, bool over_tls = false) {
    conf::Table table;
    table.name = "cart:50051";
    table.port = 50051;
    table.check.type = conf::CheckType::Grpc;
    table.check.peer.name = std::move(service);
    table.check.http.host = std::move(authority);
    if (over_tls) table.check.tls.emplace();
    return *make_plan(table);
  }
  // What the check says before the server has said anything.
  std::string opening(const Plan& how) {
    test::Conversation silent({{"never", ""}});
    grpc.begin(how);
    test::go_on(grpc, silent);
    return silent.said;
  }
  std::string ends(const std::string& server, const Plan& how) {
    return test::told(test::converse(grpc, how, test::Conversation({{opening(how), server}})));
  }
  std::string ends(const std::string& server) {
    return ends(server, plan());
  }
  // ... after a good beginning.
  std::string answered(const std::string& server) {
    return ends(settings() + server);
  }
  std::string trailers_only(Fields fields) {
    return answered(headers(fields, kEndStream));
  }
};

TEST(Grpc, serving_passes_and_leave_is_taken) {
  const Plan how = plan();
  const std::string first = opening(how);
  test::Conversation server({{first, settings() + frame(kSettings, kAck, 0, "") + kHead + data(kServing) + kOk}});
  grpc.begin(how);
  STRCMP_EQUAL("grpc ok,0,", test::told(test::go_on(grpc, server)).c_str());
  CHECK(server.said == first + kLeave);
}

TEST(Grpc, it_begins_with_preface_settings_and_the_whole_request) {
  const std::string said = opening(plan("shop.v1.Cart"));
  const std::string begin = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings("\0\2\0\0\0\0\0\6\0\0\x40\0"s);
  CHECK(said.starts_with(begin));
  CHECK(said.ends_with(data("\0\0\0\0\x0e\x0a\x0cshop.v1.Cart"s, kEndStream)));
  CHECK(opening(plan()).ends_with(data("\0\0\0\0\0"s, kEndStream)));
}

TEST(Grpc, the_longest_words_fit) {
  const std::string word(253, '~');  // which no code of HPACK makes shorter
  const std::string said = opening(plan(word, word));
  CHECK(said.ends_with("\x0a\xfd\x01" + word));
  CHECK(said.size() < Profile::kSayMax);
}

TEST(Grpc, words_that_cannot_be_sent_are_refused) {
  for (const auto& [service, authority] : {std::pair{std::string(254, 'x'), ""s}, std::pair{""s, std::string(254, 'x')},
                                           std::pair{""s, "a b"s}, std::pair{""s, "a\r\nb"s}}) {
    conf::Table table;
    table.name = "t";
    table.port = 1;
    table.check.type = conf::CheckType::Grpc;
    table.check.peer.name = service;
    table.check.http.host = authority;
    CHECK(!make_plan(table));
  }
}

TEST(Grpc, over_tls_the_server_must_agree_to_h2) {
  STRCMP_EQUAL("h2", plan("", "", true).tls->alpn().c_str());
}

TEST(Grpc, another_serving_status_is_told) {
  STRCMP_EQUAL("grpc failed,0,NOT_SERVING", answered(kHead + data(kNotServing) + kOk).c_str());
  STRCMP_EQUAL("grpc failed,0,UNKNOWN", answered(kHead + data("\0\0\0\0\0"s) + kOk).c_str());
  STRCMP_EQUAL("grpc failed,0,SERVICE_UNKNOWN", answered(kHead + data("\0\0\0\0\2\x08\3"s) + kOk).c_str());
  STRCMP_EQUAL("grpc failed,0,status 9", answered(kHead + data("\0\0\0\0\2\x08\x09"s) + kOk).c_str());
}

TEST(Grpc, a_status_of_grpc_is_told_by_number_name_and_message) {
  STRCMP_EQUAL("grpc failed,12,UNIMPLEMENTED: unknown service grpc.health.v1.Health",
               trailers_only({{":status", "200"},
                              {"content-type", "application/grpc+proto"},
                              {"grpc-status", "12"},
                              {"grpc-message", "unknown service grpc.health.v1.Health"}})
                   .c_str());
  STRCMP_EQUAL("grpc failed,5,NOT_FOUND",
               trailers_only({{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "5"}}).c_str());
  STRCMP_EQUAL(
      "grpc failed,14,UNAVAILABLE: later",
      answered(kHead + data(kServing) + headers({{"grpc-status", "14"}, {"grpc-message", "later"}}, kEndStream))
          .c_str());
  STRCMP_EQUAL("grpc failed,99,status 99", answered(kHead + headers({{"grpc-status", "99"}}, kEndStream)).c_str());
  for (const char* status : {"", "-1", "0x1", "1 2", "4000"})
    STRCMP_EQUAL("grpc malformed,0,grpc-status",
                 answered(kHead + data(kServing) + headers({{"grpc-status", status}}, kEndStream)).c_str());
}

TEST(Grpc, another_http_status_is_told_at_once) {
  STRCMP_EQUAL("grpc failed,0,HTTP status 503", answered(headers({{":status", "503"}})).c_str());
  STRCMP_EQUAL("grpc failed,0,HTTP status 404", trailers_only({{":status", "404"}, {"grpc-status", "0"}}).c_str());
}

TEST(Grpc, an_interim_answer_is_passed_over) {
  STRCMP_EQUAL("grpc ok,0,", answered(headers({{":status", "103"}}) + kHead + data(kServing) + kOk).c_str());
}

TEST(Grpc, an_answer_that_is_not_grpc_is_malformed) {
  STRCMP_EQUAL("grpc malformed,0,not gRPC", answered(headers({{":status", "200"}})).c_str());
  STRCMP_EQUAL("grpc malformed,0,not gRPC",
               answered(headers({{":status", "200"}, {"content-type", "text/html"}})).c_str());
}

TEST(Grpc, trailers_that_are_missing_are_told) {
  STRCMP_EQUAL("grpc malformed,0,no grpc-status", answered(kHead + data(kServing, kEndStream)).c_str());
  STRCMP_EQUAL("grpc malformed,0,no grpc-status",
               answered(kHead + data(kServing) + headers({{"x", "y"}}, kEndStream)).c_str());
}

TEST(Grpc, a_body_that_is_not_one_message_is_malformed) {
  STRCMP_EQUAL("grpc malformed,0,no message", answered(kHead + kOk).c_str());
  STRCMP_EQUAL("grpc malformed,0,message cut short", answered(kHead + data("\0\0\0\0\2\x08"s) + kOk).c_str());
  STRCMP_EQUAL("grpc malformed,0,response is no protobuf", answered(kHead + data("\0\0\0\0\1\x08"s) + kOk).c_str());
  STRCMP_EQUAL("grpc malformed,0,more than one message", answered(kHead + data(kServing + kServing)).c_str());
  STRCMP_EQUAL("grpc malformed,0,message too long", answered(kHead + data("\0\1\0\0\0"s)).c_str());
  STRCMP_EQUAL("grpc malformed,0,compressed message", answered(kHead + data("\1"s)).c_str());
}

TEST(Grpc, a_server_of_something_else_is_told) {
  STRCMP_EQUAL("grpc malformed,0,not HTTP/2", ends("HTTP/1.1 400 Bad Request\r\n\r\n").c_str());
  STRCMP_EQUAL("grpc malformed,0,not HTTP/2", ends("220 mail ESMTP\r\n").c_str());
  STRCMP_EQUAL("grpc malformed,0,not HTTP/2", ends(kHead + data(kServing) + kOk).c_str());
}

TEST(Grpc, a_server_that_gives_up_is_told) {
  STRCMP_EQUAL("grpc failed,0,RST_STREAM REFUSED_STREAM", answered(reset(7)).c_str());
  STRCMP_EQUAL("grpc failed,0,RST_STREAM NO_ERROR", answered(kHead + reset(0)).c_str());
  STRCMP_EQUAL("grpc failed,0,GOAWAY ENHANCE_YOUR_CALM too_many_pings",
               answered(goaway(1, 11, "too_many_pings")).c_str());
  STRCMP_EQUAL("grpc failed,0,GOAWAY NO_ERROR", answered(goaway(0, 0)).c_str());
  STRCMP_CONTAINS("GOAWAY unknown \\x1b[31m", answered(goaway(1, 77, "\x1b[31m" + std::string(300, 'x'))).c_str());
}

TEST(Grpc, a_server_that_stops_but_answers_before_serves) {
  STRCMP_EQUAL("grpc ok,0,", answered(goaway(0x7fffffff, 0) + kHead + data(kServing) + goaway(1, 0) + kOk).c_str());
}

TEST(Grpc, pieces_and_breaks) {
  const Plan how = plan("shop.v1.Cart", "shop.example.org");
  const std::string answer = settings("\0\3\0\0\0\x64"s) + frame(kWindow, 0, 0, number(1000, 4)) + kHead +
                             data(kServing) + frame(kPing, 0, 0, "12345678") + kOk;
  STRCMP_EQUAL("", test::faults_of_pieces(grpc, how, {{opening(how), answer}}, "grpc ok,0,", "grpc malformed").c_str());
}

TEST(Grpc, what_breaks_the_protocol_is_told) {
  STRCMP_EQUAL("grpc malformed,0,PROTOCOL_ERROR DATA: stream_id == 0", answered(frame(kData, 0, 0, "x")).c_str());
  STRCMP_CONTAINS("grpc malformed,0,PROTOCOL_ERROR", answered(data("x")).c_str());
  STRCMP_CONTAINS("grpc malformed,0,COMPRESSION_ERROR", answered(frame(kHeaders, kEndHeaders, 1, "\xff")).c_str());
  STRCMP_CONTAINS("grpc malformed,0,FRAME_SIZE_ERROR", answered(frame(kSettings, 0, 0, "1")).c_str());
  STRCMP_CONTAINS("grpc malformed,0,PROTOCOL_ERROR", answered(headers({{"content-type", "application/grpc"}})).c_str());
}

TEST(Grpc, what_is_pushed_is_refused_and_changes_nothing_until_the_server_knows_better) {
  std::string pushes;
  for (std::uint32_t stream = 2; stream < 10; stream += 2)
    pushes += frame(kPush, kEndHeaders, 1, number(stream, 4) + block({{":method", "GET"}}));
  STRCMP_EQUAL("grpc ok,0,", answered(pushes + kHead + data(kServing) + kOk).c_str());
  STRCMP_CONTAINS("grpc malformed,0,PROTOCOL_ERROR", answered(frame(kSettings, kAck, 0, "") + pushes).c_str());
}

TEST(Grpc, a_flood_is_bounded) {
  std::string pings, empty, settings_of_it, blocks;
  for (int i = 0; i < 100; i++) pings += frame(kPing, 0, 0, "12345678");
  for (int i = 0; i < 100; i++) settings_of_it += settings();
  STRCMP_EQUAL("grpc malformed,0,flood", answered(pings).c_str());
  STRCMP_EQUAL("grpc malformed,0,flood", answered(settings_of_it).c_str());
  while (empty.size() < Profile::kConversationMax)
    empty += frame(kData, 0, 3, "") + frame(kPriority, 0, 5, "\0\0\0\0\0"s);
  STRCMP_CONTAINS("grpc malformed,0,", ends(settings() + kHead + empty).c_str());
  blocks = frame(kHeaders, 0, 1, block({{":status", "200"}}));
  for (int i = 0; i < 1000; i++) blocks += frame(kContinuation, 0, 1, "");
  STRCMP_CONTAINS("grpc malformed,0,", answered(blocks).c_str());
}

TEST(Grpc, leave_is_taken_only_where_there_is_room_for_it) {
  std::string pushes;
  for (std::uint32_t stream = 2; stream < 200; stream += 2) {  // each is refused in 13 bytes
    pushes += frame(kPush, kEndHeaders, 1, number(stream, 4) + "\x82");
    const std::string told = answered(pushes + goaway(0, 0));
    CHECK(told == "grpc failed,0,GOAWAY NO_ERROR" || told == "grpc malformed,0,flood");
  }
}

TEST(Grpc, headers_are_bounded_however_small_they_were_made) {
  const std::string value(3000, 'v'), more = block({{"a", value}, {"b", value}, {"c", value}});
  STRCMP_EQUAL(
      "grpc malformed,0,headers too long",
      answered(frame(kHeaders, 0, 1, block({{":status", "200"}}) + more) + frame(kContinuation, 4, 1, more)).c_str());
  // One that enters the table, and then a byte for each time it is there again.
  const std::string bomb = "\x40\1a" + text(value) + std::string(1000, '\xbe');
  STRCMP_EQUAL("grpc malformed,0,headers too long",
               answered(frame(kHeaders, kEndHeaders, 1, block({{":status", "200"}}) + bomb)).c_str());
}

TEST(Grpc, a_server_that_takes_nothing_or_never_ends_is_cut) {
  std::string endless = kHead;
  while (endless.size() < Profile::kConversationMax) endless += frame(kWindow, 0, 0, number(1, 4));
  STRCMP_EQUAL("grpc malformed,0,endless answer", answered(endless).c_str());
  // Its window lets nothing of the request out: all of it was sent before that was known.
  STRCMP_EQUAL("grpc ok,0,", ends(settings("\0\4\0\0\0\0"s) + kHead + data(kServing) + kOk).c_str());
  STRCMP_CONTAINS("FLOW_CONTROL_ERROR", answered(frame(kWindow, 0, 0, number(0x7fffffff, 4))).c_str());
}

TEST(Grpc, it_is_used_again_as_if_new) {
  STRCMP_EQUAL(
      "grpc failed,12,UNIMPLEMENTED: x",
      trailers_only(
          {{":status", "200"}, {"content-type", "application/grpc"}, {"grpc-status", "12"}, {"grpc-message", "x"}})
          .c_str());
  grpc.release();
  STRCMP_EQUAL("grpc malformed,0,not gRPC", answered(headers({{":status", "200"}})).c_str());
  STRCMP_EQUAL("grpc malformed,0,no grpc-status", answered(kHead + data(kServing, kEndStream)).c_str());
  STRCMP_EQUAL("grpc ok,0,", answered(kHead + data(kServing) + kOk).c_str());
}
