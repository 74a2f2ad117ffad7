// What the parser makes of single lines; the example files in tests/conf hold the errors.
#include "hcd/conf/parser.h"

#include "tests/hcd/conf/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

TEST_GROUP(Parser) {
  Fixture fixture;

  Config good(const std::string& text) {
    const auto loaded = fixture.load(text);
    STRCMP_EQUAL("", loaded ? "" : loaded.error().text.c_str());
    return loaded ? loaded->config : Config{};
  }
  Check check(const std::string& line) {
    const auto config = good("table t {\ncheck " + line + "\nhost 10.0.0.1\n}\n");
    CHECK_EQUAL(1U, config.templates.size());
    return config.templates.at(0).check;
  }
  Service service(const std::string& line) {
    const auto config = good(
        "table t {\nreal port 80\ncheck tcp\nhost 10.0.0.1\n}\nservice s {\nvirtual host 192.0.2.1 port 80\ntable t\n" +
        line + "\n}\n");
    CHECK_EQUAL(1U, config.services.size());
    return config.services.at(0);
  }
};

TEST(Parser, an_empty_file_means_the_defaults) {
  const auto config = good("");
  CHECK(config == Config{});
  CHECK(config.global.interval == Seconds(10));
  CHECK(config.global.timeout == Milliseconds(200));
}

TEST(Parser, global_options_are_taken) {
  const auto global = good("interval 5\ntimeout 300\nlog all\nprefork 3\ndemote carp").global;
  CHECK(global.interval == Seconds(5));
  CHECK(global.timeout == Milliseconds(300));
  CHECK(global.log == LogChecks::All);
  CHECK(global.prefork == 3U);
  STRCMP_EQUAL("carp", global.demote.c_str());
}

TEST(Parser, the_fastpath_is_chosen_with_its_interfaces) {
  CHECK(good("fastpath auto").global.fastpath == FastpathMode::Auto);
  CHECK(good("fastpath none").global.fastpath == FastpathMode::None);
  const auto one = good("fastpath tc on eth0").global;
  CHECK(one.fastpath == FastpathMode::Tc);
  CHECK_EQUAL(1U, one.interfaces.size());
  CHECK_EQUAL(3U, good("fastpath xdp on { eth0 eth1,\n eth2 }").global.interfaces.size());
}

TEST(Parser, the_fastpath_may_be_a_pfs) {
  const auto usual = good("fastpath pf").global;
  CHECK(usual.fastpath == FastpathMode::Pf);
  CHECK(usual.pf == PfUse());
  fixture.files.programs.insert("/opt/pfctl");
  const auto old = good("fastpath pf old pfctl \"/opt/pfctl\"").global.pf;
  CHECK(old == (PfUse{.dialect = PfDialect::Old, .pfctl = "/opt/pfctl"}));
  CHECK(good("fastpath pf new").global.pf.dialect == PfDialect::New);
  CHECK(good("fastpath pf auto").global.pf == PfUse());
}

TEST(Parser, a_pfctl_that_others_than_root_may_change_is_refused_where_it_stands_and_one_that_is_missing_is_not) {
  CHECK(good("fastpath pf pfctl /usr/pf/pfctl").global.pf.pfctl == "/usr/pf/pfctl");
  fixture.files.files["/opt/pfctl"] = "";
  STRCMP_EQUAL(
      "hcd.conf:1:19: pfctl \"/opt/pfctl\" does not belong to root\n    fastpath pf pfctl /opt/pfctl\n"
      "                      ^",
      fixture.errors("fastpath pf pfctl /opt/pfctl").c_str());
  fixture.files.files["/sbin/pfctl"] = "";
  STRCMP_CONTAINS("hcd.conf:1:10: pfctl \"/sbin/pfctl\" does not belong to root",
                  fixture.errors("fastpath pf").c_str());
  STRCMP_CONTAINS("pfctl is given by its whole path", fixture.errors("fastpath pf pfctl pfctl").c_str());
  STRCMP_CONTAINS("'on' is too much on this line", fixture.errors("fastpath pf pfctl /x on em0").c_str());
}

TEST(Parser, states_and_the_syn_guard_are_taken) {
  const auto global = good("states limit 1000000\nstates when full refuse\nsyn guard 5000 per second").global;
  CHECK_EQUAL(1000000U, global.states_limit);
  CHECK(global.guard == (fastpath::Guard{.when_full = fastpath::WhenFull::Refuse, .syns = 5000}));
}

TEST(Parser, an_empty_list_of_interfaces_is_refused) {
  STRCMP_CONTAINS("the list of interfaces is empty", fixture.errors("fastpath xdp on { }").c_str());
}

TEST(Parser, a_list_of_interfaces_that_does_not_end_is_refused) {
  STRCMP_CONTAINS("expected an interface, not the end of the file", fixture.errors("fastpath xdp on { a").c_str());
}

TEST(Parser, icmp_and_tcp_checks_have_no_more_words) {
  CHECK(check("icmp").type == CheckType::Icmp);
  CHECK(check("tcp").type == CheckType::Tcp);
}

TEST(Parser, http_checks_know_path_code_and_host) {
  const auto plain = check("http \"/a\" code 204");
  CHECK(plain.type == CheckType::HttpCode && !plain.tls && plain.http.path == "/a");
  CHECK((plain.http.codes == std::vector<CodeRange>{{204, 204}}));
  const auto named = check("https \"/\" host www.example.org code 200");
  CHECK(named.tls && named.http.host == "www.example.org");
}

