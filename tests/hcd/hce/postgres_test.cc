#include "hcd/hce/postgres.h"

#include "fastpath/base/text.h"
#include "tests/fake/conversation.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;
using namespace std::string_literals;

namespace {

std::string message(char type, const std::string& body) {
  const auto size = body.size() + 4;
  return type + "\0\0"s + static_cast<char>(size >> 8) + static_cast<char>(size & 0xff) + body;
}
std::string error(const std::string& state, const std::string& text) {
  return message('E', "SFATAL\0VFATAL\0C"s + state + "\0M"s + text + "\0Fpostmaster.c\0\0"s);
}
std::string ready() {  // as the server says it after a log-in
  return message('R', "\0\0\0\0"s) + message('S', "server_version\00015.0\0"s) + message('K', "\0\0\0\1\0\0\0\2"s) +
         message('Z', "I");
}

}  // namespace

TEST_GROUP(Postgres) {
  Postgres postgres;

  Plan plan(std::string user = {}, std::string database = {}, bool tls = false) {
    conf::Table table;
    table.name = "db:5432";
    table.port = 5432;
    table.check.type = conf::CheckType::Postgres;
    table.check.peer.user = std::move(user);
    table.check.peer.name = std::move(database);
    table.check.peer.starttls = tls;
    if (tls) table.check.tls.emplace();
    return *make_plan(table);
  }
  std::string ends(const Plan& how, std::string server) {
    return test::told(test::converse(postgres, how, test::Conversation({{how.request, std::move(server)}})));
  }
  std::string ends(std::string server) {
    return ends(plan(), std::move(server));
  }
  std::string ends_tls(std::string server) {
    return test::told(test::converse(postgres, plan("", "", true),
                                     test::Conversation({{"\0\0\0\x08\x04\xd2\x16\x2f"s, std::move(server)}})));
  }
};

TEST(Postgres, a_startup_message_names_the_user_and_the_database) {
  CHECK(plan("me", "shop").request == "\0\0\0\x34\0\3\0\0user\0me\0database\0shop\0application_name\0hcd\0\0"s);
  CHECK(plan().request == "\0\0\0\x27\0\3\0\0user\0hcd\0application_name\0hcd\0\0"s);
}

TEST(Postgres, a_server_that_gets_ready_passes_and_the_session_is_ended) {
  const Plan how = plan();
  test::Conversation server({{how.request, ready()}});
  postgres.begin(how);
  STRCMP_EQUAL("postgres ok,0,", test::told(test::go_on(postgres, server)).c_str());
  CHECK(server.said == how.request + "X\0\0\0\4"s);
}

TEST(Postgres, a_server_that_asks_for_a_password_serves) {
  STRCMP_EQUAL("postgres ok,0,", ends(plan("me"), message('R', "\0\0\0\x0aSCRAM-SHA-256\0\0"s)).c_str());
  STRCMP_EQUAL("postgres ok,0,", ends(message('R', "\0\0\0\5salt"s)).c_str());
}

TEST(Postgres, an_error_is_told_with_its_state) {
  STRCMP_EQUAL("postgres failed,0,57P03 the database system is starting up",
               ends(error("57P03", "the database system is starting up")).c_str());
  STRCMP_EQUAL("postgres failed,0,53300 sorry, too many clients already",
               ends(message('R', "\0\0\0\0"s) + error("53300", "sorry, too many clients already")).c_str());
}

TEST(Postgres, a_log_in_that_the_check_did_not_name_may_be_refused) {
  STRCMP_EQUAL("postgres ok,0,", ends(error("28000", "role \"hcd\" does not exist")).c_str());
  STRCMP_EQUAL("postgres ok,0,", ends(error("3D000", "database \"hcd\" does not exist")).c_str());
  STRCMP_EQUAL("postgres failed,0,28000 no", ends(plan("me"), error("28000", "no")).c_str());
  STRCMP_EQUAL("postgres ok,0,", ends(plan("me"), error("3D000", "no")).c_str());
  STRCMP_EQUAL("postgres failed,0,3D000 no", ends(plan("me", "shop"), error("3D000", "no")).c_str());
}

TEST(Postgres, pieces_and_breaks) {
  const Plan how = plan("me", "shop");
  STRCMP_EQUAL("", test::faults_of_pieces(postgres, how, {{how.request, message('N', "x") + ready()}}, "postgres ok,0,",
                                          "postgres malformed")
                       .c_str());
}

TEST(Postgres, garbage_is_malformed) {
  for (const std::string& bytes : {"HTTP/1.1 400 Bad Request\r\n\r\n"s, "\r\n"s, std::string(20, '\0'), "R\0\0\0\3"s})
    STRCMP_EQUAL("postgres malformed,0,message", ends(bytes).c_str());
  STRCMP_EQUAL("postgres malformed,0,message", ends(message('D', "row")).c_str());
  STRCMP_EQUAL("postgres malformed,0,ready before the log-in", ends(message('Z', "I")).c_str());
  for (const std::string& body : {""s, "\0\0\0"s, "\xff\xff\xff\xff"s})
    STRCMP_EQUAL("postgres malformed,0,authentication", ends(message('R', body)).c_str());
  STRCMP_EQUAL("postgres malformed,0,authentication",
               ends(message('R', "\0\0\0\0"s) + message('R', "\0\0\0\0"s)).c_str());
}

TEST(Postgres, an_error_without_its_parts_is_malformed) {
  for (const std::string& body : {""s, "\0"s, "C57P03"s, "C57P03\0"s, "C57\0\0"s, "Mtext\0\0"s, "C57P03\0\0\0"s})
    STRCMP_EQUAL("postgres malformed,0,error", ends(message('E', body)).c_str());
}

TEST(Postgres, a_giant_length_is_not_waited_for) {
  for (const std::string& length : {"\xff\xff\xff\xff"s, "\x7f\xff\xff\xff"s, "\0\1\0\0"s})
    STRCMP_EQUAL("postgres malformed,0,message", ends("S" + length + "x").c_str());
  std::string endless = message('R', "\0\0\0\0"s);
  while (endless.size() < Profile::kConversationMax) endless += message('S', std::string(1000, 'x'));
  STRCMP_EQUAL("postgres malformed,0,endless answer", ends(endless).c_str());
}

TEST(Postgres, tls_is_asked_for_first) {
  const Plan how = plan("", "", true);
  test::Conversation plain({{"\0\0\0\x08\x04\xd2\x16\x2f"s, "S"}});
  postgres.begin(how);
  CHECK(test::go_on(postgres, plain).wants_tls);
  test::Conversation encrypted({{how.request, ready()}});
  encrypted.over_tls();
  STRCMP_EQUAL("postgres ok,0,", test::told(test::go_on(postgres, encrypted)).c_str());
}

TEST(Postgres, tls_refused_or_followed_by_more_is_told) {
  STRCMP_EQUAL("postgres failed,0,no TLS", ends_tls("N").c_str());
  STRCMP_EQUAL("postgres malformed,0,answer to the request for TLS", ends_tls("HTTP/1.1 400").c_str());
  STRCMP_EQUAL("postgres malformed,0,more than the answer before TLS", ends_tls("S" + ready()).c_str());
}
