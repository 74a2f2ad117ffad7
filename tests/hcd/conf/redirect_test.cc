// What relayd's vocabulary means: lists of hosts, redirects, and that it is the same as hoststated's where that can say it.
#include "hcd/conf/diff.h"
#include "hcd/conf/ids.h"
#include "hcd/conf/print.h"
#include "tests/hcd/conf/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

namespace {

// The same set-up in each vocabulary.
const std::string kHoststated = R"(table webhosts {
    check http "/" code 200
    timeout 300
    host 10.1.1.100 retry 2
    host 10.1.1.101
}
table fallback {
    check icmp
    host 127.0.0.1
}
service www {
    virtual host 192.0.2.1 port 80 interface eth0
    table webhosts
    backup table fallback
    tag HCD
    mode source-hash key
    session timeout 600
    sticky-address
}
)";
const std::string kRelayd = R"(table <webhosts> { 10.1.1.100 retry 2, 10.1.1.101 }
table <fallback> { 127.0.0.1 }
redirect www {
    listen on 192.0.2.1 port 80 interface eth0
    forward to <webhosts> mode source-hash key check http "/" code 200 timeout 300
    forward to <fallback> check icmp mode source-hash key
    pftag HCD
    sticky-address
}
)";

std::string redirect(const std::string& name, const std::string& port, const std::string& lines) {
  return "redirect " + name + " {\nlisten on 192.0.2.1 port " + port + "\n" + lines + "\n}\n";
}

}  // namespace

TEST_GROUP(Redirect) {
  Fixture fixture;

  Loaded good(const std::string& text) {
    auto loaded = fixture.load(text);
    STRCMP_EQUAL("", loaded ? "" : loaded.error().text.c_str());
    return loaded ? std::move(*loaded) : Loaded{};
  }
};

TEST(Redirect, the_same_set_up_in_the_other_vocabulary_is_no_change) {
  const auto hoststated = good(kHoststated).config, relayd = good(kRelayd).config;
  STRCMP_EQUAL("no changes", diff_text(hoststated, relayd).c_str());
  STRCMP_EQUAL("no changes", diff_text(relayd, hoststated).c_str());
}

TEST(Redirect, a_reload_to_the_other_vocabulary_keeps_ids) {
  for (const auto& [from, to] : {std::pair(kHoststated, kRelayd), std::pair(kRelayd, kHoststated)}) {
    const auto running = good(from).config;
    auto fresh = good(to).config;
    keep_ids(fresh, running);
    CHECK(fresh.tables == running.tables);
    CHECK(fresh.services == running.services);
  }
}

TEST(Redirect, ids_count_from_1_and_lists_have_none_as_in_relayd) {
  const auto config = good(kRelayd).config;
  CHECK(config.templates.empty());
  CHECK_EQUAL(1U, config.services.at(0).id);
  STRCMP_EQUAL("webhosts:80", config.tables.at(0).name.c_str());
  CHECK_EQUAL(1U, config.tables.at(0).id);
  CHECK_EQUAL(1U, config.tables.at(0).hosts.at(0).id);
  CHECK_EQUAL(2U, config.tables.at(0).hosts.at(1).id);
  CHECK_EQUAL(2U, config.tables.at(1).id);
  CHECK_EQUAL(3U, config.tables.at(1).hosts.at(0).id);
}

TEST(Redirect, ids_count_from_0_where_no_list_is_used) {
  const auto config = good("table t { check tcp\nhost 10.0.0.1 }\ntable <unused> { 10.0.0.2 }\n" +
                           redirect("r", "80", "forward to <t>"))
                          .config;
  CHECK_EQUAL(0U, config.templates.at(0).id);
  CHECK_EQUAL(0U, config.services.at(0).id);
}

