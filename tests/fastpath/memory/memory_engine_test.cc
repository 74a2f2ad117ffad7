#include "fastpath/memory/memory_engine.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

namespace {

Transaction www(const Engine& engine, std::initializer_list<const char*> addresses) {
  Transaction transaction = engine.begin();
  std::vector<TableEntry> entries;
  for (const char* address : addresses) entries.push_back({*Address::parse(address)});
  transaction.set_table("hcd/www", *make_table("www", std::move(entries)));
  transaction.set_rules("hcd/www", {{.to = *Address::parse("192.0.2.80"), .port = 80, .table = "www"}});
  return transaction;
}

}  // namespace

TEST_GROUP(MemoryEngine){};

TEST(MemoryEngine, remembers_what_was_committed) {
  MemoryEngine engine;
  CHECK(engine.commit(www(engine, {"10.0.0.1", "10.0.0.2"})).has_value());
  LONGS_EQUAL(1, engine.ruleset().at("hcd/www").rules.size());
  LONGS_EQUAL(2, engine.table_counters("hcd/www", "www")->size());
  CHECK(engine.rule_counters("hcd/www").has_value());
}

TEST(MemoryEngine, keeps_what_it_had_when_a_transaction_is_unsound) {
  MemoryEngine engine;
  CHECK(engine.commit(www(engine, {"10.0.0.1"})).has_value());
  const Ruleset before = engine.ruleset();
  CHECK(!engine.commit(www(engine, {"2001:db8::1"})).has_value());
  CHECK(before == engine.ruleset());
}

TEST(MemoryEngine, keeps_what_it_had_when_the_guard_refuses) {
  bool refuse = false;
  MemoryEngine engine([&](const std::vector<Change>&) -> Status {
    if (refuse) return fail(Code::System, "no space left");
    return {};
  });
  CHECK(engine.commit(www(engine, {"10.0.0.1"})).has_value());
  const Ruleset before = engine.ruleset();
  refuse = true;
  CHECK(!engine.commit(www(engine, {"10.0.0.2"})).has_value());
  CHECK(before == engine.ruleset());
  CHECK(engine.commit(www(engine, {"10.0.0.1"})).has_value());
}

TEST(MemoryEngine, says_which_name_does_not_exist) {
  const MemoryEngine engine;
  STRCMP_EQUAL("anchor \"hcd/x\" does not exist", engine.rule_counters("hcd/x").error().text.c_str());
  STRCMP_EQUAL("anchor \"hcd/x\" does not exist", engine.table_counters("hcd/x", "t").error().text.c_str());
}
