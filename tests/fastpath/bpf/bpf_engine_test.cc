#include <set>

#include <netinet/in.h>

#include "fastpath/bpf/states.h"
#include "tests/fastpath/bpf/engine_fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

TEST_GROUP_BASE(BpfEngine, EngineFixture){};

TEST(BpfEngine, puts_a_rule_in_force_that_leads_to_its_hosts_in_address_order) {
  must(load("hcd/www", rule, {"10.0.0.2", "10.0.0.1"}));
  STRCMP_EQUAL("10.0.0.1:8080 10.0.0.2:8080", ring(rule).c_str());
  CHECK(host_index("10.0.0.1") != 0);
  LONGS_EQUAL(abi::HCD_HOST_USED, memory.hosts[host_index("10.0.0.1")].flags);
  LONGS_EQUAL(86400ULL * 1000 / 64, memory.rules[rule_index(rule)].established);
  CHECK(engine->ruleset().contains("hcd/www"));
}

TEST(BpfEngine, switches_a_table_and_flags_who_left) {
  must(load("hcd/www", rule, {"10.0.0.1", "10.0.0.2"}));
  const auto index = rule_index(rule);
  must(load("hcd/www", rule, {"10.0.0.2", "10.0.0.3"}));
  STRCMP_EQUAL("10.0.0.2:8080 10.0.0.3:8080", ring(rule).c_str());
  LONGS_EQUAL(index, rule_index(rule));
  LONGS_EQUAL(abi::HCD_HOST_USED | abi::HCD_HOST_DOWN, memory.hosts[host_index("10.0.0.1")].flags);
  must(load("hcd/www", rule, {"10.0.0.1"}));
  LONGS_EQUAL(abi::HCD_HOST_USED, memory.hosts[host_index("10.0.0.1")].flags);
}

TEST(BpfEngine, waits_for_no_grace_period_and_leaves_what_was_in_force_alone_until_it_is_tended) {
  must(load("hcd/www", rule, {"10.0.0.1"}));
  const auto line = memory.rules[rule_index(rule)].ring >> 32;
  const auto before = memory.rings[line];
  must(load("hcd/www", rule, {"10.0.0.1", "10.0.0.2"}));
  must(load("hcd/www", rule, {"10.0.0.3"}));
  must(load("hcd/www", rule, {"10.0.0.4"}));
  LONGS_EQUAL(0, memory.graces);
  CHECK(memcmp(&before, &memory.rings[line], sizeof before) == 0);
  engine->tend();
  LONGS_EQUAL(1, memory.graces);
  engine->tend();
  LONGS_EQUAL(1, memory.graces);
  must(load("hcd/www", rule, {"10.0.0.5"}));
  CHECK_EQUAL(line, memory.rules[rule_index(rule)].ring >> 32);
}

TEST(BpfEngine, waits_where_space_is_short) {
  rule.method = Method::SourceHash;  // 64 lines each; 511 there are
  for (int i = 1; i < 20; i++) must(load("hcd/www", rule, {"10.0.0." + std::to_string(i)}));
  CHECK(memory.graces > 0);
}

