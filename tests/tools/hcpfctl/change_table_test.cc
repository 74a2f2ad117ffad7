#include "tools/hcpfctl/change_table.h"

#include "tests/tools/hcpfctl/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcpfctl;

TEST_GROUP(ChangeTable) {
  FakeKernel fake;

  Result<Answer> ask(std::initializer_list<const char*> words) {
    const auto options = parse(words);
    if (!options) FAIL(options.error().text.c_str());
    CHECK(options->changes_table());
    return change_table(*options, fake.kernel());
  }
  // What is said, then what the table holds.
  void says(const char* err, const char* out, std::initializer_list<const char*> words) {
    const auto answer = ask(words);
    if (!answer) FAIL(answer.error().text.c_str());
    STRCMP_EQUAL(err, answer->err.c_str());
    STRCMP_EQUAL(out, answer->out.c_str());
    LONGS_EQUAL(0, answer->status);
  }
  void holds(const char* entries, const char* anchor = "hcd/www", const char* table = "www") {
    STRCMP_EQUAL(entries, fake.entries(anchor, table).c_str());
  }
  void refuses(const char* error, std::initializer_list<const char*> words) {
    const auto answer = ask(words);
    CHECK(!answer.has_value());
    STRCMP_EQUAL(error, answer.error().text.c_str());
    holds("10.0.0.1 10.0.0.2");
  }
};

TEST(ChangeTable, add_counts_what_was_not_there) {
  says("1/2 addresses added.\n", "", {"-t", "www", "-T", "add", "10.0.0.2", "10.0.0.3"});
  holds("10.0.0.1 10.0.0.2 10.0.0.3");
}

TEST(ChangeTable, verbose_marks_what_changed_and_twice_verbose_all) {
  says("1/3 addresses added.\n", "A  10.0.0.3\nX  10.0.0.3\n",
       {"-v", "-t", "www", "-T", "add", "10.0.0.2", "10.0.0.3", "10.0.0.3"});
  says("1/2 addresses deleted.\n", "   10.0.0.9\nD  10.0.0.3\n",
       {"-vv", "-t", "www", "-T", "delete", "10.0.0.9", "10.0.0.3"});
}

TEST(ChangeTable, a_weight_may_stand_behind_an_address_and_changes_one_that_is_there) {
  says("1/2 addresses added.\n1 addresses changed.\n", "",
       {"-t", "www", "-T", "add", "10.0.0.2", "weight", "3", "10.0.0.3"});
  holds("10.0.0.1 10.0.0.2 weight 3 10.0.0.3");
}

TEST(ChangeTable, replace_says_what_it_did_or_that_it_did_nothing) {
  says("1 addresses added.\n1 addresses deleted.\n", "", {"-t", "www", "-T", "replace", "10.0.0.2", "10.0.0.3"});
  holds("10.0.0.2 10.0.0.3");
  says("no changes.\n", "", {"-t", "www", "-T", "replace", "10.0.0.2", "10.0.0.3"});
}

namespace {

// A table that packets add to, with an address of its own and two of theirs, of an hour ago and of now.
struct Overloaded {
  FakeKernel fake;
  std::uint32_t table = 0;

  Overloaded() {
    auto transaction = fake.engine.begin();
    transaction.set_table("hcd/www", *fastpath::make_table("bad", {{at("192.0.2.9")}}));
    transaction.set_rules(
        "hcd/www", {{.to = at("192.0.2.80"),
                     .port = 80,
                     .limits = {.source_track = fastpath::SourceTrack::Rule, .max_src_conn = 5, .overload = "bad"},
                     .table = "www"}});
    CHECK(fake.engine.commit(transaction).has_value());
    for (const auto& rule : fake.memory.rules) table = std::max(table, std::uint32_t{rule.overload});
    fake.memory.globals.tick_ns = 1'000'000'000;
    fake.memory.pulse.overloads = 2;
    fake.memory.overloaded[{table, {at("203.0.113.7"), 32}}] = 100;
    fake.memory.overloaded[{table, {at("203.0.113.8"), 32}}] = 1000;
  }
  void says(const char* err, std::size_t theirs, const char* own, std::initializer_list<const char*> words) {
    const auto options = parse(words);
    CHECK(options.has_value());
    const auto answer = change_table(*options, fake.kernel());
    if (!answer) FAIL(answer.error().text.c_str());
    STRCMP_EQUAL(err, answer->err.c_str());
    LONGS_EQUAL(theirs, fake.memory.overloaded.size());
    STRCMP_EQUAL(own, fake.entries("hcd/www", "bad").c_str());
  }
};

}  // namespace

