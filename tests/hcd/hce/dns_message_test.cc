#include "hcd/hce/dns_message.h"

#include "tests/fake/dns_server.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hce::dns;
using namespace std::string_literals;
using Kind = Answer::Kind;
using test::dns_answer;
using test::dns_record;
using test::kDnsAnswered;

TEST_GROUP(DnsMessage) {
  std::string query = "\x12\x34"s + encode_query("www.example.org", kTypeA).value().substr(2);
  const Address address = *Address::parse("192.0.2.1");
  const std::string a = dns_record(kTypeA, "\xc0\x00\x02\x01"s);

  Answer parse(const std::string& message) {
    return parse_answer(message, query, &address);
  }
  std::string problem(const std::string& message) {
    const auto answer = parse(message);
    CHECK(answer.kind == Kind::Malformed);
    return std::string(answer.problem);
  }
  std::string problem_of_record(const std::string& record) {
    return problem(dns_answer(query, kDnsAnswered, {record}));
  }
};

TEST(DnsMessage, a_query_is_one_question_that_wants_recursion) {
  const auto got = encode_query("a.example.", kTypeAaaa);
  CHECK(got.has_value());
  CHECK(*got == "\0\0\1\0\0\1\0\0\0\0\0\0\1a\7example\0\0\x1c\0\1"s);
  CHECK(encode_query("a.example", kTypeAaaa) == got);
  CHECK(encode_query(".", 2).value().substr(12) == "\0\0\2\0\1"s);
}

TEST(DnsMessage, what_is_no_name_has_no_query) {
  const std::string label(63, 'a');
  for (const auto& name :
       {""s, ".."s, "a..b"s, ".a"s, "a.."s, label + "a"s, label + "." + label + "." + label + "." + label})
    CHECK(!encode_query(name, kTypeA));
  const auto longest = encode_query(label + "." + label + "." + label + "." + std::string(61, 'a'), kTypeA);
  CHECK(longest.has_value() && longest->size() == kQueryMax);
}

TEST(DnsMessage, records_of_the_type_are_counted_and_the_address_found) {
  const auto both = parse(dns_answer(query, kDnsAnswered, {dns_record(kTypeCname, "\1b\xc0\x10"s), a}));
  CHECK(both.kind == Kind::Valid);
  CHECK_EQUAL(1, both.records);
  CHECK(both.has_address);
  const auto other = parse(dns_answer(query, kDnsAnswered, {dns_record(kTypeA, "\xc0\x00\x02\x02"s)}));
  CHECK(other.records == 1 && !other.has_address);
  CHECK_EQUAL(0, parse(dns_answer(query, kDnsAnswered)).records);
  CHECK_EQUAL(3, parse(dns_answer(query, 0x8183)).rcode);
}

TEST(DnsMessage, another_id_or_question_is_no_answer) {
  const auto answer = dns_answer(query, kDnsAnswered, {a});
  CHECK(parse("\x12\x35"s + answer.substr(2)).kind == Kind::Stray);
  auto changed = answer;
  changed[14] = 'x';
  CHECK(parse(changed).kind == Kind::Stray);
  changed = answer;
  changed[query.size() - 3] = '\x1c';  // the type
  CHECK(parse(changed).kind == Kind::Stray);
  changed = answer;
  changed[14] = 'W';
  CHECK(parse(changed).kind == Kind::Valid);
  CHECK(parse("").kind == Kind::Stray);
}

TEST(DnsMessage, a_header_alone_tells_an_error) {
  CHECK(parse("\x12\x34\x81\x81\0\0\0\0\0\0\0\0"s).kind == Kind::Valid);
  CHECK_EQUAL(1, parse("\x12\x34\x81\x81\0\0\0\0\0\0\0\0"s).rcode);
  CHECK(parse("\x12\x34\x81\x80\0\0\0\0\0\0\0\0"s).kind == Kind::Stray);
}

TEST(DnsMessage, every_cut_is_told) {
  const auto whole = dns_answer(query, kDnsAnswered, {dns_record(kTypeCname, "\1b\xc0\x10"s), a});
  for (std::size_t size = 0; size < whole.size(); size++) {
    const auto kind = parse(whole.substr(0, size)).kind;
    CHECK(kind == (size < query.size() ? Kind::Stray : Kind::Malformed));
  }
}

TEST(DnsMessage, a_truncated_answer_is_asked_again_whatever_follows) {
  const auto answer = parse(dns_answer(query, kDnsAnswered | test::kDnsTruncated, {"\xff\xff\xff"}));
  CHECK(answer.kind == Kind::Valid && answer.truncated);
}

TEST(DnsMessage, a_query_that_comes_back_is_no_answer) {
  STRCMP_EQUAL("not a response", problem(query).c_str());
  STRCMP_EQUAL("opcode", problem(dns_answer(query, kDnsAnswered | 0x2800)).c_str());
}

TEST(DnsMessage, names_that_lead_nowhere_are_refused) {
  const std::string rest = "\0\1\0\1\0\0\0\0\0\0"s, at = test::dns_word(static_cast<unsigned>(query.size()) | 0xc000);
  STRCMP_EQUAL("name pointer", problem_of_record(at + rest).c_str());           // to itself
  STRCMP_EQUAL("name pointer", problem_of_record("\xff\xff"s + rest).c_str());  // ahead
  STRCMP_EQUAL("name pointer", problem_of_record("\xc0\x00"s + rest).c_str());  // into the header
  STRCMP_EQUAL("name label", problem_of_record("\x40"s + rest).c_str());        // a form that was never taken up
  std::string endless;
  for (int i = 0; i < 5; i++) endless += "\x3f"s + std::string(63, 'a');
  STRCMP_EQUAL("name too long", problem_of_record(endless + "\0"s + rest).c_str());
}

TEST(DnsMessage, an_address_of_the_wrong_size_is_refused) {
  STRCMP_EQUAL("address record", problem_of_record(dns_record(kTypeA, "abc")).c_str());
  STRCMP_EQUAL("address record", problem_of_record(dns_record(kTypeAaaa, "abcd")).c_str());
}

TEST(DnsMessage, records_that_are_promised_must_come) {
  auto message = dns_answer(query, kDnsAnswered, {a});
  message[6] = '\xff';
  message[7] = '\xff';
  STRCMP_EQUAL("name cut short", problem(message).c_str());
  message = dns_answer(query, kDnsAnswered, {a});
  message[11] = 1;  // additional
  STRCMP_EQUAL("name cut short", problem(message).c_str());
}
