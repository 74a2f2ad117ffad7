#include "hcd/hce/smtp.h"

#include "tests/fake/conversation.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;

TEST_GROUP(Smtp) {
  Smtp smtp;

  Plan plan(std::string domain = {}, bool starttls = false) {
    conf::Table table;
    table.name = "mail:25";
    table.port = 25;
    table.check.type = conf::CheckType::Smtp;
    table.check.peer.name = std::move(domain);
    table.check.peer.starttls = starttls;
    if (starttls) table.check.tls.emplace();
    return *make_plan(table);
  }
  std::string ends(std::vector<test::Turn> turns, bool starttls = false) {
    return test::told(test::converse(smtp, plan("", starttls), test::Conversation(std::move(turns))));
  }
};

TEST(Smtp, a_greeting_and_an_answer_to_ehlo_pass_and_it_quits) {
  const Plan how = plan("mx.example.org");
  test::Conversation server({{"", "220 mail ESMTP\r\n"}, {"EHLO mx.example.org\r\n", "250-mail\r\n250 SIZE 1\r\n"}});
  smtp.begin(how);
  STRCMP_EQUAL("smtp ok,0,", test::told(test::go_on(smtp, server)).c_str());
  STRCMP_EQUAL("EHLO mx.example.org\r\nQUIT\r\n", server.said.c_str());
}

TEST(Smtp, a_reply_may_have_lines_and_codes_alone_and_bare_newlines) {
  STRCMP_EQUAL("smtp ok,0,",
               ends({{"", "220-a\r\n220-\r\n220\r\n"}, {"EHLO localhost\r\n", "250-a\n250-b\n250\n"}}).c_str());
}

TEST(Smtp, another_code_is_told_with_its_text) {
  STRCMP_EQUAL("smtp failed,421,Service not available", ends({{"", "421 Service not available\r\n"}}).c_str());
  STRCMP_EQUAL("smtp failed,554,no", ends({{"", "554-go\r\n554 no\r\n"}}).c_str());
  STRCMP_EQUAL("smtp failed,502,what", ends({{"", "220 x\r\n"}, {"EHLO localhost\r\n", "502 what\r\n"}}).c_str());
  STRCMP_EQUAL("smtp failed,220,", ends({{"", "220 x\r\n"}, {"EHLO localhost\r\n", "220\r\n"}}).c_str());
}

TEST(Smtp, pieces_and_breaks) {
  STRCMP_EQUAL("", test::faults_of_pieces(smtp, plan(),
                                          {{"", "220-hello\r\n220 there\r\n"},
                                           {"EHLO localhost\r\n", "250-mail\r\n250-STARTTLS\r\n250 HELP\r\n"}},
                                          "smtp ok,0,", "smtp malformed")
                       .c_str());
}

TEST(Smtp, garbage_is_malformed) {
  STRCMP_EQUAL("smtp malformed,0,reply", ends({{"", "+OK POP3 ready"}}).c_str());  // at once, without a line's end
  for (const char* line : {"HTTP/1.1 400 Bad Request\r\n", "22 x\r\n", "2200 x\r\n", "220x\r\n", "199 x\r\n",
                           "600 x\r\n", "\r\n", "+20 x\r\n", "22\r\n"})
    STRCMP_EQUAL("smtp malformed,0,reply", ends({{"", line}}).c_str());
  STRCMP_EQUAL("smtp malformed,0,reply of two codes", ends({{"", "220-a\r\n250 b\r\n"}}).c_str());
}

TEST(Smtp, a_line_without_an_end_is_bounded) {
  STRCMP_EQUAL("smtp malformed,0,line too long", ends({{"", "220 " + std::string(1100, 'x')}}).c_str());
  STRCMP_EQUAL("smtp malformed,0,line too long", ends({{"", "220 " + std::string(1100, 'x') + "\r\n"}}).c_str());
  std::string endless;
  while (endless.size() < Profile::kConversationMax) endless += "220-again\r\n";
  STRCMP_EQUAL("smtp malformed,0,endless answer", ends({{"", endless}}).c_str());
}

TEST(Smtp, starttls_is_begun_where_it_is_offered_and_ehlo_said_again) {
  const Plan how = plan("", true);
  test::Conversation plain({{"", "220 x\r\n"},
                            {"EHLO localhost\r\n", "250-x\r\n250-StartTLS\r\n250 HELP\r\n"},
                            {"STARTTLS\r\n", "220 go ahead\r\n"}});
  smtp.begin(how);
  CHECK(test::go_on(smtp, plain).wants_tls);
  test::Conversation encrypted({{"EHLO localhost\r\n", "250 x\r\n"}});
  encrypted.over_tls();
  STRCMP_EQUAL("smtp ok,0,", test::told(test::go_on(smtp, encrypted)).c_str());
  STRCMP_EQUAL("EHLO localhost\r\nQUIT\r\n", encrypted.said.c_str());
}

TEST(Smtp, starttls_that_is_not_offered_or_refused_is_told) {
  STRCMP_EQUAL("smtp failed,0,no STARTTLS",
               ends({{"", "220 STARTTLS\r\n"}, {"EHLO localhost\r\n", "250-STARTTLSX\r\n250 HELP\r\n"}}, true).c_str());
  const std::vector<test::Turn> offered = {{"", "220 x\r\n"}, {"EHLO localhost\r\n", "250-x\r\n250 STARTTLS\r\n"}};
  auto refused = offered, injected = offered;
  refused.push_back({"STARTTLS\r\n", "454 TLS not available\r\n"});
  injected.push_back({"STARTTLS\r\n", "220 go\r\n250 mine\r\n"});
  STRCMP_EQUAL("smtp failed,454,TLS not available", ends(refused, true).c_str());
  STRCMP_EQUAL("smtp malformed,0,more than the answer before TLS", ends(injected, true).c_str());
}
