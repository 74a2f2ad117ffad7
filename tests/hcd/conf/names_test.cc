// Hosts by name: what a file means before and after its names are looked up.
#include "hcd/conf/names.h"

#include "hcd/conf/diff.h"
#include "tests/hcd/conf/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

TEST_GROUP(HostNames) {
  Fixture fixture;
  Config written, running;

  void read(const std::string& hosts) {
    auto loaded = fixture.load("table t {\ncheck tcp\nreal port 80\n" + hosts + "\n}\nservice s {\nvirtual host " +
                               "192.0.2.1 port 80\ntable t\n}\n");
    STRCMP_EQUAL("", loaded ? "" : loaded.error().text.c_str());
    written = std::move(loaded->config);
  }
  static std::vector<Address> addresses(const std::vector<const char*>& texts) {
    std::vector<Address> out;
    for (const auto* text : texts) out.push_back(*Address::parse(text));
    return out;
  }
  void answer(const std::map<std::string, std::vector<const char*>>& texts) {
    Answers answers;
    for (const auto& [name, list] : texts) answers[name] = addresses(list);
    running = with_addresses(written, answers, running);
  }
  // "0 web@10.0.0.1 10.0.0.1; ..."
  [[nodiscard]] std::string hosts() const {
    std::string out;
    for (const auto& host : running.tables.at(0).hosts)
      out += (out.empty() ? "" : "; ") + std::to_string(host.id) + " " + host.name + " " +
             (host.address.size() == 0 ? "-" : host.address.text());
    return out;
  }
};

TEST(HostNames, nobody_is_asked_while_a_file_is_read) {
  read("host web.example.org\nhost 10.0.0.9");
  CHECK_EQUAL(0U, written.tables.at(0).hosts.at(0).address.size());
  CHECK(questions(written) == (std::vector<Question>{{"web.example.org", true, true}}));
}

TEST(HostNames, a_name_is_asked_for_once_with_every_family_that_is_wanted_of_it) {
  read("host web inet\nhost other inet6");
  auto second = written.tables.at(0);
  second.hosts.at(0).by_name = ByName({.all = true, .inet = false});
  written.tables.push_back(second);
  CHECK(questions(written) == (std::vector<Question>{{"other", false, true}, {"web", true, true}}));
}

TEST(HostNames, a_service_needs_hosts_that_may_have_its_family) {
  const std::string service = "service s {\nvirtual host 2001:db8::1 port 80\ntable t\n}\n";
  STRCMP_CONTAINS("has no IPv6 host", fixture.errors("table t {\ncheck tcp\nhost web inet\n}\n" + service).c_str());
  STRCMP_EQUAL("", fixture.errors("table t {\ncheck tcp\nhost web\n}\n" + service).c_str());
}

TEST(HostNames, without_an_answer_a_host_is_there_without_an_address) {
  read("host web\nhost 10.0.0.9");
  answer({});
  STRCMP_EQUAL("0 web -; 1 10.0.0.9 10.0.0.9", hosts().c_str());
}

TEST(HostNames, the_first_address_is_taken_and_kept_while_it_is_among_the_answers) {
  read("host web");
  answer({});
  answer({{"web", {"10.0.0.2", "10.0.0.3"}}});
  STRCMP_EQUAL("0 web 10.0.0.2", hosts().c_str());
  answer({{"web", {"10.0.0.1", "10.0.0.2", "10.0.0.3"}}});
  STRCMP_EQUAL("0 web 10.0.0.2", hosts().c_str());
  answer({{"web", {"10.0.0.1", "10.0.0.3"}}});
  STRCMP_EQUAL("1 web 10.0.0.1", hosts().c_str());
}

TEST(HostNames, with_all_each_address_is_a_host_that_keeps_its_id) {
  read("host web all");
  answer({});
  answer({{"web", {"10.0.0.1", "10.0.0.2"}}});
  STRCMP_EQUAL("0 web@10.0.0.1 10.0.0.1; 1 web@10.0.0.2 10.0.0.2", hosts().c_str());
  answer({{"web", {"10.0.0.0", "10.0.0.2", "10.0.0.3"}}});
  STRCMP_EQUAL("2 web@10.0.0.0 10.0.0.0; 1 web@10.0.0.2 10.0.0.2; 3 web@10.0.0.3 10.0.0.3", hosts().c_str());
}