TEST(ChangeTable, addresses_that_packets_have_added_expire_and_are_deleted_as_others) {
  Overloaded kernel;
  kernel.says("0/1 addresses added.\n", 2, "192.0.2.9", {"-t", "bad", "-T", "add", "203.0.113.7"});
  kernel.says("1/1 addresses expired (dummy).\n", 2, "192.0.2.9", {"-n", "-t", "bad", "-T", "expire", "600"});
  kernel.says("1/1 addresses expired.\n", 1, "192.0.2.9", {"-t", "bad", "-T", "expire", "600"});
  kernel.says("2/2 addresses deleted.\n", 0, "", {"-t", "bad", "-T", "delete", "203.0.113.8", "192.0.2.9"});
}

TEST(ChangeTable, replace_and_flush_count_what_packets_have_added) {
  Overloaded kernel;
  kernel.says("1 addresses added.\n2 addresses deleted.\n", 1, "192.0.2.10",
              {"-t", "bad", "-T", "replace", "192.0.2.10", "203.0.113.7"});
  kernel.says("2 addresses deleted.\n", 0, "", {"-t", "bad", "-T", "flush"});
}

TEST(ChangeTable, nothing_is_done_by_who_only_tries) {
  says("1/1 addresses added (dummy).\n", "", {"-n", "-t", "www", "-T", "add", "10.0.0.3"});
  says("2 addresses deleted (dummy).\n", "", {"-n", "-t", "www", "-T", "flush"});
  says("1 table created (dummy).\n", "", {"-n", "-a", "x", "-t", "new", "-T", "add", "10.0.0.3"});
  holds("10.0.0.1 10.0.0.2");
  holds("none", "x", "new");
}

TEST(ChangeTable, flush_leaves_an_empty_table_and_its_rule) {
  says("2 addresses deleted.\n", "", {"-t", "www", "-T", "flush"});
  holds("");
  LONGS_EQUAL(1, fake.engine.ruleset().at("hcd/www").rules.size());
}

TEST(ChangeTable, a_table_that_is_added_to_is_made_in_the_anchor_that_is_named_and_killed_again_with_it) {
  says("1 table created.\n1/1 addresses added.\n", "", {"-a", "bad", "-t", "guys", "-T", "add", "198.51.100.1"});
  holds("198.51.100.1", "bad", "guys");
  CHECK(fake.engine.ruleset().at("bad").tables.at("guys").persist);
  says("1 table deleted.\n", "", {"-a", "bad", "-t", "guys", "-T", "kill"});
  CHECK(!fake.engine.ruleset().contains("bad"));
}

TEST(ChangeTable, what_cannot_be_is_refused_and_changes_nothing) {
  refuses("Table www is used by the rule for 192.0.2.80:80.", {"-t", "www", "-T", "kill"});
  refuses("Table does not exist.", {"-t", "x", "-T", "delete", "10.0.0.1"});
  refuses("Table does not exist.", {"-a", "x", "-t", "www", "-T", "flush"});
  refuses("Table does not exist: to create it, name its anchor with -a.", {"-t", "x", "-T", "add", "10.0.0.1"});
  refuses("anchor \"hcd/www\": rule for 192.0.2.80:80: table www: 2001:db8::1 is of the other family",
          {"-t", "www", "-T", "add", "2001:db8::1"});
}

TEST(ChangeTable, two_tables_of_one_name_are_told_apart_by_the_anchor) {
  says("1 table created.\n1/1 addresses added.\n", "", {"-a", "b", "-t", "www", "-T", "add", "198.51.100.1"});
  refuses("Table www is in anchors b and hcd/www: say which with -a.", {"-t", "www", "-T", "flush"});
}

TEST(ChangeTable, zero_clears_the_counters_of_the_tables_hosts) {
  for (auto& stats : fake.memory.host_stats) stats.packets[0] = 5;
  says("1 table/stats cleared.\n", "", {"-t", "www", "-T", "zero"});
  std::size_t cleared = 0;
  for (const auto& stats : fake.memory.host_stats) cleared += stats.packets[0] == 0;
  LONGS_EQUAL(2, cleared);
  LONGS_EQUAL(2'000'000, fake.memory.members[1].cleared);
}

TEST(ChangeTable, zero_of_addresses_clears_theirs_alone) {
  for (auto& stats : fake.memory.host_stats) stats.packets[0] = 5;
  says("1/2 addresses cleared.\n", "Z  10.0.0.2\n", {"-v", "-t", "www", "-T", "zero", "10.0.0.2", "10.0.0.9"});
  std::size_t cleared = 0;
  for (const auto& stats : fake.memory.host_stats) cleared += stats.packets[0] == 0;
  LONGS_EQUAL(1, cleared);
}

TEST(ChangeTable, expire_takes_what_was_not_cleared_for_so_long) {
  for (auto& member : fake.memory.members) {
    if (member.table != 0) member.cleared = member.addr[3] == 1 ? 1'999'000 : 1'999'990;
  }
  says("1/1 addresses expired.\n", "", {"-t", "www", "-T", "expire", "600"});
  holds("10.0.0.2");
}
