#include "hcd/hce/redis.h"

#include "tests/fake/conversation.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;

TEST_GROUP(Redis) {
  Redis redis;

  Plan plan(std::string user = {}, std::string password = {}, bool noauth = false) {
    conf::Table table;
    table.name = "cache:6379";
    table.port = 6379;
    table.check.type = conf::CheckType::Redis;
    table.check.peer.user = std::move(user);
    table.check.peer.password = std::move(password);
    table.check.peer.noauth = noauth;
    return *make_plan(table);
  }
  std::string ends(const Plan& how, std::string server) {
    return test::told(test::converse(redis, how, test::Conversation({{how.request, std::move(server)}})));
  }
};

TEST(Redis, a_pong_passes_and_leave_is_taken) {
  const Plan how = plan();
  STRCMP_EQUAL("*1\r\n$4\r\nPING\r\n", how.request.c_str());
  test::Conversation server({{how.request, "+PONG\r\n"}});
  redis.begin(how);
  STRCMP_EQUAL("redis ok,0,", test::told(test::go_on(redis, server)).c_str());
  STRCMP_EQUAL((how.request + "*1\r\n$4\r\nQUIT\r\n").c_str(), server.said.c_str());
}

TEST(Redis, a_password_goes_first_alone_or_with_its_user) {
  STRCMP_EQUAL("*2\r\n$4\r\nAUTH\r\n$3\r\na b\r\n*1\r\n$4\r\nPING\r\n", plan("", "a b").request.c_str());
  const Plan how = plan("me", "secret");
  STRCMP_EQUAL("*3\r\n$4\r\nAUTH\r\n$2\r\nme\r\n$6\r\nsecret\r\n*1\r\n$4\r\nPING\r\n", how.request.c_str());
  STRCMP_EQUAL("redis ok,0,", ends(how, "+OK\r\n+PONG\r\n").c_str());
  STRCMP_EQUAL("redis failed,0,WRONGPASS invalid username-password pair or user is disabled.",
               ends(how, "-WRONGPASS invalid username-password pair or user is disabled.\r\n-NOAUTH x\r\n").c_str());
  STRCMP_EQUAL("redis malformed,0,reply to AUTH", ends(how, "+PONG\r\n").c_str());
  STRCMP_EQUAL("redis malformed,0,reply to PING", ends(how, "+OK\r\n+OK\r\n").c_str());
}

TEST(Redis, its_error_is_told) {
  STRCMP_EQUAL("redis failed,0,LOADING Redis is loading the dataset in memory",
               ends(plan(), "-LOADING Redis is loading the dataset in memory\r\n").c_str());
  STRCMP_EQUAL("redis failed,0,NOAUTH Authentication required.",
               ends(plan(), "-NOAUTH Authentication required.\r\n").c_str());
}

TEST(Redis, a_server_that_asks_for_a_password_may_be_taken_to_serve) {
  STRCMP_EQUAL("redis ok,0,", ends(plan("", "", true), "-NOAUTH Authentication required.\r\n").c_str());
  STRCMP_EQUAL("redis failed,0,LOADING x", ends(plan("", "", true), "-LOADING x\r\n").c_str());
}

TEST(Redis, pieces_and_breaks) {
  STRCMP_EQUAL("",
               test::faults_of_pieces(redis, plan("me", "secret"), {{plan("me", "secret").request, "+OK\r\n+PONG\r\n"}},
                                      "redis ok,0,", "redis malformed")
                   .c_str());
}

TEST(Redis, what_is_no_reply_of_a_kind_is_malformed_at_once) {
  for (const char* garbage : {"HTTP/1.1 400 Bad Request\r\n", "$4\r\nPONG\r\n", ":1\r\n", "\r\n", "220 mail"})
    STRCMP_EQUAL("redis malformed,0,reply", ends(plan(), garbage).c_str());
  STRCMP_EQUAL("redis malformed,0,reply to PING", ends(plan(), "+PONGO\r\n").c_str());
  STRCMP_EQUAL("redis malformed,0,reply", ends(plan(), std::string("\0\0\0", 3)).c_str());
}

TEST(Redis, a_reply_without_an_end_is_bounded) {
  STRCMP_EQUAL("redis malformed,0,answer too long", ends(plan(), "+" + std::string(5000, 'x')).c_str());
  STRCMP_EQUAL("tcp read timeout,0,", ends(plan(), "+PONG\r").c_str());
}