TEST(BpfEngine, forgets_hosts_and_rules_that_no_state_needs_when_it_is_tended) {
  memory = FakeMemory(2048);
  start();
  std::vector<std::string> hosts;
  for (int i = 0; i < 600; i++) hosts.push_back("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250));
  must(load("a", rule, hosts));
  state(rule_index(rule), host_index("10.1.0.7"));
  must(remove("a"));
  engine->tend();
  LONGS_EQUAL(0, host_index("10.1.0.8"));
  CHECK(host_index("10.1.0.7") != 0);
  CHECK(rule_index(rule) != 0);
  CHECK(memory.graces >= 2);  // before states are counted, and before an index is given again
}

TEST(BpfEngine, an_empty_table_drops_and_does_not_pass) {
  must(load("hcd/www", rule, {}));
  STRCMP_EQUAL("", ring(rule).c_str());
  CHECK(memory.rules[rule_index(rule)].ring != 0);
}

TEST(BpfEngine, keeps_index_and_endpoints_of_a_removed_rule_and_gives_them_back_to_it) {
  must(load("hcd/www", rule, {"10.0.0.1"}));
  const auto index = rule_index(rule);
  const auto host = host_index("10.0.0.1");
  must(remove("hcd/www"));
  STRCMP_EQUAL("out of force", ring(rule).c_str());
  LONGS_EQUAL(host, host_index("10.0.0.1"));
  must(load("other", rule, {"10.0.0.1"}));
  LONGS_EQUAL(index, rule_index(rule));
  LONGS_EQUAL(host, host_index("10.0.0.1"));
}

TEST(BpfEngine, moves_a_rule_between_anchors_in_one_commit) {
  must(load("b", rule, {"10.0.0.1"}));
  const auto index = rule_index(rule);
  Transaction transaction = engine->begin();
  transaction.remove_anchor("b");
  transaction.set_table("a", table_of("www", {"10.0.0.2"}));
  transaction.set_rules("a", {rule});
  must(engine->commit(transaction));
  LONGS_EQUAL(index, rule_index(rule));
  STRCMP_EQUAL("10.0.0.2:8080", ring(rule).c_str());
}

TEST(BpfEngine, shares_a_host_between_rules_and_flags_it_when_the_last_lets_go) {
  Rule second = rule;
  second.port = 81;
  must(load("a", rule, {"10.0.0.1", "10.0.0.2"}));
  must(load("b", second, {"10.0.0.1"}));
  must(load("a", rule, {"10.0.0.2"}));
  LONGS_EQUAL(abi::HCD_HOST_USED, memory.hosts[host_index("10.0.0.1")].flags);
  must(remove("b"));
  LONGS_EQUAL(abi::HCD_HOST_USED | abi::HCD_HOST_DOWN, memory.hosts[host_index("10.0.0.1")].flags);
}

TEST(BpfEngine, keeps_the_port_where_the_rule_names_none) {
  rule.target_port = 0;
  must(load("a", rule, {"10.0.0.1"}));
  STRCMP_EQUAL("10.0.0.1:80", ring(rule).c_str());
}

TEST(BpfEngine, source_hash_keeps_its_drawn_key_over_changes_and_restarts) {
  rule.method = Method::SourceHash;
  must(load("a", rule, {"10.0.0.1", "10.0.0.2"}));
  STRCMP_EQUAL("1024 slots", ring(rule).c_str());
  const __u64 key = memory.rules[rule_index(rule)].hash_key[0];
  CHECK(key != 0);
  must(load("a", rule, {"10.0.0.1"}));
  CHECK_EQUAL(key, memory.rules[rule_index(rule)].hash_key[0]);
  start();
  must(load("a", rule, {"10.0.0.1", "10.0.0.3"}));
  CHECK_EQUAL(key, memory.rules[rule_index(rule)].hash_key[0]);
}

TEST(BpfEngine, refuses_what_the_maps_have_no_room_for_and_keeps_what_runs) {
  must(load("a", rule, {"10.0.0.1"}));
  const Ruleset before = engine->ruleset();
  const auto status = load("a", rule, many(70));
  CHECK(!status.has_value());
  LONGS_EQUAL(Code::Limit, status.error().code);
  STRCMP_EQUAL("70 addresses in tables are more than the 63 that the kernel's maps were made for",
               status.error().text.c_str());
  CHECK(before == engine->ruleset());
  STRCMP_EQUAL("10.0.0.1:8080", ring(rule).c_str());
}

TEST(BpfEngine, a_commit_that_fails_half_way_leaves_no_trace) {
  must(load("a", rule, {"10.0.0.1"}));
  const auto vips = memory.vips;
  const auto word = memory.rules[rule_index(rule)].ring;
  memory.refuse_after = 2;
  CHECK(!load("a", rule, many(5)).has_value());
  memory.refuse_after = -1;
  LONGS_EQUAL(0, host_index("10.1.0.1"));
  CHECK_EQUAL(word, memory.rules[rule_index(rule)].ring);
  CHECK(memcmp(vips.data(), memory.vips.data(), vips.size() * sizeof vips[0]) == 0);
  must(load("a", rule, many(60)));  // all of the indexes were given back
}

TEST(BpfEngine, makes_room_by_forgetting_idle_hosts_but_none_that_a_state_names) {
  must(load("a", rule, {"10.0.0.1", "10.0.0.2"}));
  state(rule_index(rule), host_index("10.0.0.1"));
  must(load("a", rule, many(60)));
  LONGS_EQUAL(0, engine->maps().views().hosts[63].flags & abi::HCD_HOST_DOWN);
  std::vector<std::string> others;
  for (int i = 1; i <= 60; i++) others.push_back("10.2.0." + std::to_string(i));
  CHECK(!load("a", rule, others).has_value());  // 60 in force, 60 wanted, 63 in all
  must(remove("a"));
  must(load("a", rule, others));
  CHECK(host_index("10.0.0.1") != 0);
  LONGS_EQUAL(0, host_index("10.0.0.2"));
}

TEST(BpfEngine, refuses_a_rule_on_an_interface_that_was_not_resolved) {
  rule.interface = "em0";
  STRCMP_EQUAL("rule for 192.0.2.80:80: interface em0 does not exist", load("a", rule, {}).error().text.c_str());
}

TEST(BpfEngine, keeps_tcp_and_udp_of_one_address_apart_over_a_restart) {
  Rule udp = rule;
  udp.proto = Proto::Udp;
  must(load("a", rule, {"10.0.0.1"}));
  must(load("b", udp, {"10.0.0.2"}));
  LONGS_EQUAL(IPPROTO_UDP, memory.rules[rule_index(udp)].to.proto);
  STRCMP_EQUAL("10.0.0.1:8080", ring(rule).c_str());
  STRCMP_EQUAL("10.0.0.2:8080", ring(udp).c_str());
  const Ruleset before = engine->ruleset();
  start();
  CHECK(before == engine->ruleset());
}

TEST(BpfEngine, reads_back_what_another_process_left) {
  rule = {.to = *Address::parse("2001:db8::80"), .port = 80, .label = "hcd:www", .tag = "HCD", .table = "www"};
  rule.established = Seconds(600);
  rule.method = Method::SourceHash;
  rule.key = HashKey{1, 2, 3};
  must(load("hcd/www", rule, {"2001:db8::1", "2001:db8::2"}));
  const Ruleset before = engine->ruleset();
  const FakeMemory copy = memory;
  start();
  CHECK(before == engine->ruleset());
  LONGS_EQUAL(0, engine->faults().size());
  // Nothing is written that was right: above all no ring moves.
  CHECK(memcmp(copy.rules.data(), memory.rules.data(), copy.rules.size() * sizeof copy.rules[0]) == 0);
  CHECK(memcmp(copy.vips.data(), memory.vips.data(), copy.vips.size() * sizeof copy.vips[0]) == 0);
  CHECK(memcmp(copy.members.data(), memory.members.data(), copy.members.size() * sizeof copy.members[0]) == 0);
}

TEST(BpfEngine, reads_back_that_a_table_persists_or_is_constant) {
  Transaction transaction = engine->begin();
  Table kept = table_of("kept", {"10.0.0.1"}), fixed = table_of("fixed", {"10.0.0.1"});
  kept.persist = fixed.constant = true;
  transaction.set_table("mine", kept);
  transaction.set_table("mine", fixed);
  must(engine->commit(transaction));
  start();
  CHECK(engine->ruleset().at("mine").tables.at("kept").persist);
  CHECK(!engine->ruleset().at("mine").tables.at("kept").constant);
  CHECK(engine->ruleset().at("mine").tables.at("fixed").constant);
}

TEST(BpfEngine, finishes_what_a_dead_process_left_half_done) {
  must(load("a", rule, {"10.0.0.1", "10.0.0.2"}));
  memory.globals.generation |= 1;
  memory.rules[rule_index(rule)].ring = ring_word(7, 0);                  // not switched
  memory.rules[5].to = Endpoint{*Address::parse("192.0.2.9"), 80}.raw();  // made, not put in force
  start();
  STRCMP_EQUAL("10.0.0.1:8080 10.0.0.2:8080", ring(rule).c_str());
  LONGS_EQUAL(0, memory.globals.generation % 2);
}

TEST(BpfEngine, survives_scribbled_maps) {
  must(load("a", rule, many(20)));
  unsigned x = 1;
  const auto scribble = [&](auto& records) {
    for (auto& record : records) {
      auto* bytes = reinterpret_cast<unsigned char*>(&record);
      for (std::size_t i = 0; i < sizeof record; i++) {
        x = x * 1103515245 + 12345;
        if ((x >> 16) % 3 == 0) bytes[i] = static_cast<unsigned char>(x >> 20);
      }
    }
  };
  scribble(memory.rules);
  scribble(memory.rule_infos);
  scribble(memory.hosts);
  scribble(memory.members);
  scribble(memory.tables);
  scribble(memory.anchors);
  scribble(memory.vips);
  scribble(memory.endpoints);
  scribble(memory.rings);
  scribble(memory.states4);
  scribble(memory.states6);
  start();
  CHECK(!engine->faults().empty());
  Transaction transaction = engine->begin();
  for (const auto& [name, anchor] : engine->ruleset()) transaction.remove_anchor(name);
  must(engine->commit(transaction));
  must(load("a", rule, {"10.0.0.1"}));
  STRCMP_EQUAL("10.0.0.1:8080", ring(rule).c_str());
}

TEST(BpfEngine, sums_counters_by_rule_and_by_address) {
  must(load("a", rule, {"10.0.0.1", "10.0.0.2"}));
  memory.rule_stats[rule_index(rule)] = {.packets = {3, 2}, .bytes = {300, 200}, .states = 1};
  memory.host_stats[host_index("10.0.0.2")] = {.packets = {3, 2}, .bytes = {300, 200}, .states = 1};
  LONGS_EQUAL(300, engine->rule_counters("a")->bytes[0]);
  const auto table = engine->table_counters("a", "www");
  LONGS_EQUAL(0, table->at(0).counters.packets[0]);
  LONGS_EQUAL(2, table->at(1).counters.packets[1]);
  STRCMP_EQUAL("table x does not exist", engine->table_counters("a", "x").error().text.c_str());
}

TEST(BpfEngine, a_random_walk_of_commits_ends_where_its_last_step_says) {
  unsigned x = 7;
  const auto random = [&](unsigned below) { return (x = x * 1103515245 + 12345) / 65536 % below; };
  for (int step = 0; step < 400; step++) {
    Rule one = rule;
    one.port = static_cast<std::uint16_t>(80 + random(6));
    one.method = random(3) == 0 ? Method::SourceHash : Method::RoundRobin;
    const std::string anchor = "a" + std::to_string(one.port);
    std::vector<std::string> addresses;
    for (int i = 1; i < 20; i++) {
      if (random(3) == 0) addresses.push_back("10.0.0." + std::to_string(i));
    }
    must(random(5) == 0 ? remove(anchor.c_str()) : load(anchor.c_str(), one, addresses));
    if (random(20) == 0) start();
  }
  std::size_t lines = 0;
  for (const auto& [name, anchor] : engine->ruleset()) {
    for (const Rule& one : anchor.rules) {
      const std::uint64_t word = memory.rules[rule_index(one)].ring;
      const Lines taken = lines_of(word);
      lines += taken.count;
      std::set<std::string> reached, wanted;
      for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(word); i++) {
        reached.insert(Endpoint::of(memory.hosts[memory.rings[taken.base + i / 16].host[i % 16]].at).address.text());
      }
      for (const auto& entry : anchor.tables.at(one.table).entries) wanted.insert(entry.address.text());
      CHECK(reached == wanted);
    }
  }
  CHECK(lines > 0);
}

