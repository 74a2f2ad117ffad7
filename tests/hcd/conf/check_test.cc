#include "hcd/conf/check.h"

#include "fastpath/base/glob.h"
#include "hcd/conf/escape.h"
#include "hcd/conf/http_words.h"
#include "hcd/conf/print.h"
#include "tests/hcd/conf/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

TEST_GROUP(Check) {
  Fixture fixture;

  Check check(const std::string& line) {
    const auto loaded = fixture.load("table t {\ncheck " + line + "\nhost 10.0.0.1\n}\n");
    STRCMP_EQUAL_TEXT("", loaded ? "" : loaded.error().text.c_str(), line.c_str());
    return loaded->config.templates.at(0).check;
  }
  std::string printed(const std::string& line) {
    return check_text(check(line));
  }
  std::string refusal(const std::string& line) {
    const auto text = fixture.errors("table t {\ncheck " + line + "\nhost 10.0.0.1\n}\n");
    const auto begin = std::min(text.find(": "), text.size() - 2) + 2;
    return text.substr(begin, text.find('\n') - begin);
  }
};

TEST(Check, a_handshake_goes_by_both_words) {
  for (const char* word : {"ssl", "tls"}) {
    CHECK(check(word).type == CheckType::Tls);
    CHECK(check(word).tls.has_value());
    STRCMP_EQUAL("tls", printed(word).c_str());
  }
}

TEST(Check, what_is_sent_may_hold_any_byte) {
  const auto sent = check(R"(send "GET /\r\n\t\"\\\\\x00" expect "*")").exchange.send;
  CHECK(sent == std::string("GET /\r\n\t\"\\\0", 11));
  CHECK(check("send nothing expect \"*\"").exchange.send.empty());
  CHECK(check("send \"nothing\" expect \"*\"").exchange.send == "nothing");
  STRCMP_EQUAL(R"(send "GET /\r\n\t\"\\\\\x00" expect "*")",
               printed(R"(send "GET /\r\n\t\"\\\\\x00" expect "*")").c_str());
}

TEST(Check, a_pattern_keeps_what_a_backslash_makes_of_its_special_bytes) {
  CHECK(check(R"(send nothing expect "\*\x2a\r\a\\\\*")").exchange.expect == "\\*\\*\ra\\\\*");
  STRCMP_EQUAL(R"(send nothing expect "\*\*\ra\\\\*")", printed(R"(send nothing expect "\*\x2a\r\a\\\\*")").c_str());
}

TEST(Check, bytes_are_written_in_hexadecimal) {
  const auto exchange = check("binary send 00FF expect 0a tls").exchange;
  CHECK(exchange.binary && exchange.send == std::string("\0\xff", 2) && exchange.expect == "\n");
  STRCMP_EQUAL("binary send \"00ff\" expect \"0a\" tls", printed("binary send 00FF expect 0a ssl").c_str());
  STRCMP_EQUAL("binary send nothing expect \"0a\"", printed("binary send nothing expect 0a").c_str());
}

TEST(Check, what_is_sent_and_expected_has_bounds) {
  const std::string a(4097, 'a');
  STRCMP_EQUAL("what is sent is longer than 4096 bytes", refusal("send " + a + " expect b").c_str());
  STRCMP_EQUAL("the pattern is longer than 1024 bytes", refusal("send nothing expect " + a.substr(0, 1025)).c_str());
  STRCMP_EQUAL("the bytes to expect are more than 1024 bytes",
               refusal("binary send nothing expect " + a.substr(0, 2050)).c_str());
}

TEST(Check, a_script_must_be_there_and_executable) {
  fixture.files.programs.insert("/opt/a check");
  fixture.files.files["/etc/motd"] = "";
  STRCMP_EQUAL("script \"/opt/a check\"", printed("script '/opt/a check'").c_str());
  STRCMP_EQUAL("script '/opt/b' cannot be run: No such file or directory", refusal("script /opt/b").c_str());
  STRCMP_EQUAL("script '/etc/motd' is not executable", refusal("script /etc/motd").c_str());
}

TEST(Check, codes_are_numbers_and_ranges) {
  const std::vector<CodeRange> expected = {{200, 299}, {301, 301}, {401, 401}};
  CHECK(check("http / code 200-299,301, 401").http.codes == expected);
  CHECK(check("http / code \"200-299,301,401\"").http.codes == expected);
  STRCMP_EQUAL("http \"/\" code 200-299,301,401", printed("http / code 200-299,301, 401").c_str());
  std::string many = "100";
  for (int i = 0; i < 32; i++) many += ",100";
  STRCMP_EQUAL("more than 32 codes and ranges", refusal("http / code " + many).c_str());
}