TEST(HostNames, only_the_families_that_a_host_takes_count) {
  read("host a all inet\nhost b inet6\nhost c");
  answer({{"a", {"10.0.0.1", "2001:db8::1"}}, {"b", {"10.0.0.2", "2001:db8::2"}}, {"c", {"10.0.0.3", "2001:db8::3"}}});
  STRCMP_EQUAL("0 a@10.0.0.1 10.0.0.1; 1 b 2001:db8::2; 2 c 10.0.0.3", hosts().c_str());
}

TEST(HostNames, an_address_is_one_host_of_a_table) {
  read("host a all\nhost b\nhost c\nhost 10.0.0.1");
  answer({{"a", {"10.0.0.1", "10.0.0.2"}}, {"b", {"10.0.0.2", "10.0.0.3"}}, {"c", {"10.0.0.1"}}});
  STRCMP_EQUAL("0 a@10.0.0.2 10.0.0.2; 1 b 10.0.0.3; 2 c -; 3 10.0.0.1 10.0.0.1", hosts().c_str());
}

TEST(HostNames, what_stands_on_the_hosts_line_is_of_each_address) {
  read("host 10.0.0.9\nhost web all weight 3 retry 2 parent 10.0.0.9 disable");
  answer({{"web", {"10.0.0.1", "10.0.0.2"}}});
  for (std::size_t i = 1; i < 3; i++) {
    const auto& host = running.tables.at(0).hosts.at(i);
    CHECK(host.weight == 3 && host.retry == 2 && host.disabled && host.parent == 0U);
    STRCMP_EQUAL("web", written_name(host).c_str());
  }
}

TEST(HostNames, a_parent_by_name_is_the_same_whatever_its_address) {
  read("host web\nhost 10.0.0.9 parent web");
  answer({});
  CHECK(running.tables.at(0).hosts.at(1).parent == running.tables.at(0).hosts.at(0).id);
  answer({{"web", {"10.0.0.1"}}});
  answer({{"web", {"10.0.0.2"}}});
  CHECK(running.tables.at(0).hosts.at(1).parent == running.tables.at(0).hosts.at(0).id);
}

TEST(HostNames, a_name_given_with_all_is_no_parent) {
  STRCMP_CONTAINS("it may be several, and no parent",
                  fixture.errors("table t {\ncheck tcp\nhost web all\nhost 10.0.0.1 parent web\n}\n").c_str());
}

TEST(HostNames, all_tables_together_hold_no_more_hosts_than_there_is_room_for) {
  std::string text;
  for (std::size_t i = 0; i + 2 < kHostsMax; i++)
    text += "host 10." + std::to_string(1 + (i >> 16)) + "." + std::to_string(i >> 8 & 255) + "." +
            std::to_string(i & 255) + "\n";
  read(text + "host web all");
  answer({{"web", {"192.0.2.7", "192.0.2.8", "192.0.2.9"}}});
  CHECK_EQUAL(kHostsMax, running.tables.at(0).hosts.size());
}

TEST(HostNames, a_change_of_addresses_is_told_in_words) {
  read("host web\nhost many all");
  answer({{"web", {"10.0.0.1"}}, {"many", {"10.0.0.7", "10.0.0.8"}}});
  const auto before = running;
  answer({{"web", {"10.0.0.2"}}, {"many", {"10.0.0.8", "10.0.0.9"}}});
  STRCMP_EQUAL("-1 host many@10.0.0.7 in table t\n~ host web in table t: address\n+1 host many@10.0.0.9 in table t",
               diff_text(before, running).c_str());
}

TEST(HostNames, a_text_is_a_name_or_is_none) {
  for (const auto* good : {"a", "web-1.example.org", "web.example.org.", "_x.y", "1.2.3.x"})
    CHECK_TEXT(is_host_name(good), good);
  const std::string label(64, 'a'), name(254, 'a');
  for (const auto& bad : {std::string(), std::string("."), std::string("a..b"), std::string("10.0.0.256"),
                          std::string("a b"), std::string("a@b"), label, name})
    CHECK_TEXT(!is_host_name(bad), bad.c_str());
}