TEST(BpfEngine, cuts_the_sessions_of_an_anchors_host_or_of_all_of_them_in_force_or_not) {
  Rule other = rule;
  other.to = *Address::parse("192.0.2.81");
  must(load("hcd/www", rule, {"10.0.0.1", "10.0.0.2"}));
  must(load("hcd/other", other, {"10.0.0.1"}));
  memory.timeout_sets[0].ticks[abi::HCD_TM_TCP_CLOSED] = 1000;
  const __u32 tick = tick_at(memory.globals, clock.now());
  const auto put = [&](int way, std::uint32_t of, const char* host) -> __u64& {
    memory.states4[1].way[way].key = 0x0100007fULL << 32 | static_cast<__u64>(way) << 16 | of;
    return memory.states4[1].way[way].value = abi::hcd_value(tick, host_index(host), abi::HCD_SIDES_UP);
  };
  const __u64 &one = put(1, rule_index(rule), "10.0.0.1"), &two = put(2, rule_index(rule), "10.0.0.2");
  const __u64& three = put(3, rule_index(other), "10.0.0.1");
  const auto is_cut = [](__u64 value) { return abi::hcd_value_sides(value) == abi::HCD_SIDES_CUT; };
  LONGS_EQUAL(0, *engine->cut({{"hcd/www", *Address::parse("10.0.0.3")}, {"hcd/none", {}}}));
  LONGS_EQUAL(1, *engine->cut({{"hcd/www", *Address::parse("10.0.0.1")}}));
  CHECK(is_cut(one) && !is_cut(two) && !is_cut(three));
  must(remove("hcd/www"));
  LONGS_EQUAL(1, *engine->cut({{"hcd/www", {}}}));
  CHECK(is_cut(two) && !is_cut(three));
}
