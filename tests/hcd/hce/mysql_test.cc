#include "hcd/hce/mysql.h"

#include "fastpath/base/text.h"
#include "tests/fake/conversation.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::string_literals;

namespace {

std::string packet(char sequence, const std::string& payload) {
  return std::string(1, static_cast<char>(payload.size() & 0xff)) + static_cast<char>(payload.size() >> 8) + "\0"s +
         sequence + payload;
}
std::string greeting(const std::string& low = "\xfe\xff"s) {  // as MariaDB 10.11 says it
  return packet(0, "\x0a"s + "5.5.5-10.11.6-MariaDB\0"s + "\7\0\0\0"s + "scramble\0"s + low + "\x2d\2\0\xff\x81\x15" +
                       std::string(6, '\0') + "\x1d\0\0\0"s + "moresecrets1\0mysql_native_password\0"s);
}
std::string error(char sequence, int code, const std::string& state_and_text) {
  return packet(sequence, "\xff"s + static_cast<char>(code & 0xff) + static_cast<char>(code >> 8) + state_and_text);
}
std::string login(char sequence, const std::string& user = {}, bool tls = false) {
  return packet(sequence, (tls ? "\0\x8a\x08\0"s : "\0\x82\x08\0"s) + "\0\0\1\0\x21"s + std::string(23, '\0') + user +
                              "\0\0mysql_native_password\0"s);
}
std::string ssl_request() {
  return packet(1, "\0\x8a\x08\0\0\0\1\0\x21"s + std::string(23, '\0'));
}
std::string ok(char sequence) {
  return packet(sequence, "\0\0\0\2\0\0\0"s);
}
std::string quit() {
  return packet(0, "\1"s);
}

}  // namespace

TEST_GROUP(Mysql) {
  Mysql mysql;

  Plan plan(std::string user = {}, bool tls = false) {
    conf::Table table;
    table.name = "db:3306";
    table.port = 3306;
    table.check.type = conf::CheckType::Mysql;
    table.check.peer.user = std::move(user);
    table.check.peer.starttls = tls;
    if (tls) table.check.tls.emplace();
    return *make_plan(table);
  }
  std::string greeted(std::string server) {
    return test::told(test::converse(mysql, plan(), test::Conversation({{"", std::move(server)}})));
  }
  std::string answered(std::string server, std::string user = {}) {
    const Plan how = plan(user);
    return test::told(
        test::converse(mysql, how, test::Conversation({{"", greeting()}, {login(1, user), std::move(server)}})));
  }
};

TEST(Mysql, a_log_in_that_succeeds_passes_and_the_session_is_ended) {
  const Plan how = plan("hcd");
  test::Conversation server({{"", greeting()}, {login(1, "hcd"), ok(2)}});
  mysql.begin(how);
  STRCMP_EQUAL("mysql ok,0,", test::told(test::go_on(mysql, server)).c_str());
  CHECK(server.said == login(1, "hcd") + quit());
}

TEST(Mysql, without_a_user_a_refusal_of_just_that_log_in_passes) {
  for (const int code : {1044, 1045, 1251, 1698, 1820, 1862, 3118, 3159, 4151})
    STRCMP_EQUAL("mysql ok,0,", answered(error(2, code, "#28000Access denied")).c_str());
  STRCMP_EQUAL("mysql failed,1045,Access denied", answered(error(2, 1045, "#28000Access denied"), "hcd").c_str());
}

TEST(Mysql, an_error_is_told_with_code_and_text) {
  STRCMP_EQUAL("mysql failed,1040,Too many connections", greeted(error(0, 1040, "Too many connections")).c_str());
  STRCMP_EQUAL("mysql failed,1040,Too many connections",
               answered(error(2, 1040, "#08004Too many connections")).c_str());
  STRCMP_EQUAL("mysql failed,1045,no", greeted(error(0, 1045, "no")).c_str());  // in place of the greeting
  STRCMP_EQUAL("mysql failed,1129,Host '10.0.0.1' is blocked",
               greeted(error(0, 1129, "Host '10.0.0.1' is blocked")).c_str());
}