TEST(Check, words_of_an_http_check_come_in_any_order) {
  const auto one = check("http / method GET host a header \"B: c\" code 200 expect header D e expect body f");
  const auto other = check("http / expect body f expect header D e code 200 header \"B: c\" host a method GET");
  CHECK(one == other);
  CHECK(one.http.method == HttpMethod::Get && one.http.headers.size() == 1 && one.http.expect_body == "f");
  CHECK(one.http.expect_headers == (std::vector<HeaderMatch>{{"D", "e"}}));
  STRCMP_EQUAL("http \"/\" host \"a\" method GET header \"B: c\" code 200 expect header \"D\" \"e\" expect body \"f\"",
               check_text(one).c_str());
}

TEST(Check, an_expression_is_bounded) {
  STRCMP_EQUAL("the expression is longer than 1024 bytes",
               refusal("http / code 200 expect body " + std::string(1025, 'a')).c_str());
  STRCMP_CONTAINS("the expression does not compile",
                  refusal("http / code 200 expect body \"((a{999}){999}){9}\"").c_str());
}

TEST(Check, a_header_cannot_carry_a_second_one) {
  STRCMP_EQUAL("", header_problem("X-A: b").c_str());
  STRCMP_EQUAL("", header_problem("X-A:").c_str());
  for (const char* header : {"X-A: b\r\nX-B: c", "X-A: b\nc", "X-A: b\x01", "X-A: \x7f"})
    STRCMP_EQUAL("a header holds no control characters", header_problem(header).c_str());
  CHECK(!header_problem(std::string_view("X: a\0b", 6)).empty());
  CHECK(!header_problem("X\r\nY: b").empty() && !header_problem(": b").empty());
  STRCMP_EQUAL("the check writes the header Host itself: use 'host'", header_problem("hOST: b").c_str());
}

TEST(Check, any_bytes_are_read_back_as_they_were_written) {
  std::string bytes;
  for (int c = 0; c < 256; c++) bytes += static_cast<char>(c);
  bytes += "\\\\x41\\r\"\\\"";
  CHECK(check("send " + escape(bytes) + " expect \"*\"").exchange.send == bytes);
  const auto pattern = unescape_glob(R"(\x00\x7f\xff*?[!a-z\]\-\^]\\\"\[x\x5b\x5c)");
  CHECK(pattern.has_value() && Glob::compile(*pattern).has_value());
  CHECK(check("send nothing expect " + escape_glob(*pattern)).exchange.expect == *pattern);
}

TEST(Check, a_dns_query_has_a_type_and_one_thing_that_is_expected) {
  CHECK_EQUAL(1, check("dns example.org").peer.query);
  CHECK_EQUAL(28, check("dns example.org expect address 2001:db8::1").peer.query);
  CHECK_EQUAL(65280, check("dns example.org type type65280").peer.query);
  STRCMP_EQUAL("dns \"example.org\"", printed("dns example.org type a").c_str());
  STRCMP_EQUAL("dns \".\" type NS tcp", printed("dns . tcp type ns").c_str());
  STRCMP_EQUAL("dns \"a.\" type TYPE65280 expect rcode NXDOMAIN",
               printed("dns a. expect rcode nxdomain type TYPE65280").c_str());
  STRCMP_EQUAL("dns \"a\" expect rcode 15", printed("dns a expect rcode 15").c_str());
  STRCMP_EQUAL("dns \"a\" expect address 2001:db8::1", printed("dns a type AAAA expect address 2001:DB8::1").c_str());
  STRCMP_EQUAL("dns \"a\" type ANY expect address 192.0.2.1",
               printed("dns a type ANY expect address 192.0.2.1").c_str());
}

TEST(Check, a_dns_name_has_labels_of_63_bytes_and_253_in_all) {
  const std::string label(63, 'a');
  const auto names = label + "." + label + "." + label + ".";
  CHECK(check("dns " + names + std::string(61, 'a') + ".").type == CheckType::Dns);
  for (const auto& name :
       {names + std::string(62, 'a'), label + "a", std::string("a..b"), std::string(".."), std::string(".a")})
    STRCMP_CONTAINS("is not a DNS name", refusal("dns " + name).c_str());
}
