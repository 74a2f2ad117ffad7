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
    roster = Roster(incoming, Roster(), Overrides([](const auto&, const auto&) {}), {}, {});
  }
  [[nodiscard]] std::string find(Kind kind, const char* text) const {
    const auto id = find_target(roster, kind, text);
    return id ? std::to_string(*id) : id.error().text;
  }
};

TEST(Targets, several_are_meant_by_a_table_an_address_a_pattern_or_an_id) {
  const auto all = [this](const char* text) {
    const auto found = find_all(roster, text);
    if (!found) return found.error().text;
    std::string out;
    for (const Id id : found->tables) out += "t" + std::to_string(id) + " ";
    for (const Id id : found->hosts) out += std::to_string(id) + " ";
    return out;
  };
  STRCMP_EQUAL("t0 0 1 ", all("webhosts").c_str());
  STRCMP_EQUAL("0 4 ", all("10.1.1.100").c_str());
  STRCMP_EQUAL("4 ", all("sorry_server:80/10.1.1.100").c_str());
  STRCMP_EQUAL("5 ", all("2001:db8:0::1").c_str());
  STRCMP_EQUAL("0 1 4 ", all("10.1.1.10?").c_str());
  STRCMP_EQUAL("t0 0 1 ", all("web*s").c_str());
  STRCMP_EQUAL("0 1 ", all("webhosts/*").c_str());
  STRCMP_EQUAL("t0 t2 0 1 3 4 5 ", all("*").c_str());
  STRCMP_EQUAL("3 ", all("3").c_str());
  STRCMP_EQUAL("no host or table \"7\"", all("7").c_str());
  STRCMP_EQUAL("no host or table \"x*\"", all("x*").c_str());
  STRCMP_EQUAL("there is no class [:mad:]", all("[[:mad:]]").c_str());
}

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
