#include "fastpath/transaction.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

namespace {

Rule rule_for(const char* address, const char* table, std::uint16_t port = 80) {
  return {.to = *Address::parse(address), .port = port, .table = table, .target_port = 8080};
}

Table table_of(const char* name, std::initializer_list<const char*> addresses) {
  std::vector<TableEntry> entries;
  for (const char* address : addresses) entries.push_back({*Address::parse(address)});
  return *make_table(name, std::move(entries));
}

}  // namespace

TEST_GROUP(Transaction) {
  Ruleset now, none;

  void setup() override {
    now["hcd/www"].tables["www"] = table_of("www", {"10.0.0.1", "10.0.0.2"});
    now["hcd/www"].rules = {rule_for("192.0.2.80", "www")};
  }
  static void refused(const Transaction& transaction, const char* sentence) {
    const auto changes = transaction.changes();
    CHECK(!changes.has_value());
    STRCMP_EQUAL(sentence, changes.error().text.c_str());
  }
};

TEST(Transaction, without_an_edit_changes_nothing) {
  Transaction transaction(now);
  transaction.set_table("hcd/www", table_of("www", {"10.0.0.2", "10.0.0.1"}));
  CHECK(transaction.changes()->empty());
}

TEST(Transaction, makes_tables_before_the_rules_that_name_them) {
  Transaction transaction(none);
  transaction.set_rules("hcd/www", {rule_for("192.0.2.80", "www")});
  transaction.set_table("hcd/www", table_of("www", {"10.0.0.1"}));
  const auto changes = transaction.changes();
  LONGS_EQUAL(2, changes->size());
  CHECK(std::holds_alternative<TableSet>(changes->at(0)));
  CHECK(std::holds_alternative<RulesSet>(changes->at(1)));
}

TEST(Transaction, removes_tables_after_the_rules_that_named_them) {
  Transaction transaction(now);
  transaction.remove_anchor("hcd/www");
  transaction.set_rules("hcd/www", {rule_for("192.0.2.80", "other")});
  transaction.set_table("hcd/www", table_of("other", {"10.0.0.3"}));
  const auto changes = transaction.changes();
  LONGS_EQUAL(3, changes->size());
  CHECK(std::holds_alternative<TableSet>(changes->at(0)));
  CHECK(std::holds_alternative<RulesSet>(changes->at(1)));
  CHECK(std::holds_alternative<TableRemoved>(changes->at(2)));
}

TEST(Transaction, reduces_one_address_to_one_change) {
  Transaction transaction(now);
  transaction.set_table("hcd/www", table_of("www", {"10.0.0.1"}));
  const auto changes = transaction.changes();
  LONGS_EQUAL(1, changes->size());
  LONGS_EQUAL(1, std::get<TableSet>(changes->at(0)).table.entries.size());
}

TEST(Transaction, removes_an_anchor_as_a_whole) {
  Transaction transaction(now);
  transaction.remove_anchor("hcd/www");
  const auto changes = transaction.changes();
  LONGS_EQUAL(1, changes->size());
  STRCMP_EQUAL("hcd/www", std::get<AnchorRemoved>(changes->at(0)).anchor.c_str());
}

TEST(Transaction, an_empty_anchor_can_be_made) {
  Transaction transaction(now);
  transaction.set_rules("hcd/empty", {});
  const auto changes = transaction.changes();
  LONGS_EQUAL(1, changes->size());
  CHECK(std::holds_alternative<RulesSet>(changes->at(0)));
}

TEST(Transaction, refuses_a_rule_without_its_table) {
  Transaction transaction(now);
  transaction.set_rules("hcd/www", {rule_for("192.0.2.80", "nowhere")});
  refused(transaction, "anchor \"hcd/www\": rule for 192.0.2.80:80: table nowhere does not exist");
}

TEST(Transaction, refuses_a_table_of_the_other_family) {
  Transaction transaction(now);
  transaction.set_table("hcd/www", table_of("www", {"2001:db8::1"}));
  refused(transaction, "anchor \"hcd/www\": rule for 192.0.2.80:80: table www: 2001:db8::1 is of the other family");
}

TEST(Transaction, refuses_two_anchors_that_claim_one_address) {
  Transaction transaction(now);
  transaction.set_rules("hcd/x", {rule_for("192.0.2.80", "x")});
  transaction.set_table("hcd/x", table_of("x", {"10.0.0.9"}));
  refused(transaction, "anchor \"hcd/x\": 192.0.2.80:80/tcp is already redirected by anchor \"hcd/www\"");
}