TEST(Parser, a_digests_kind_is_told_by_its_length) {
  CHECK(check("http \"/\" digest " + std::string(32, 'a')).http.digest_type == DigestType::Md5);
  CHECK(check("http \"/\" digest " + std::string(40, 'A')).http.digest_type == DigestType::Sha1);
  const auto longest = check("http \"/\" digest \"" + std::string(64, '0') + "\"");
  CHECK(longest.http.digest_type == DigestType::Sha256);
  CHECK(longest.http.digest == std::string(32, '\0'));
}

TEST(Parser, a_path_that_could_end_the_request_line_is_refused) {
  for (const char* path : {"/a b", "/a\tb", "/\xc3\xa9"})
    STRCMP_CONTAINS("a path holds no blank",
                    fixture.errors("table t {\ncheck http \"" + std::string(path) + "\" code 200\n}").c_str());
}

TEST(Parser, the_options_of_a_host_stand_in_any_order) {
  const auto config = good("table t {\ncheck tcp\nhost 10.0.0.1 weight 3 disable retry 2\n}");
  const auto& host = config.templates.at(0).hosts.at(0);
  CHECK(host.weight == 3 && host.retry == 2 && host.disabled);
}

TEST(Parser, a_block_may_stand_on_one_line) {
  CHECK_EQUAL(1U, good("table t { check tcp\n host 10.0.0.1 }").templates.size());
}

TEST(Parser, two_directives_on_a_line_are_refused) {
  STRCMP_CONTAINS("hcd.conf:1:21: 'host' is too much on this line",
                  fixture.errors("table t { check tcp host 10.0.0.1 }").c_str());
}

TEST(Parser, a_service_balances_round_robin_unless_told_otherwise) {
  using fastpath::Method;
  CHECK(service("").rule.method == Method::RoundRobin);
  const auto hashed = service("mode source-hash").rule;
  CHECK(hashed.method == Method::SourceHash && !hashed.key);
  CHECK(service("mode random").rule.method == Method::Random);
  CHECK(service("mode least-states").rule.method == Method::LeastStates);
  CHECK(service("mode hash key").rule.method == Method::Hash);
  CHECK(service("mode maglev").rule == service("mode hash").rule);
  CHECK(service("mode loadbalance key").rule == service("mode source-hash key").rule);
}

TEST(Parser, a_key_is_sixteen_bytes_whichever_way_it_is_given) {
  const auto key = [this](const char* line) { return *service(line).rule.key; };
  const auto digits = key("mode source-hash 0x000102030405060708090A0B0C0D0E0F");
  for (std::size_t i = 0; i < digits.size(); i++) CHECK_EQUAL(i, digits[i]);
  CHECK(key("mode source-hash one") != key("mode source-hash two"));
}

TEST(Parser, a_service_knows_tag_session_timeout_and_disable) {
  const auto taken = service("tag HCD\nsession timeout 30\ndisable");
  STRCMP_EQUAL("HCD", taken.rule.tag.c_str());
  CHECK(taken.rule.established == Seconds(30));
  CHECK(taken.disabled);
}

TEST(Parser, a_service_knows_pfs_words_for_states) {
  const auto taken = service("sticky-address\non down reset\nkeep-ttl\nkeep state (max 10, sloppy, tcp.first 5)");
  const auto& rule = taken.rule;
  CHECK(taken.reset_on_down);
  CHECK(rule.sticky && rule.keep_ttl && rule.sloppy);
  CHECK_EQUAL(10U, rule.limits.max);
  CHECK(rule.timeouts.at(fastpath::Timeout::TcpFirst) == Seconds(5));
}

TEST(Parser, a_service_knows_for_whom_it_is) {
  STRCMP_EQUAL("10.0.0.0/8", source_text(service("from 10/8").rule.from).c_str());
  STRCMP_EQUAL("! 10.0.0.1", source_text(service("from !10.0.0.1").rule.from).c_str());
  STRCMP_EQUAL("! <bad>", source_text(service("from ! <bad>").rule.from).c_str());
  STRCMP_EQUAL("{ 10.0.0.0/8, 192.168.0.0/16 }", source_text(service("from { 10/8\n192.168/16, }").rule.from).c_str());
}

TEST(Parser, a_service_is_found_behind_a_table_that_is_not_closed) {
  const auto errors = fixture.errors("table t {\ncheck tcp\nservice s {\ninterval 5\n}\n");
  STRCMP_CONTAINS("hcd.conf:1:9: the '{' of table t is not closed", errors.c_str());
  STRCMP_CONTAINS("hcd.conf:4:1: 'interval' is not a word of a service", errors.c_str());
}

TEST(Parser, a_table_is_found_behind_a_table_that_is_not_closed) {
  const auto errors = fixture.errors("table t {\ncheck tcp\ntable u {\ncheck tcp\n}\n");
  STRCMP_CONTAINS("hcd.conf:1:9: the '{' of table t is not closed", errors.c_str());
  STRCMP_CONTAINS("hcd.conf:3:7: table 'u' has no host", errors.c_str());
}

TEST(Parser, a_tag_may_be_a_number_but_a_service_may_not) {
  STRCMP_EQUAL("80", service("tag 80").rule.tag.c_str());
  STRCMP_CONTAINS("service name '80' is a number, which would be taken for an id",
                  fixture.errors("service 80 {\n}").c_str());
}

TEST(Parser, a_refused_block_is_skipped_whole) {
  const auto errors = fixture.errors("relay r {\n tcp {\n nodelay }\n}\ninterval 0\n");
  STRCMP_CONTAINS("hcd.conf:1:1: relays", errors.c_str());
  STRCMP_CONTAINS("hcd.conf:5:10: interval", errors.c_str());
  CHECK(!errors.contains("hcd.conf:2"));
  CHECK(!errors.contains("hcd.conf:4"));
}
