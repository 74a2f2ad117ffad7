// What names, ids and addresses mean together; the example files in tests/conf hold the errors.
#include "hcd/conf/builder.h"

#include "tests/hcd/conf/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::conf;

namespace {

// A table with a check; with a port where one is given.
std::string table(const std::string& name, const std::string& hosts, const std::string& port = "") {
  return "table " + name + " {\ncheck tcp\n" + (port.empty() ? "" : "real port " + port + "\n") + hosts + "\n}\n";
}

std::string service(const std::string& name, const std::string& virtuals, const std::string& lines) {
  return "service " + name + " {\n" + virtuals + "\n" + lines + "\n}\n";
}

}  // namespace

TEST_GROUP(Builder) {
  Fixture fixture;

  Loaded good(const std::string& text) {
    auto loaded = fixture.load(text);
    STRCMP_EQUAL("", loaded ? "" : loaded.error().text.c_str());
    return loaded ? std::move(*loaded) : Loaded{};
  }
};

TEST(Builder, ids_are_the_talks) {
  const auto config =
      good(table("webhosts", "host 10.1.1.100\nhost 10.1.1.101", "80") + table("sorry_server", "host 127.0.0.1") +
           service("www", "virtual host 192.0.2.1 port 80", "table webhosts\nbackup table sorry_server"))
          .config;
  CHECK_EQUAL(0U, config.tables.at(0).id);
  CHECK_EQUAL(1U, config.templates.at(0).id);
  CHECK_EQUAL(2U, config.templates.at(0).hosts.at(0).id);
  const auto& instance = config.tables.at(1);
  STRCMP_EQUAL("sorry_server:80", instance.name.c_str());
  CHECK_EQUAL(2U, instance.id);
  CHECK_EQUAL(80, instance.port);
  CHECK_EQUAL(3U, instance.hosts.at(0).id);
  CHECK(config.services.at(0).backups == std::vector<Id>{2});
}

TEST(Builder, ids_are_the_talks_when_both_tables_are_templates) {
  const auto config =
      good(table("webhosts", "host 10.1.1.100\nhost 10.1.1.101") + table("sorry_server", "host 127.0.0.1") +
           service("www", "virtual host 192.0.2.1 port 80", "table webhosts\nbackup table sorry_server"))
          .config;
  STRCMP_EQUAL("webhosts:80", config.tables.at(0).name.c_str());
  CHECK_EQUAL(2U, config.tables.at(0).id);
  CHECK_EQUAL(3U, config.tables.at(1).id);
  CHECK_EQUAL(5U, config.tables.at(1).hosts.at(0).id);
}

TEST(Builder, services_that_agree_on_the_port_share_an_instance) {
  const auto config = good(table("t", "host 10.0.0.1") + service("a", "virtual host 192.0.2.1 port 80", "table t") +
                           service("b", "virtual host 192.0.2.2 port 80", "table t") +
                           service("c", "virtual host 192.0.2.1 port 81", "table t"))
                          .config;
  CHECK_EQUAL(2U, config.tables.size());
  CHECK_EQUAL(config.services[0].table, config.services[1].table);
  STRCMP_EQUAL("t:81", config.table(config.services[2].table)->name.c_str());
}

TEST(Builder, an_instance_has_the_port_of_the_first_virtual_host) {
  const auto config = good(table("t", "host 10.0.0.1") +
                           service("a", "virtual host 192.0.2.1 port 81\nvirtual host 192.0.2.1 port 80", "table t"))
                          .config;
  STRCMP_EQUAL("t:81", config.tables.at(0).name.c_str());
}

TEST(Builder, a_table_takes_the_global_timing_wherever_that_stands) {
  const auto config = good(table("t", "host 10.0.0.1") + "interval 3\ntimeout 100\n").config;
  CHECK(config.templates.at(0).interval == Seconds(3));
  CHECK(config.templates.at(0).timeout == Milliseconds(100));
}

TEST(Builder, a_tables_own_interval_must_be_above_the_global_timeout) {
  STRCMP_CONTAINS("hcd.conf:4:1: the timeout of 1500 ms is not below the interval of 1 s",
                  fixture.errors("timeout 1500\n" + table("t", "interval 1\nhost 10.0.0.1")).c_str());
}

TEST(Builder, a_virtual_host_by_name_takes_all_its_addresses) {
  fixture.resolver.names["www"] = {"192.0.2.1", "2001:db8::1"};
  const auto config =
      good(table("t", "host 10.0.0.1\nhost 2001:db8::2") + service("s", "virtual host www port 80", "table t")).config;
  CHECK_EQUAL(2U, config.services.at(0).virtuals.size());
}

