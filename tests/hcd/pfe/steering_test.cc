#include "hcd/pfe/steering.h"

#include "tests/hcd/pfe/sample.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfe;
using ipc::HostState;

TEST_GROUP(Steering) {
  conf::Service www = test::sample().services.front();

  static HostView view(const char* at, HostState state) {
    return {.address = test::address(at), .state = state};
  }
  ServiceView service{
      .conf = www,
      .enabled = true,
      .tables = {{.id = 0, .port = 8080, .hosts = {view("10.0.0.2", HostState::Up), view("10.0.0.1", HostState::Up)}},
                 {.id = 2, .port = 80, .hosts = {view("127.0.0.1", HostState::Up)}}}};
  TableView& table = service.tables[0];
  TableView& backup = service.tables[1];

  [[nodiscard]] std::string steered() const {
    const Steering steering = steer("hcd", service);
    return test::addresses({{"hcd/www", steering.anchor}}, "hcd/www", "www");
  }
};

TEST(Steering, each_virtual_host_has_one_rule_with_the_services_label_tag_and_table) {
  www.virtuals.push_back({.address = test::address("192.0.2.81"), .port = 443});
  www.rule.established = Seconds(600);
  const Steering steering = steer("hcd", service);
  CHECK(steering.use == 0U);
  CHECK_EQUAL(2U, steering.anchor.rules.size());
  STRCMP_EQUAL(
      "pass in quick on eth0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state "
      "(tcp.established 600) label \"hcd:www\" tag HCD rdr-to <www> port 8080 round-robin",
      canonical(steering.anchor.rules[0]).c_str());
  CHECK_EQUAL(7U, steering.anchor.rules[0].ifindex);
  CHECK_EQUAL(443, steering.anchor.rules[1].port);
  CHECK_EQUAL(1U, steering.anchor.tables.size());
}

TEST(Steering, a_virtual_host_of_udp_has_a_rule_of_its_own_without_a_session_timeout) {
  www.virtuals.push_back({.address = test::address("192.0.2.80"), .proto = conf::Proto::Udp, .port = 443});
  www.rule.established = Seconds(600);
  const Steering steering = steer("hcd", service);
  CHECK(steering.anchor.rules[0].established == Seconds(600));
  STRCMP_EQUAL(
      "pass in quick inet proto udp from any to 192.0.2.80 port = 443 label \"hcd:www\" tag HCD rdr-to <www> port 8080 "
      "round-robin",
      canonical(steering.anchor.rules[1]).c_str());
}

TEST(Steering, the_table_holds_the_hosts_that_are_up_in_ascending_order) {
  STRCMP_EQUAL("10.0.0.1 10.0.0.2", steered().c_str());
  table.hosts[0].state = HostState::Down;
  STRCMP_EQUAL("10.0.0.1", steered().c_str());
}

TEST(Steering, a_disabled_host_takes_no_sessions) {
  table.hosts[1].enabled = false;
  STRCMP_EQUAL("10.0.0.2", steered().c_str());
}

TEST(Steering, an_unchecked_host_takes_no_sessions_unless_it_had_its_place_before) {
  for (auto& host : table.hosts) host.state = HostState::Unknown;
  STRCMP_EQUAL("127.0.0.1", steered().c_str());
  table.hosts[0].kept = true;
  STRCMP_EQUAL("10.0.0.2", steered().c_str());
}

TEST(Steering, a_host_that_had_its_place_loses_it_when_it_is_down) {
  table.hosts[0].state = HostState::Down;
  table.hosts[0].kept = true;
  STRCMP_EQUAL("10.0.0.1", steered().c_str());
}

TEST(Steering, the_backup_takes_over_on_its_own_port_when_no_host_is_up) {
  for (auto& host : table.hosts) host.state = HostState::Down;
  const Steering steering = steer("hcd", service);
  CHECK(steering.use == 2U);
  STRCMP_EQUAL("127.0.0.1", steered().c_str());
  CHECK_EQUAL(80, steering.anchor.rules[0].target_port);
}

TEST(Steering, a_disabled_table_is_passed_over_for_the_backup) {
  table.enabled = false;
  CHECK(steer("hcd", service).use == 2U);
}

