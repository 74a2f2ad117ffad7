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

TEST(Rule, prints_ranges_of_ports_and_any_port) {
  rule = {.to = *Address::parse("192.0.2.80"), .port = 1000, .last_port = 1999, .table = "www"};
  prints("pass in quick inet proto tcp from any to 192.0.2.80 port 1000:1999 flags S/SA rdr-to <www> round-robin");
  rule.target_port = 8000;
  rule.target_range = true;
  prints(
      "pass in quick inet proto tcp from any to 192.0.2.80 port 1000:1999 flags S/SA rdr-to <www> port 8000:* "
      "round-robin");
  CHECK(validate(rule).has_value());
  rule.target_range = false;
  rule.port = rule.last_port = 0;
  prints("pass in quick inet proto tcp from any to 192.0.2.80 flags S/SA rdr-to <www> port 8000 round-robin");
  CHECK(validate(rule).has_value());
}

TEST(Rule, prints_its_source) {
  rule = {.to = *Address::parse("192.0.2.80"), .port = 80, .table = "www"};
  rule.from.networks = {{*Address::parse("10.0.0.0"), 8}};
  prints("pass in quick inet proto tcp from 10.0.0.0/8 to 192.0.2.80 port = 80 flags S/SA rdr-to <www> round-robin");
  rule.from.negated = true;
  prints("pass in quick inet proto tcp from ! 10.0.0.0/8 to 192.0.2.80 port = 80 flags S/SA rdr-to <www> round-robin");
  rule.from = {.networks = {{*Address::parse("10.0.0.0"), 8}, {*Address::parse("192.0.2.1"), 32}}};
  prints(
      "pass in quick inet proto tcp from { 10.0.0.0/8, 192.0.2.1 } to 192.0.2.80 port = 80 flags S/SA "
      "rdr-to <www> round-robin");
  CHECK(validate(rule).has_value());
  rule.from = {.table = "bad", .negated = true};
  prints("pass in quick inet proto tcp from ! <bad> to 192.0.2.80 port = 80 flags S/SA rdr-to <www> round-robin");
  CHECK(validate(rule).has_value());
}

TEST(Rule, prints_state_options_in_pfctls_order) {
  rule.limits = {.max = 100,
                 .source_track = SourceTrack::Rule,
                 .max_src_nodes = 10,
                 .max_src_states = 20,
                 .max_src_conn = 30,
                 .max_src_conn_rate = 15,
                 .rate_seconds = Seconds(5),
                 .overload = "bad",
                 .flush = Flush::Global};
  rule.sloppy = true;
  rule.timeouts = {{Timeout::SrcTrack, Seconds(300)}, {Timeout::TcpFirst, Seconds(10)}};
  prints(
      "pass in quick on em0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state (max 100, "
      "source-track rule, max-src-states 20, max-src-conn 30, max-src-conn-rate 15/5, max-src-nodes 10, "
      "overload <bad> flush global, sloppy, tcp.first 10, tcp.established 600, src.track 300) label \"hcd:www\" tag "
      "HCD "
      "rdr-to <www> port 8080 round-robin");
  CHECK(validate(rule).has_value());
}

TEST(Rule, prints_methods_and_what_is_ours_alone) {
  rule = {.to = *Address::parse("192.0.2.80"), .port = 53, .table = "dns"};
  rule.proto = Proto::Udp;
  const std::string head = "pass in quick inet proto udp from any to 192.0.2.80 port = 53 rdr-to <dns>";
  rule.method = Method::Random;
  prints((head + " random").c_str());
  rule.method = Method::LeastStates;
  rule.sticky = true;
  prints((head + " least-states sticky-address").c_str());
  rule.method = Method::Hash;
  rule.key = HashKey{};
  rule.keep_ttl = true;
  prints((head + " hash 0x00000000000000000000000000000000 sticky-address keep-ttl").c_str());
  CHECK(validate(rule).has_value());
}

TEST(Rule, refuses_ranges_that_are_none) {
  rule.last_port = 80;
  refused("rule for 192.0.2.80:80:80: the last port of a range is above the first");
  rule.last_port = 90;
  rule.target_port = 65530;
  rule.target_range = true;
  refused("rule for 192.0.2.80:80:90: the range of target ports ends above 65535");
  rule.last_port = 0;
  refused("rule for 192.0.2.80:80: a range of target ports is given, but none of ports");
}

TEST(Rule, refuses_sources_that_cannot_be) {
  rule.from.networks = {{*Address::parse("10.0.0.1"), 8}};
  refused("rule for 192.0.2.80:80: source 10.0.0.1/8 has bits set behind its length");
  rule.from.networks = {{*Address::parse("fd00::"), 8}};
  refused("rule for 192.0.2.80:80: source fd00::/8 is of the other family");
  rule.from = {.negated = true};
  refused("rule for 192.0.2.80:80: nobody is from ! any");
}

TEST(Rule, refuses_limits_that_nothing_counts) {
  rule.limits.max_src_states = 3;
  refused("rule for 192.0.2.80:80: a limit of sources needs source-track");
  rule.limits = {.source_track = SourceTrack::Rule, .overload = "bad"};
  refused("rule for 192.0.2.80:80: overload needs max-src-conn or max-src-conn-rate");
  rule.limits = {};
  rule.timeouts = {{Timeout::UdpFirst, Seconds(1)}};
  refused("rule for 192.0.2.80:80: udp.first is given for tcp");
}

TEST(Rule, knows_timeouts_by_pfs_names) {
  CHECK(timeout_named("src.track") == Timeout::SrcTrack);
  CHECK(!timeout_named("tcp.nonsense"));
  LONGS_EQUAL(900, timeout_default(Timeout::TcpClosing).count());
}