TEST(Mysql, a_switch_of_the_way_of_authentication_is_followed_once) {
  const std::string native = packet(2, "\xfemysql_native_password\0scramblescramble1234\0"s);
  const std::string sha2 = packet(2,
                                  "\xfe"
                                  "caching_sha2_password\0scramblescramble1234\0"s);
  const auto ends = [&](std::vector<test::Turn> turns) {
    turns.insert(turns.begin(), {"", greeting()});
    return test::told(test::converse(mysql, plan("hcd"), test::Conversation(std::move(turns))));
  };
  STRCMP_EQUAL("mysql ok,0,", ends({{login(1, "hcd"), native}, {"\0\0\0\3"s, ok(4)}}).c_str());
  STRCMP_EQUAL("mysql ok,0,", ends({{login(1, "hcd"), sha2}, {packet(3, "\0"s), packet(4, "\1\3") + ok(5)}}).c_str());
  STRCMP_EQUAL("mysql failed,0,asks for a password",
               ends({{login(1, "hcd"), sha2}, {packet(3, "\0"s), packet(4, "\1\4")}}).c_str());
  STRCMP_EQUAL("mysql malformed,0,switch of authentication",
               ends({{login(1, "hcd"), native}, {"\0\0\0\3"s, native}}).c_str());
  STRCMP_EQUAL("mysql malformed,0,switch of authentication", ends({{login(1, "hcd"), packet(2, "\xfe")}}).c_str());
  STRCMP_EQUAL("mysql malformed,0,switch of authentication",
               ends({{login(1, "hcd"), packet(2, "\xfeno end")}}).c_str());
}

TEST(Mysql, without_a_user_a_question_for_a_password_passes) {
  STRCMP_EQUAL("mysql ok,0,", answered(packet(2, "\1\4")).c_str());
}

TEST(Mysql, pieces_and_breaks) {
  STRCMP_EQUAL("", test::faults_of_pieces(mysql, plan("hcd"), {{"", greeting()}, {login(1, "hcd"), ok(2)}},
                                          "mysql ok,0,", "mysql malformed")
                       .c_str());
}

TEST(Mysql, garbage_is_malformed) {
  STRCMP_EQUAL("mysql malformed,0,packet length", greeted("HTTP/1.1 400 Bad Request\r\n\r\n").c_str());
  STRCMP_EQUAL("mysql malformed,0,packet length", greeted(std::string(20, '\0')).c_str());
  STRCMP_EQUAL("mysql malformed,0,protocol version", greeted(packet(0,
                                                                    "\x09"
                                                                    "3.23\0"s))
                                                         .c_str());
  STRCMP_EQUAL("mysql malformed,0,server version", greeted(packet(0,
                                                                  "\x0a"
                                                                  "8.0"))
                                                       .c_str());
  STRCMP_EQUAL("mysql malformed,0,greeting cut short", greeted(packet(0,
                                                                      "\x0a"
                                                                      "8.0\0\1\0\0\0"s))
                                                           .c_str());
  STRCMP_EQUAL("mysql malformed,0,a server before 4.1", greeted(greeting("\xff\xfd"s)).c_str());
  STRCMP_EQUAL("mysql malformed,0,error", greeted(packet(0, "\xff\1")).c_str());
  STRCMP_EQUAL("mysql malformed,0,answer to the log-in", answered(packet(2, "what")).c_str());
}

TEST(Mysql, a_giant_packet_is_not_waited_for) {
  STRCMP_EQUAL("mysql malformed,0,packet length", greeted("\xff\xff\xff\0"s).c_str());
  STRCMP_EQUAL("mysql malformed,0,packet length", greeted("\xfd\x0f\0\0"s).c_str());
  STRCMP_EQUAL("tcp read timeout,0,", greeted("\xfc\x0f\0\0"s).c_str());  // the longest that fits
}

TEST(Mysql, tls_begins_after_the_greeting) {
  const Plan how = plan("hcd", true);
  test::Conversation plain({{"", greeting()}, {ssl_request(), ""}});
  mysql.begin(how);
  CHECK(test::go_on(mysql, plain).wants_tls);
  CHECK(plain.said == ssl_request());
  test::Conversation encrypted({{login(2, "hcd", true), ok(3)}});
  encrypted.over_tls();
  STRCMP_EQUAL("mysql ok,0,", test::told(test::go_on(mysql, encrypted)).c_str());
}

TEST(Mysql, tls_that_is_not_offered_or_begun_too_early_is_told) {
  const auto ends = [&](std::string server) {
    return test::told(test::converse(mysql, plan("hcd", true), test::Conversation({{"", std::move(server)}})));
  };
  STRCMP_EQUAL("mysql failed,0,no TLS", ends(greeting("\xff\xf7"s)).c_str());
  STRCMP_EQUAL("mysql malformed,0,more than the answer before TLS", ends(greeting() + ok(1)).c_str());
}