TEST(Redirect, one_list_is_a_table_for_each_port_and_for_each_set_of_options) {
  const auto config = good("table <web> { 10.0.0.1 }\n" + redirect("a", "80", "forward to <web> check tcp") +
                           redirect("b", "81", "forward to <web> port 80 check icmp") +
                           redirect("c", "82", "forward to <web> port 80 check tcp") +
                           redirect("d", "83", "forward to <web> check tcp") +
                           redirect("e", "84", "forward to <web> port 80 check icmp rise 2"))
                          .config;
  std::vector<std::string> names;
  for (const auto& service : config.services) names.push_back(config.table(service.table)->name);
  CHECK((names == std::vector<std::string>{"web:80", "web:80:2", "web:80", "web:83", "web:80:3"}));
  CHECK_EQUAL(4U, config.tables.size());
}

TEST(Redirect, an_order_of_redirects_that_changes_what_a_table_asks_is_told) {
  const auto first = redirect("a", "80", "forward to <web> check tcp");
  const auto second = redirect("b", "81", "forward to <web> port 80 check icmp");
  const std::string list = "table <web> { 10.0.0.1 }\n";
  STRCMP_EQUAL("~ table web:80: check\n~ table web:80:2: check\n~ service b: table\n~ service a: table",
               diff_text(good(list + first + second).config, good(list + second + first).config).c_str());
}

TEST(Redirect, established_connections_end_after_ten_minutes_where_nothing_is_said) {
  const auto text = "table <t> { 10.0.0.1 }\n" + redirect("r", "80", "forward to <t> check tcp") +
                    redirect("s", "81", "forward to <t> check tcp\nsession timeout 5") +
                    redirect("k", "82", "forward to <t> check tcp\nkeep state (tcp.established 7)") +
                    redirect("u", "83", "forward to <t> check tcp");
  const auto services = good(text).config.services;
  CHECK(services.at(0).rule.established == Seconds(600));
  CHECK(services.at(1).rule.established == Seconds(5));
  CHECK(services.at(2).rule.established == Seconds(7));
}

TEST(Redirect, a_redirect_of_udp_has_no_session_timeout) {
  const auto config =
      good("table <t> { 10.0.0.1 }\nredirect r {\nlisten on 192.0.2.1 udp port 53\nforward to <t> check icmp\n}")
          .config;
  CHECK(config.services.at(0).rule.established == Seconds(0));
}

TEST(Redirect, each_further_forward_is_the_next_backup) {
  const auto config =
      good("table <a> { 10.0.0.1 }\ntable <b> { 10.0.0.2 }\ntable <c> { 10.0.0.3 }\n" +
           redirect("r", "80",
                    "forward to <a> check tcp\nforward to <b> check tcp\nforward to <c> port 8080 check "
                    "tcp"))
          .config;
  const auto& service = config.services.at(0);
  CHECK((service.backups == std::vector<Id>{2, 3}));
  STRCMP_EQUAL("c:8080", config.table(3)->name.c_str());
}

TEST(Redirect, a_key_is_told_by_any_of_the_forwards) {
  const auto rule = [this](const std::string& first, const std::string& second) {
    return good("table <a> { 10.0.0.1 }\ntable <b> { 10.0.0.2 }\n" +
                redirect("r", "80", "forward to <a> check tcp " + first + "\nforward to <b> check tcp " + second))
        .config.services.at(0)
        .rule;
  };
  CHECK(rule("mode source-hash", "mode source-hash k").key.has_value());
  CHECK(rule("mode source-hash k", "mode source-hash").key == rule("mode source-hash k", "").key);
  CHECK(rule("", "mode random").method == fastpath::Method::Random);
}

TEST(Redirect, a_parent_by_id_is_relayds_host_and_by_name_each_tables_own) {
  const auto tables = [this](const std::string& parent) {
    return good("table <t> { 10.0.0.1, 10.0.0.2 parent " + parent + " }\n" +
                redirect("a", "80", "forward to <t> check tcp") + redirect("b", "81", "forward to <t> check tcp"))
        .config.tables;
  };
  const auto by_id = tables("1");
  CHECK(by_id.at(0).hosts.at(1).parent == 1U);
  CHECK(by_id.at(1).hosts.at(1).parent == 1U);
  const auto by_name = tables("10.0.0.1");
  CHECK(by_name.at(0).hosts.at(1).parent == 1U);
  CHECK(by_name.at(1).hosts.at(1).parent == 3U);
}

