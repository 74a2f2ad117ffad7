#include "tools/hcpfctl/act.h"

#include <fmt/format.h>

#include "fastpath/bpf/bpf_engine.h"
#include "fastpath/bpf/sources.h"
#include "fastpath/bpf/states.h"
#include "kmod/index.h"
#include "kmod/tcp.h"
#include "tests/tools/hcpfctl/fixture.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcpfctl;

// Rules 192.0.2.80 (label www) to 10.0.0.1 and 192.0.2.81 (label mail) to 10.0.0.2, IPv4, and one IPv6 rule.
TEST_GROUP(Act) {
  fastpath::FakeMemory memory;
  StillClock clock;
  fastpath::Maps* maps = nullptr;  // the engine's
  std::unique_ptr<fastpath::BpfEngine> engine;
  std::size_t next_bucket = 0;

  void setup() override {
    auto made = std::make_unique<fastpath::FakeMaps>(memory);
    maps = made.get();
    engine = std::make_unique<fastpath::BpfEngine>(std::move(made), clock, [] { return 7U; }, "bpf");
    auto transaction = engine->begin();
    add(transaction, "www", "192.0.2.80", "10.0.0.1");
    add(transaction, "mail", "192.0.2.81", "10.0.0.2");
    add(transaction, "six", "2001:db8::80", "2001:db8::1");
    const auto done = engine->commit(transaction);
    if (!done) FAIL(done.error().text.c_str());
  }
  static void add(fastpath::Transaction & transaction, const char* name, const char* to, const char* host) {
    transaction.set_table(name, *fastpath::make_table(name, {{at(host)}}));
    transaction.set_rules(name, {{.to = at(to), .port = 80, .label = name, .table = name}});
  }

  template <class Record, class Get>
  static std::uint32_t index_of(const std::vector<Record>& records, const char* text, const Get& get) {
    for (std::uint32_t i = 1; i < records.size(); i++) {
      if (fastpath::Endpoint::of(get(records[i])).address == at(text)) return i;
    }
    FAIL(text);
    return 0;
  }
  void state(const char* client, const char* to, const char* host) {
    const std::uint64_t rule = index_of(memory.rules, to, [](const auto& record) { return record.to; });
    const std::uint64_t index = index_of(memory.hosts, host, [](const auto& record) { return record.at; });
    const std::uint64_t now = fastpath::tick_at(memory.globals, clock.now());
    const std::uint64_t value =
        now << 32 | index << 8 | static_cast<std::uint64_t>(abi::HCD_ESTABLISHED << 4 | abi::HCD_ESTABLISHED);
    const Address from = at(client);
    std::uint64_t upper = 0x12345678;
    if (from.family == Family::Inet) {
      std::uint32_t raw = 0;
      std::memcpy(&raw, from.bytes.data(), sizeof raw);
      upper = raw;
      memory.states4[next_bucket++].way[1] = {upper << 32 | 4242 << 16 | rule, value};
      return;
    }
    auto& way = memory.states6[next_bucket++].way[2];
    way = {upper << 32 | 4242 << 16 | rule, value, {}};
    std::memcpy(way.addr, from.bytes.data(), sizeof way.addr);
  }
  void states() {
    state("203.0.113.7", "192.0.2.80", "10.0.0.1");
    state("203.0.113.7", "192.0.2.81", "10.0.0.2");
    state("203.0.113.200", "192.0.2.80", "10.0.0.1");
    state("198.51.100.1", "192.0.2.80", "10.0.0.1");
    state("2001:db8:f::7", "2001:db8::80", "2001:db8::1");
  }
  // Of the rule for 192.0.2.80, without states, for a minute.
  void source(const char* client, const char* host) {
    const std::uint64_t rule = index_of(memory.rules, "192.0.2.80", [](const auto& record) { return record.to; });
    const auto now = static_cast<__u32>(fastpath::tick_at(memory.globals, clock.now()));
    abi::hcd_source& node = memory.sources[memory.pulse.sources++];
    node = {.lead = index_of(memory.hosts, host, [](const auto& record) { return record.at; }),
            .seen = now,
            .birth = now,
            .track = fastpath::ticks_of(memory.globals, Seconds(60))};
    std::memcpy(node.addr, at(client).bytes.data(), 4);
    node.key = rule << 8 | 4;
    memory.cursors[rule].sources++;
  }
  std::size_t nodes() {
    std::size_t out = 0;
    for_each_source(maps->views(), clock.now(), [&](const fastpath::Source&) { out++; });
    return out;
  }
  std::size_t alive() {
    return take_census(engine->maps().views(), clock.now()).total;
  }

  void says(const char* expected, std::size_t left, std::initializer_list<const char*> words) {
    const auto options = parse(words);
    if (!options) FAIL(options.error().text.c_str());
    CHECK(options->acts());
    const auto answer = act(*options, *maps, clock);
    if (!answer) FAIL(answer.error().text.c_str());
    STRCMP_EQUAL(expected, answer->err.c_str());
    STRCMP_EQUAL("", answer->out.c_str());
    LONGS_EQUAL(0, answer->status);
    LONGS_EQUAL(left, alive());
  }
  static void refuses(const char* expected, std::initializer_list<const char*> words) {
    const auto options = parse(words);
    CHECK(!options.has_value());
    STRCMP_EQUAL(expected, options.error().text.c_str());
  }
};

TEST(Act, flush_ends_all_states_of_both_families) {
  states();
  LONGS_EQUAL(5, alive());
  says("5 states cleared\n", 0, {"-F", "states"});
  says("0 states cleared\n", 0, {"-F", "s"});
}

