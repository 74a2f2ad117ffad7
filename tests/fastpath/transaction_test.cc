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
  Ruleset now;

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
  Transaction transaction(Ruleset{});
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
  CHECK(std::get<RulesSet>(changes->at(0)).rules.empty());
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

TEST(Transaction, allows_one_address_on_two_interfaces_but_not_also_on_any) {
  Transaction transaction(now);
  Rule a = rule_for("192.0.2.80", "www"), b = a;
  a.interface = "em0";
  b.interface = "em1";
  transaction.set_rules("hcd/www", {a, b});
  CHECK(transaction.changes().has_value());
  b.interface = "";
  transaction.set_rules("hcd/www", {a, b});
  refused(transaction, "anchor \"hcd/www\": 192.0.2.80:80/tcp is redirected twice");
}

TEST(Transaction, refuses_a_bad_anchor_name) {
  for (const char* name : {"", "a//b", "/a", "a b", "hcd/*", "a\tb"}) {
    Transaction transaction(Ruleset{});
    transaction.set_rules(name, {});
    CHECK(!transaction.changes().has_value());
  }
  Transaction transaction(Ruleset{});
  transaction.set_rules(std::string(64, 'x'), {});
  LONGS_EQUAL(Code::Limit, transaction.changes().error().code);
}
