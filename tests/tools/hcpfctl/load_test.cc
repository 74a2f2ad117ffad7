#include "tools/hcpfctl/load.h"

#include <unistd.h>

#include "fastpath/bpf/states.h"
#include "tests/fastpath/pfconf/fixture.h"
#include "tests/tools/hcpfctl/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcpfctl;

TEST_GROUP(LoadFile) {
  FakeKernel fake;
  fastpath::pfconf::Fixture text;

  Status load(const char* file, const char* anchor) {
    auto options = parse({"-f", "pf.conf"});
    options->anchored = *anchor != 0;
    options->anchor = anchor;
    text.in_force = fake.engine.ruleset();
    const auto conf = text.load(file, anchor);
    if (!conf) return std::unexpected(conf.error());
    return load_conf(*options, *conf, fake.kernel());
  }
  void loads(const char* file, const char* anchor) {
    const auto done = load(file, anchor);
    if (!done) FAIL(done.error().text.c_str());
  }
  [[nodiscard]] Seconds timeout(abi::hcd_timeout_name name) const {
    return fastpath::seconds_of(fake.memory.globals, fake.memory.timeout_sets[0].ticks[name]);
  }
};

TEST(LoadFile, replaces_its_anchor_and_leaves_the_others) {
  loads("table <mail> { 10.0.0.3 }\npass in quick proto tcp to 192.0.2.25 port 25 rdr-to <mail>\n", "mine");
  STRCMP_EQUAL("10.0.0.3", fake.entries("mine", "mail").c_str());
  loads("pass in quick proto tcp to 192.0.2.26 port 25 rdr-to { 10.0.0.4 }\n", "mine");
  LONGS_EQUAL(1, fake.engine.ruleset().at("mine").rules.size());
  STRCMP_EQUAL("none", fake.entries("mine", "mail").c_str());
  STRCMP_EQUAL("10.0.0.1 10.0.0.2", fake.entries("hcd/www", "www").c_str());
}

TEST(LoadFile, a_table_that_persists_or_that_the_rules_go_on_to_name_keeps_its_addresses) {
  loads("table <mail> persist { 10.0.0.3 }\npass in quick proto tcp to 192.0.2.25 port 25 rdr-to <mail>\n", "mine");
  loads("pass in quick proto tcp to 192.0.2.26 port 25 rdr-to <mail>\n", "mine");
  STRCMP_EQUAL("10.0.0.3", fake.entries("mine", "mail").c_str());
  loads("pass in quick proto tcp to 192.0.2.27 port 25 rdr-to { 10.0.0.4 }\n", "mine");
  STRCMP_EQUAL("10.0.0.3", fake.entries("mine", "mail").c_str());
}

TEST(LoadFile, an_address_that_another_anchor_has_is_refused_with_its_place) {
  const auto before = fake.engine.ruleset();
  const auto done = load("\npass in quick proto tcp to 192.0.2.80 port 80 rdr-to { 10.0.0.3 }\n", "mine");
  CHECK(!done.has_value());
  STRCMP_CONTAINS("pf.conf:2:", done.error().text.c_str());
  STRCMP_CONTAINS("hcd/www", done.error().text.c_str());
  CHECK(before == fake.engine.ruleset());
}

TEST(LoadFile, what_the_kernel_cannot_take_changes_nothing) {
  const auto before = fake.engine.ruleset();
  fake.memory.refuse_after = 0;
  CHECK(!load("pass in quick proto tcp to 192.0.2.25 port 25 rdr-to { 10.0.0.3 }\n", "mine").has_value());
  CHECK(before == fake.engine.ruleset());
}

TEST(LoadFile, the_main_ruleset_sets_timeouts_or_brings_the_defaults_back) {
  loads("set timeout { tcp.established 600, tcp.first 30 }\nset timeout adaptive.start 10\n", "");
  LONGS_EQUAL(600, timeout(abi::HCD_TM_TCP_ESTABLISHED).count());
  LONGS_EQUAL(30, timeout(abi::HCD_TM_TCP_FIRST).count());
  LONGS_EQUAL(10, fake.memory.settings.adaptive_start);
  loads("anchor \"x\" {\n pass in quick proto tcp to 192.0.2.25 port 25 rdr-to { 10.0.0.3 }\n}\n", "");
  LONGS_EQUAL(86400, timeout(abi::HCD_TM_TCP_ESTABLISHED).count());
  LONGS_EQUAL(120, timeout(abi::HCD_TM_TCP_FIRST).count());
  CHECK(fake.engine.ruleset().contains("x"));
}

TEST(LoadFile, the_main_ruleset_sets_the_guard_or_takes_it_away) {
  loads("set when-full hash\nset syn-guard 1000\n", "");
  LONGS_EQUAL(abi::HCD_BY_HASH, fake.memory.settings.when_full);
  LONGS_EQUAL(64, fake.memory.settings.flood_inserts);
  loads("set timeout tcp.first 30\n", "");
  LONGS_EQUAL(abi::HCD_EVICT_HALF_OPEN, fake.memory.settings.when_full);
  LONGS_EQUAL(0, fake.memory.settings.flood_inserts);
}

TEST(LoadFile, the_guard_of_a_daemon_stays_where_the_file_says_nothing_of_it) {
  fake.memory.globals.daemon_pid = static_cast<__u32>(getpid());
  loads("set when-full refuse\nset syn-guard 1000\n", "");
  loads("set timeout tcp.first 30\nset when-full evict\n", "");
  LONGS_EQUAL(abi::HCD_EVICT_HALF_OPEN, fake.memory.settings.when_full);
  LONGS_EQUAL(64, fake.memory.settings.flood_inserts);
}

TEST(LoadFile, a_limit_that_the_maps_were_not_made_for_is_refused) {
  const auto done = load("set limit tables 99\n", "");
  CHECK(!done.has_value());
  STRCMP_EQUAL("set limit tables 99: the kernel's maps have another size; -d -F all removes them, with all states",
               done.error().text.c_str());
}

TEST(LoadFile, limits_are_the_sizes_of_the_maps_that_are_made) {
  const auto sizes = sizes_for({.limits = {{fastpath::pfconf::Limit::States, 100000},
                                           {fastpath::pfconf::Limit::Tables, 1000},
                                           {fastpath::pfconf::Limit::TableEntries, 200000}}});
  LONGS_EQUAL(8192, sizes.buckets);  // 2 families of so many buckets of 8
  LONGS_EQUAL(1001, sizes.tables);
  LONGS_EQUAL(200001, sizes.members);
  LONGS_EQUAL(fastpath::Sizes().hosts, sizes.hosts);
}