TEST(Transaction, allows_one_address_on_two_interfaces_and_behind_them_on_any) {
  Transaction transaction(now);
  Rule a = rule_for("192.0.2.80", "www"), b = a;
  a.interface = "em0";
  b.interface = "em1";
  transaction.set_rules("hcd/www", {a, b});
  CHECK(transaction.changes().has_value());
  b.interface = "";
  transaction.set_rules("hcd/www", {a, b});
  CHECK(transaction.changes().has_value());
  transaction.set_rules("hcd/www", {b, a});
  refused(transaction, "anchor \"hcd/www\": 192.0.2.80:80/tcp is redirected twice");
}

TEST(Transaction, tells_rules_for_one_destination_apart_by_their_source) {
  Transaction transaction(now);
  Rule any = rule_for("192.0.2.80", "www"), office = any, home = any;
  office.from.networks = {{*Address::parse("10.0.0.0"), 8}};
  home.from.networks = {{*Address::parse("172.16.0.0"), 12}};
  transaction.set_rules("hcd/www", {office, home, any});
  CHECK(transaction.changes().has_value());
  transaction.set_rules("hcd/www", {any, office});
  refused(transaction, "anchor \"hcd/www\": 192.0.2.80:80/tcp is redirected twice");
  transaction.set_rules("hcd/www", {office, office, any});
  refused(transaction, "anchor \"hcd/www\": 192.0.2.80:80/tcp is redirected twice");
}

TEST(Transaction, allows_a_port_within_a_range_but_no_ranges_that_overlap) {
  Transaction transaction(now);
  Rule one = rule_for("192.0.2.80", "www"), range = one, other = one, all = one;
  range.port = 50, range.last_port = 100;
  other.port = 100, other.last_port = 200;
  all.port = 0;
  transaction.set_rules("hcd/www", {range, one, all});
  CHECK(transaction.changes().has_value());
  transaction.set_rules("hcd/www", {range, other});
  refused(transaction, "anchor \"hcd/www\": 192.0.2.80:100:200/tcp is redirected twice");
  transaction.set_rules("hcd/www", {all, range});
  refused(transaction, "anchor \"hcd/www\": 192.0.2.80:50:100/tcp is redirected twice");
}

TEST(Transaction, refuses_a_claim_on_what_an_anchor_has_that_it_does_not_touch) {
  Transaction transaction(now);
  transaction.set_table("a", table_of("t", {"10.0.0.9"}));
  transaction.set_rules("a", {rule_for("192.0.2.80", "t")});
  refused(transaction, "anchor \"hcd/www\": 192.0.2.80:80/tcp is already redirected by anchor \"a\"");
  transaction.remove_anchor("hcd/www");
  CHECK(transaction.changes().has_value());
}

TEST(Transaction, refuses_to_remove_a_table_that_a_rule_names_as_pool_source_or_overload) {
  Transaction transaction(now);
  transaction.remove_table("hcd/www", "www");
  refused(transaction, "anchor \"hcd/www\": rule for 192.0.2.80:80: table www does not exist");
  Transaction sources(now);
  Rule rule = rule_for("192.0.2.80", "www");
  rule.from.table = "friends";
  sources.set_rules("hcd/www", {rule});
  refused(sources, "anchor \"hcd/www\": rule for 192.0.2.80:80: table friends does not exist");
  sources.set_table("hcd/www", *make_table("friends", {{*Address::parse("10.0.0.0"), 1, 8}}));
  CHECK(sources.changes().has_value());
}

TEST(Transaction, refuses_a_pool_of_networks) {
  Transaction transaction(now);
  transaction.set_table("hcd/www", *make_table("www", {{*Address::parse("10.0.0.0"), 1, 8}}));
  refused(transaction,
          "anchor \"hcd/www\": rule for 192.0.2.80:80: table www: 10.0.0.0/8 is no address to redirect to");
}

TEST(Transaction, leaves_what_it_does_not_touch_out_of_the_changes_and_in_the_result) {
  now["a"].tables["t"] = table_of("t", {"10.0.0.9"});
  Transaction transaction(now);
  transaction.set_table("hcd/www", table_of("www", {"10.0.0.1"}));
  LONGS_EQUAL(1, transaction.changes()->size());
  const Ruleset after = transaction.after();
  CHECK(after.at("a") == now.at("a"));
  LONGS_EQUAL(1, after.at("hcd/www").tables.at("www").entries.size());
  LONGS_EQUAL(1, after.at("hcd/www").rules.size());
}

TEST(Transaction, refuses_a_bad_anchor_name) {
  for (const char* name : {"", "a//b", "/a", "a b", "hcd/*", "a\tb"}) {
    Transaction transaction(none);
    transaction.set_rules(name, {});
    CHECK(!transaction.changes().has_value());
  }
  Transaction transaction(none);
  transaction.set_rules(std::string(64, 'x'), {});
  LONGS_EQUAL(Code::Limit, transaction.changes().error().code);
}
