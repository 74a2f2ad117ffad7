#include "hcd/pfe/targets.h"

#include "tests/hcd/pfe/sample.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfe;
using ctl::Kind;

TEST_GROUP(Targets) {
  Roster roster;

  void setup() override {
    auto incoming = test::sample();
    incoming.tables[1].hosts.push_back(test::host(4, "10.1.1.100"));
    incoming.tables[1].hosts.push_back({.id = 5, .name = "web.example", .address = test::address("2001:db8::1")});
    roster = Roster(incoming, Roster(), Overrides([](const auto&, const auto&) {}), {});
  }
  [[nodiscard]] std::string find(Kind kind, const char* text) const {
    const auto id = find_target(roster, kind, text);
    return id ? std::to_string(*id) : id.error().text;
  }
};

TEST(Targets, services_and_tables_go_by_name_or_id) {
  STRCMP_EQUAL("0", find(Kind::Service, "www").c_str());
  STRCMP_EQUAL("2", find(Kind::Table, "sorry_server:80").c_str());
  STRCMP_EQUAL("2", find(Kind::Table, "2").c_str());
}

TEST(Targets, a_host_goes_by_id_by_table_and_name_or_by_an_address_that_is_unique) {
  STRCMP_EQUAL("1", find(Kind::Host, "1").c_str());
  STRCMP_EQUAL("4", find(Kind::Host, "sorry_server:80/10.1.1.100").c_str());
  STRCMP_EQUAL("1", find(Kind::Host, "10.1.1.101").c_str());
  STRCMP_EQUAL("5", find(Kind::Host, "web.example").c_str());
  STRCMP_EQUAL("5", find(Kind::Host, "2001:DB8:0::1").c_str());
}

TEST(Targets, an_address_in_two_tables_is_ambiguous_and_the_candidates_are_named) {
  STRCMP_EQUAL("host \"10.1.1.100\" is ambiguous: webhosts/10.1.1.100 (id 0), sorry_server:80/10.1.1.100 (id 4)",
               find(Kind::Host, "10.1.1.100").c_str());
}

TEST(Targets, what_is_not_there_is_not_found_and_is_quoted_safely) {
  STRCMP_EQUAL("no table \"w\\x1bw\"", find(Kind::Table, "w\x1bw").c_str());
  STRCMP_EQUAL("no host \"77\"", find(Kind::Host, "77").c_str());
  STRCMP_EQUAL("no host \"mail/10.1.1.100\"", find(Kind::Host, "mail/10.1.1.100").c_str());
  STRCMP_EQUAL("no service \"\"", find(Kind::Service, "").c_str());
  STRCMP_EQUAL("no table \"-1\"", find(Kind::Table, "-1").c_str());
}
