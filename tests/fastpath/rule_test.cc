#include "fastpath/rule.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

TEST_GROUP(Rule) {
  Rule rule{.interface = "em0",
            .to = *Address::parse("192.0.2.80"),
            .port = 80,
            .label = "hcd:www",
            .tag = "HCD",
            .established = Seconds(600),
            .table = "www",
            .target_port = 8080};

  void prints(const char* text) {
    STRCMP_EQUAL(text, canonical(rule).c_str());
  }
  void refused(const char* sentence) {
    const auto sound = validate(rule);
    CHECK(!sound.has_value());
    STRCMP_EQUAL(sentence, sound.error().text.c_str());
  }
};

TEST(Rule, prints_as_pfctl_prints_it) {
  prints(
      "pass in quick on em0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state "
      "(tcp.established 600) label \"hcd:www\" tag HCD rdr-to <www> port 8080 round-robin");
  CHECK(validate(rule).has_value());
}

TEST(Rule, prints_only_what_is_set) {
  rule = {.to = *Address::parse("2001:db8::80"), .port = 53, .table = "dns"};
  rule.proto = Proto::Udp;
  prints("pass in quick inet6 proto udp from any to 2001:db8::80 port = 53 rdr-to <dns> round-robin");
  CHECK(validate(rule).has_value());
}

TEST(Rule, prints_the_key_of_a_source_hash_that_was_given_one) {
  rule = {.to = *Address::parse("192.0.2.80"), .port = 80, .table = "www", .target_port = 8080};
  rule.method = Method::SourceHash;
  prints("pass in quick inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA rdr-to <www> port 8080 source-hash");
  rule.key = HashKey{0x01, 0xab};
  prints(
      "pass in quick inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA rdr-to <www> port 8080 "
      "source-hash 0x01ab0000000000000000000000000000");
}

TEST(Rule, refuses_what_no_packet_could_match) {
  rule.port = 0;
  refused("rule for 192.0.2.80: a port is needed");
  rule.port = 80;
  rule.to = *Address::parse("0.0.0.0");
  refused("a rule needs a destination address");
}

TEST(Rule, refuses_names_beyond_pfs_limits) {
  rule.label = std::string(63, 'x');
  CHECK(validate(rule).has_value());
  rule.label += 'x';
  LONGS_EQUAL(Code::Limit, validate(rule).error().code);
  rule.label = "";
  rule.tag = std::string(64, 'x');
  LONGS_EQUAL(Code::Limit, validate(rule).error().code);
  rule.tag = "";
  rule.interface = std::string(16, 'x');
  LONGS_EQUAL(Code::Limit, validate(rule).error().code);
}

TEST(Rule, refuses_words_that_would_not_read_back) {
  rule.label = "a\"b";
  refused("rule for 192.0.2.80:80: label \"a\"b\" holds a blank, a quote or a control character");
}

TEST(Rule, refuses_a_key_without_a_hash_and_a_tcp_timeout_without_tcp) {
  rule.key = HashKey{};
  refused("rule for 192.0.2.80:80: a key is given for round-robin");
  rule.key.reset();
  rule.proto = Proto::Udp;
  refused("rule for 192.0.2.80:80: tcp.established is given for udp");
}