TEST(Act, kill_counts_the_death_of_each_state_as_the_packet_path_does) {
  states();
  for (auto& cursor : memory.cursors) cursor.states = 9;
  for (auto& load : memory.loads) load.states = 1;  // fewer than there are: another tool wrote here
  says("killed 2 states from 1 sources and 0 destinations\n", 3, {"-k", "203.0.113.7"});
  LONGS_EQUAL(2, memory.pulse.user_killed);
  std::size_t of_rules = 0, of_hosts = 0;
  for (const auto& cursor : memory.cursors) of_rules += 9 - cursor.states;
  for (const auto& load : memory.loads) of_hosts += 1 - load.states;
  LONGS_EQUAL(2, of_rules);
  LONGS_EQUAL(2, of_hosts);
}

TEST(Act, kill_ends_the_states_of_a_client) {
  states();
  says("killed 2 states from 1 sources and 0 destinations\n", 3, {"-k", "203.0.113.7"});
}

TEST(Act, kill_ends_the_states_of_a_network_to_the_last_bit) {
  states();
  says("killed 2 states from 1 sources and 0 destinations\n", 3, {"-k", "203.0.113.0/25"});
  says("killed 1 states from 1 sources and 0 destinations\n", 2, {"-k", "203.0.113.128/25"});
  says("killed 1 states from 1 sources and 0 destinations\n", 1, {"-k", "2001:db8:f::/48"});
}

TEST(Act, kill_with_a_destination_means_the_public_address_or_the_host) {
  states();
  says("killed 1 states from 1 sources and 1 destinations\n", 4, {"-k", "203.0.113.7", "-k", "192.0.2.81"});
  says("killed 3 states from 1 sources and 1 destinations\n", 1, {"-k", "0.0.0.0/0", "-k", "10.0.0.1"});
}

TEST(Act, kill_by_label_ends_the_states_of_its_rules_alone) {
  states();
  says("killed 3 states\n", 2, {"-k", "label", "-k", "www"});
  says("killed 0 states\n", 2, {"-k", "label", "-k", "nobody"});
}

TEST(Act, kill_by_id_ends_one_state_and_counts_its_death) {
  states();
  std::uint64_t id = 0;
  for_each_state(maps->views(), clock.now(), [&](const fastpath::State& state) {
    if (state.client == at("2001:db8:f::7")) id = state.id;
  });
  const std::string text = fmt::format("{:016x}", id);
  says("killed 1 states\n", 4, {"-k", "id", "-k", text.c_str()});
  says("killed 0 states\n", 4, {"-k", "id", "-k", text.c_str()});
  LONGS_EQUAL(1, memory.pulse.user_killed);
  refuses("-k id needs -k and an id, as -s states -vv shows it", {"-k", "id", "-k", "x"});
}

TEST(Act, source_nodes_are_dropped_by_client_and_by_the_host_that_they_lead_to) {
  source("203.0.113.7", "10.0.0.1");
  source("203.0.113.8", "10.0.0.1");
  source("203.0.113.9", "10.0.0.2");
  says("killed 1 src nodes from 1 sources and 0 destinations\n", 0, {"-K", "203.0.113.8"});
  says("killed 1 src nodes from 1 sources and 1 destinations\n", 0, {"-K", "203.0.113.0/24", "-K", "10.0.0.2"});
  LONGS_EQUAL(1, nodes());
  says("source tracking entries cleared\n", 0, {"-F", "Sources"});
  LONGS_EQUAL(0, nodes());
  LONGS_EQUAL(0, memory.pulse.sources);
}

TEST(Act, a_source_node_with_states_goes_on_to_count_but_leads_nowhere) {
  source("203.0.113.7", "10.0.0.1");
  memory.sources[0].states = 2;
  says("killed 1 src nodes from 1 sources and 0 destinations\n", 0, {"-K", "203.0.113.7"});
  LONGS_EQUAL(1, nodes());
  LONGS_EQUAL(0, memory.sources[0].lead);
  LONGS_EQUAL(2, memory.sources[0].states);
}

TEST(Act, a_state_of_another_flow_by_now_is_left_alone) {
  states();
  const auto replaced = [&](const fastpath::State&) {
    memory.states4[0].way[1].key ^= std::uint64_t{1} << 40;  // another client took the place meanwhile
    return true;
  };
  memory.states4[1] = memory.states4[2] = memory.states4[3] = {};
  memory.states6[4] = {};
  LONGS_EQUAL(0, fastpath::kill_states(engine->maps().views(), clock.now(), replaced));
  LONGS_EQUAL(1, alive());
}

TEST(Act, refuses_what_it_cannot_understand) {
  refuses("-k: 'www' is neither an address nor a network", {"-k", "www"});
  refuses("-k: '10.0.0.0/33': the length of a network is 0 to 32", {"-k", "10.0.0.0/33"});
  refuses("-k label needs -k and a label", {"-k", "label"});
  refuses("-k is given twice at most", {"-k", "10.0.0.1", "-k", "10.0.0.2", "-k", "10.0.0.3"});
  refuses("-k: the two are of different families", {"-k", "10.0.0.1", "-k", "2001:db8::1"});
  refuses("-k and -K stand alone", {"-F", "states", "-k", "10.0.0.1"});
  refuses("-s stands alone", {"-F", "states", "-s", "info"});
  refuses("states and counters of packets are of all anchors: -a is not for them", {"-a", "hcd/www", "-F", "states"});
}