TEST(Steering, nothing_up_anywhere_means_no_rules) {
  for (auto& host : table.hosts) host.state = HostState::Down;
  backup.hosts[0].state = HostState::Down;
  const Steering steering = steer("hcd", service);
  CHECK(!steering.use);
  CHECK(steering.anchor.rules.empty() && steering.anchor.tables.empty());
  service.tables.pop_back();
  CHECK(!steer("hcd", service).use);
}

TEST(Steering, a_disabled_service_has_no_rules_though_its_hosts_are_up) {
  service.enabled = false;
  CHECK(!steer("hcd", service).use);
}

TEST(Steering, each_family_of_a_service_has_a_table_of_its_own) {
  www.virtuals.push_back({.address = test::address("2001:db8::80"), .port = 80});
  table.hosts.push_back(view("fd00::1", HostState::Up));
  const Steering steering = steer("hcd", service);
  const fastpath::Ruleset ruleset{{"hcd/www", steering.anchor}};
  STRCMP_EQUAL("10.0.0.1 10.0.0.2", test::addresses(ruleset, "hcd/www", "www").c_str());
  STRCMP_EQUAL("fd00::1", test::addresses(ruleset, "hcd/www", "www6").c_str());
  STRCMP_EQUAL("www6", steering.anchor.rules[1].table.c_str());
  CHECK(fastpath::validate(ruleset).has_value());
}

TEST(Steering, a_virtual_host_whose_family_has_no_host_up_has_no_rule) {
  www.virtuals.push_back({.address = test::address("2001:db8::80"), .port = 80});
  const Steering steering = steer("hcd", service);
  CHECK_EQUAL(1U, steering.anchor.rules.size());
}

TEST(Steering, source_hash_carries_the_operators_key_or_none) {
  www.rule.method = fastpath::Method::SourceHash;
  CHECK(steer("hcd", service).anchor.rules[0].method == fastpath::Method::SourceHash);
  CHECK(!steer("hcd", service).anchor.rules[0].key);
  www.rule.key = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  CHECK(steer("hcd", service).anchor.rules[0].key->at(10) == 'a');
}

TEST(Steering, what_is_in_force_is_told_from_the_engines_rules_alone) {
  fastpath::Ruleset in_force;
  CHECK(!use_in_force(in_force, "hcd", service));
  in_force["hcd/www"] = steer("hcd", service).anchor;
  CHECK(use_in_force(in_force, "hcd", service) == 0U);
  table.enabled = false;
  CHECK(use_in_force(in_force, "hcd", service) == 0U);
  in_force["hcd/www"] = steer("hcd", service).anchor;
  CHECK(use_in_force(in_force, "hcd", service) == 2U);
}

TEST(Steering, a_place_is_an_address_at_a_port_in_the_anchor) {
  const fastpath::Ruleset in_force{{"hcd/www", steer("hcd", service).anchor}};
  CHECK(has_place(in_force, "hcd/www", test::address("10.0.0.1"), 8080));
  CHECK(!has_place(in_force, "hcd/www", test::address("10.0.0.1"), 80));
  CHECK(!has_place(in_force, "hcd/www", test::address("10.0.0.9"), 8080));
  CHECK(!has_place(in_force, "hcd/mail", test::address("10.0.0.1"), 8080));
}

TEST(Steering, an_anchor_that_is_to_hold_nothing_is_removed_and_a_table_that_is_not_wanted_goes) {
  www.virtuals.push_back({.address = test::address("2001:db8::80"), .port = 80});
  table.hosts.push_back(view("fd00::1", HostState::Up));
  const fastpath::Ruleset none;
  fastpath::Transaction first(none);
  bring_about(first, "hcd/www", steer("hcd", service).anchor);
  table.hosts.pop_back();
  const fastpath::Ruleset in_force = first.after();
  fastpath::Transaction second(in_force);
  bring_about(second, "hcd/www", steer("hcd", service).anchor);
  CHECK(second.after().at("hcd/www") == steer("hcd", service).anchor);
  bring_about(second, "hcd/www", {});
  CHECK(second.after().empty());
}