TEST(Builder, sixteen_virtual_hosts_are_not_too_many) {
  std::string virtuals;
  for (int port = 1; port <= 16; port++) virtuals += "virtual host 192.0.2.1 port " + std::to_string(port) + "\n";
  CHECK_EQUAL(16U,
              good(table("t", "host 10.0.0.1") + service("s", virtuals, "table t")).config.services[0].virtuals.size());
}

TEST(Builder, one_address_on_two_interfaces_may_serve_two_services) {
  CHECK(good(table("t", "host 10.0.0.1") + service("a", "virtual host 192.0.2.1 port 80 interface eth0", "table t") +
             service("b", "virtual host 192.0.2.1 port 80 interface eth1", "table t"))
            .warnings.empty());
}

// Anchors are evaluated by name: what is of any interface leaves nothing to whom comes later.
TEST(Builder, an_interface_goes_before_any_interface) {
  const auto both = [](const char* bound, const char* any) {
    return table("t", "host 10.0.0.1") + service(any, "virtual host 192.0.2.1 port 80", "table t") +
           service(bound, "virtual host 192.0.2.1 port 80 interface eth1", "table t");
  };
  CHECK(good(both("a", "b")).warnings.empty());
  STRCMP_CONTAINS("192.0.2.1:80 on interface eth1 is taken by service 'a'", fixture.errors(both("b", "a")).c_str());
  CHECK(good(table("t", "host 10.0.0.1") +
             service("s", "virtual host 192.0.2.1 port 80\nvirtual host 192.0.2.1 port 80 interface eth1", "table t"))
            .warnings.empty());
}

TEST(Builder, words_about_states_have_no_effect_without_a_packet_path_of_ours) {
  const auto warnings = good("fastpath none\nstates limit 1000\nsyn guard 5 per second").warnings;
  CHECK_EQUAL(2U, warnings.size());
  STRCMP_CONTAINS("hcd.conf:2:1: warning: 'states limit' has no effect with 'fastpath none'", warnings[0].c_str());
  STRCMP_CONTAINS("'syn guard' has no effect", warnings[1].c_str());
  CHECK(good("fastpath tc\nstates limit 1000\nsyn guard 5 per second").warnings.empty());
}

TEST(Builder, a_template_that_nobody_uses_is_worth_a_warning) {
  STRCMP_CONTAINS("hcd.conf:1:7: warning: no service uses table 't'",
                  good(table("t", "host 10.0.0.1")).warnings.at(0).c_str());
}

TEST(Builder, a_table_is_not_called_unused_when_a_line_of_a_service_was_refused) {
  const auto errors =
      fixture.errors(table("t", "host 10.0.0.1", "80") + service("s", "virtual host 192.0.2.1 port 80", "tabel t"));
  STRCMP_CONTAINS("'tabel' is not a word of a service", errors.c_str());
  CHECK(!errors.contains("no service uses"));
}

TEST(Builder, a_refused_table_is_known_by_its_name) {
  const auto errors =
      fixture.errors(table("t", "host 10.0.0.1 wait") + service("s", "virtual host 192.0.2.1 port 80", "table t"));
  STRCMP_CONTAINS("'wait' is not a word of a host", errors.c_str());
  CHECK(!errors.contains("not defined"));
}

TEST(Builder, an_ipv4_host_written_as_ipv6_is_refused) {
  STRCMP_CONTAINS("hcd.conf:3:6: '::ffff:10.0.0.1' is an IPv4 address: write it as one",
                  fixture.errors(table("t", "host ::ffff:10.0.0.1")).c_str());
}

TEST(Builder, two_spellings_of_an_address_are_one_host) {
  STRCMP_CONTAINS("host '2001:db8:0::1' is given twice in table 't' as '2001:db8::1'",
                  fixture.errors(table("t", "host 2001:db8::1\nhost 2001:db8:0::1")).c_str());
}

TEST(Builder, tables_are_bounded_by_what_the_fast_path_holds) {
  std::string text;
  for (std::size_t i = 0; i <= kTablesMax; i++) text += table("t" + std::to_string(i), "host 10.0.0.1");
  STRCMP_CONTAINS("more than 1024 tables", fixture.errors(text).c_str());
}

TEST(Builder, instances_cannot_multiply_hosts_beyond_the_bound) {
  std::string hosts, text;
  for (unsigned i = 1; i <= 1000; i++)
    hosts += "host 10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250 + 1) + "\n";
  text = table("t", hosts);
  for (int port = 1; port <= 80; port++)
    text += service("s" + std::to_string(port), "virtual host 192.0.2.1 port " + std::to_string(port), "table t");
  STRCMP_CONTAINS("more than 65536 hosts in all tables", fixture.errors(text).c_str());
}
