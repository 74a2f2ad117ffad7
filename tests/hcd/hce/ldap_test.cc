#include "hcd/hce/ldap.h"

#include "fastpath/base/text.h"
#include "hcd/hce/ber.h"
#include "tests/fake/conversation.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce;

namespace {

std::string hex(const char* digits) {
  return *from_hex(digits);
}

std::string element(std::uint8_t tag, const std::string& contents) {
  std::string out(1, static_cast<char>(tag));
  if (contents.size() > 127) out += '\x82', out += static_cast<char>(contents.size() >> 8);
  return out + static_cast<char>(contents.size() & 0xff) + contents;
}

// LDAPMessage { id, [operation] { resultCode, matchedDN "", diagnosticMessage } }
std::string answer(char id, std::uint8_t operation, const std::string& code, const std::string& text = {}) {
  return element(ber::kSequence, element(ber::kInteger, std::string(1, id)) +
                                     element(operation, element(ber::kEnumerated, code) + element(ber::kOctets, "") +
                                                            element(ber::kOctets, text)));
}

constexpr std::uint8_t kBound = 0x61, kExtended = 0x78;

std::string bind() {
  return hex("300c0201016007020103040080") + std::string(1, '\0');
}
std::string unbind() {
  return hex("3005020103") + hex("4200");
}
std::string start_tls() {
  return hex("301d02010277188016") + "1.3.6.1.4.1.1466.20037";
}
std::string success() {
  return answer(1, kBound, std::string(1, '\0'));
}

}  // namespace

TEST_GROUP(Ldap) {
  Ldap ldap;

  Plan plan(bool starttls = false) {
    conf::Table table;
    table.name = "dir:389";
    table.port = 389;
    table.check.type = conf::CheckType::Ldap;
    table.check.peer.starttls = starttls;
    if (starttls) table.check.tls.emplace();
    return *make_plan(table);
  }
  std::string ends(const std::string& server) {
    return test::told(test::converse(ldap, plan(), test::Conversation({{bind(), server}})));
  }
  std::string ends_tls(const std::string& server) {
    return test::told(test::converse(ldap, plan(true), test::Conversation({{start_tls(), server}})));
  }
};

TEST(Ldap, an_anonymous_bind_that_succeeds_passes_and_it_unbinds) {
  const Plan how = plan();
  test::Conversation server({{bind(), success()}});
  ldap.begin(how);
  STRCMP_EQUAL("ldap ok,0,", test::told(test::go_on(ldap, server)).c_str());
  CHECK(server.said == bind() + unbind());
}

TEST(Ldap, another_result_is_told_with_its_code_and_text) {
  STRCMP_EQUAL("ldap failed,48,anonymous bind disallowed",
               ends(answer(1, kBound, "\x30", "anonymous bind disallowed")).c_str());
  STRCMP_EQUAL("ldap failed,51,", ends(answer(1, kBound, "\x33")).c_str());
  STRCMP_EQUAL("ldap failed,4096,", ends(answer(1, kBound, std::string("\x10\0", 2))).c_str());
}

TEST(Ldap, a_notice_of_disconnection_is_told_with_its_code) {
  STRCMP_EQUAL("ldap failed,52,shutting down", ends(answer(0, kExtended, "\x34", "shutting down")).c_str());
}

TEST(Ldap, referrals_and_other_fields_behind_the_text_are_passed_over) {
  const std::string response = element(kBound, element(ber::kEnumerated, std::string(1, '\0')) + element(4, "") +
                                                   element(4, "") + element(0xa3, element(4, "ldap://x")));
  STRCMP_EQUAL("ldap ok,0,", ends(element(ber::kSequence, element(2, "\1") + response)).c_str());
}

TEST(Ldap, pieces_and_breaks) {
  STRCMP_EQUAL("", test::faults_of_pieces(ldap, plan(), {{bind(), success()}}, "ldap ok,0,", "ldap malformed").c_str());
}

TEST(Ldap, garbage_and_answers_to_nothing_are_malformed) {
  for (const std::string& bytes : {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), hex("3080"), hex("3085"), hex("1f"),
                                   hex("3000"), hex("30020101"), hex("300602010130010a"), std::string(20, '\0'),
                                   hex("3005020101") + hex("6100"), hex("300702010161020a00")})
    STRCMP_EQUAL("ldap malformed,0,answer", ends(bytes).c_str());
  STRCMP_EQUAL("ldap malformed,0,answer to another request", ends(answer(2, kBound, std::string(1, '\0'))).c_str());
  STRCMP_EQUAL("ldap malformed,0,answer to another request", ends(answer(1, kExtended, std::string(1, '\0'))).c_str());
  STRCMP_EQUAL("ldap malformed,0,result code", ends(answer(1, kBound, hex("010000"))).c_str());
}

TEST(Ldap, a_negative_or_overlong_number_is_malformed) {
  STRCMP_EQUAL("ldap malformed,0,answer", ends(answer(1, kBound, "\xff")).c_str());
  STRCMP_EQUAL("ldap malformed,0,answer", ends(answer(1, kBound, std::string(5, '\0'))).c_str());
  STRCMP_EQUAL("ldap malformed,0,answer", ends(answer(1, kBound, "")).c_str());
}

TEST(Ldap, a_giant_length_is_not_waited_for) {
  for (const char* length : {"3084ffffffff", "308400001000", "30821000"})
    STRCMP_EQUAL("ldap malformed,0,answer", ends(hex(length) + hex("020101")).c_str());
  STRCMP_EQUAL("tcp read timeout,0,", ends(hex("30820ffc") + hex("020101")).c_str());  // the longest that fits
}

TEST(Ldap, lengths_inside_that_lead_outside_are_malformed) {
  STRCMP_EQUAL("ldap malformed,0,answer", ends(hex("300c02010161070a010004000409")).c_str());
  STRCMP_EQUAL("ldap malformed,0,answer", ends(hex("300c02010161840a010004000400")).c_str());
  STRCMP_EQUAL("ldap malformed,0,answer", ends(hex("300c02010161ff0a010004000400")).c_str());
}

TEST(Ldap, starttls_comes_before_the_bind) {
  const Plan how = plan(true);
  test::Conversation plain({{start_tls(), answer(2, kExtended, std::string(1, '\0'))}});
  ldap.begin(how);
  CHECK(test::go_on(ldap, plain).wants_tls);
  test::Conversation encrypted({{bind(), success()}});
  encrypted.over_tls();
  STRCMP_EQUAL("ldap ok,0,", test::told(test::go_on(ldap, encrypted)).c_str());
  CHECK(encrypted.said == bind() + unbind());
}

TEST(Ldap, starttls_refused_or_followed_by_more_is_told) {
  STRCMP_EQUAL("ldap failed,2,unsupported extended operation",
               ends_tls(answer(2, kExtended, "\2", "unsupported extended operation")).c_str());
  STRCMP_EQUAL("ldap malformed,0,more than the answer before TLS",
               ends_tls(answer(2, kExtended, std::string(1, '\0')) + success()).c_str());
  STRCMP_EQUAL("ldap malformed,0,answer to another request", ends_tls(success()).c_str());
}