TEST(Redirect, parents_of_lists_print_so_that_they_read_back_the_same) {
  for (const std::string parent : {"1", "10.0.0.1", "3", "t:81/10.0.0.1"}) {
    const auto config =
        good("table <t> { 10.0.0.1, 10.0.0.2 parent " + parent + " }\n" +
             redirect("a", "80", "forward to <t> check tcp") + redirect("b", "81", "forward to <t> check tcp"))
            .config;
    CHECK_TEXT(good(print(config)).config == config, print(config).c_str());
  }
}

TEST(Redirect, a_condition_means_the_table_that_the_redirect_uses) {
  const auto config =
      good("table <a> { 10.0.0.1 }\ntable <b> { 10.0.0.2 }\n" + redirect("other", "80", "forward to <b> check tcp") +
           redirect("r", "81", "forward to <a> port 80 check tcp\nuse table <b> check icmp when <a> below 50%"))
          .config;
  const auto& condition = config.services.at(1).conditions.at(0);
  STRCMP_EQUAL("b:81", config.table(condition.use)->name.c_str());
  STRCMP_EQUAL("a:80", config.table(condition.watch)->name.c_str());
}

TEST(Redirect, a_disabled_list_is_disabled_wherever_it_is_used) {
  for (const std::string table : {"table <t> disable { 10.0.0.1 }", "table <t> { 10.0.0.1 } disable"})
    CHECK(good(table + "\n" + redirect("r", "80", "forward to <t> check tcp")).config.tables.at(0).disabled);
}

TEST(Redirect, a_list_may_have_several_blocks_macros_and_included_files) {
  fixture.files.files["more.conf"] = "10.0.0.3 retry 1\n10.0.0.4\n";
  const auto config = good("w=\"10.0.0.1 retry 3\"\ntable <t> { $w 10.0.0.2 } {\n  include \"more.conf\"\n}\n" +
                           redirect("r", "80", "forward to <t> check tcp"))
                          .config;
  const auto& hosts = config.tables.at(0).hosts;
  CHECK_EQUAL(4U, hosts.size());
  CHECK_EQUAL(3, hosts.at(0).retry);
  CHECK_EQUAL(1, hosts.at(2).retry);
}

TEST(Redirect, a_list_that_nothing_uses_is_warned_of_and_means_nothing) {
  const auto loaded = good("table <t> { 10.0.0.1 }");
  CHECK_EQUAL(1U, loaded.warnings.size());
  CHECK(loaded.warnings.at(0).contains("no service uses table 't'"));
  CHECK(loaded.config.tables.empty());
}

TEST(Redirect, what_a_script_says_is_told_once_for_both_vocabularies) {
  fixture.files.programs.insert("/bin/true");
  const auto loaded =
      good("table own { check script /bin/true\nreal port 80\nhost 10.0.0.1 }\ntable <t> { 10.0.0.1 }\n" +
           redirect("r", "80", "forward to <t> check script /bin/true") + redirect("s", "81", "forward to <own>"));
  CHECK_EQUAL(1U, loaded.warnings.size());
}

TEST(Redirect, a_word_behind_a_check_is_not_taken_for_its_value) {
  const auto table =
      good("table <t> { 10.0.0.1 }\n" + redirect("r", "80", "forward to <t> check grpc timeout 90")).config;
  CHECK(table.tables.at(0).check.peer.name.empty());
  CHECK(table.tables.at(0).timeout == Milliseconds(90));
}

TEST(Redirect, the_socket_of_control_is_known) {
  STRCMP_EQUAL("/run/x.sock", good("socket \"/run/x.sock\"").config.global.socket.c_str());
}
