// Several tables for one service: which of them serves, and how new sessions are shared while a host warms up.
#include "fastpath/memory/memory_engine.h"
#include "hcd/pfe/director.h"
#include "tests/fake/fake_loop.h"
#include "tests/hcd/pfe/sample.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfe;
using ipc::HostState;

// Tables 0 (hosts 0 to 3), 1 (10), 2 (20) and 3 (30), each on a port of its own.
TEST_GROUP(Conditions) {
  test::FakeLoop loop;
  unsigned commits = 0;
  fastpath::MemoryEngine* engine = nullptr;
  std::vector<std::string> events;
  std::unique_ptr<Director> director;
  Incoming incoming;

  static conf::Table table(conf::Id id, std::vector<conf::Id> hosts) {
    conf::Table out{.id = id, .name = "t" + std::to_string(id), .port = static_cast<std::uint16_t>(80 + id)};
    for (const auto host : hosts)
      out.hosts.push_back(test::host(host, ("10.0." + std::to_string(id) + "." + std::to_string(host + 1)).c_str()));
    return out;
  }
  void setup() override {
    start();
    incoming = {.generation = 1,
                .anchor = "hcd",
                .tables = {table(0, {0, 1, 2, 3}), table(1, {10}), table(2, {20}), table(3, {30})},
                .services = {{.id = 0,
                              .name = "www",
                              .virtuals = {{.address = test::address("192.0.2.80"), .port = 80}},
                              .table = 0,
                              .backups = {1, 2}}}};
  }
  void start(const fastpath::Ruleset& left = {}) {
    auto made = std::make_unique<fastpath::MemoryEngine>([this](const auto&) { return commits++, Status(); });
    auto earlier = made->begin();
    for (const auto& [name, anchor] : left) bring_about(earlier, name, anchor);
    CHECK(made->commit(earlier).has_value());
    engine = made.get();
    director = std::make_unique<Director>(
        loop, std::move(made),
        Director::Outlet{.to_hce = [](const auto&) {},
                         .rows = [](const auto&) {},
                         .gone = [](const auto&) {},
                         .event = [this](const ctl::Event& m) { events.push_back(m.subject + ": " + m.text); },
                         .park = [](const auto&, const auto&) {}});
  }
  void configure() {
    CHECK(director->configure(incoming).has_value());
    incoming.generation++;
    loop.run();
  }
  void result(conf::Id id, HostState state, std::uint64_t total = 1) {
    auto status = test::result(id, state, 1, total);
    status.memory.since = loop.now().time_since_epoch();
    director->record(status);
    loop.run();
  }
  void up(std::vector<conf::Id> ids) {
    for (const auto id : ids) result(id, HostState::Up);
  }
  void down(std::vector<conf::Id> ids) {
    for (const auto id : ids) result(id, HostState::Down);
  }
  // The port tells the table.
  [[nodiscard]] std::string serving() const {
    const auto anchor = engine->ruleset().find("hcd/www");
    return anchor == engine->ruleset().end() ? "none"
                                             : "t" + std::to_string(anchor->second.rules.at(0).target_port - 80);
  }
  [[nodiscard]] std::string weights() const {
    std::string out;
    for (const auto& entry : engine->ruleset().at("hcd/www").tables.at("www").entries)
      out += (out.empty() ? "" : " ") + std::to_string(entry.weight);
    return out;
  }
  [[nodiscard]] std::string word() const {
    return ctl::status_text(director->snapshot().services.at(0));
  }
};

TEST(Conditions, backups_serve_in_their_order) {
  configure();
  up({0, 1, 10, 20});
  STRCMP_EQUAL("t0", serving().c_str());
  down({0, 1});
  STRCMP_EQUAL("t1", serving().c_str());
  STRCMP_EQUAL("active (using backup table)", word().c_str());
  CHECK(director->snapshot().services[0].in_use == 1U);
  down({10});
  STRCMP_EQUAL("t2", serving().c_str());
  CHECK(std::ranges::find(events, "www: active (using backup table), table t2") != events.end());
  down({20});
  STRCMP_EQUAL("none", serving().c_str());
  CHECK(!director->snapshot().services[0].in_use);
  up({10});
  STRCMP_EQUAL("t1", serving().c_str());
  up({0});
  STRCMP_EQUAL("t0", serving().c_str());
  STRCMP_EQUAL("active", word().c_str());
}

TEST(Conditions, another_table_is_used_when_too_few_hosts_of_one_are_up) {
  incoming.services[0].conditions = {{.use = 3, .watch = 0, .below = 50, .percent = true}};
  configure();
  up({0, 1, 2, 3, 30});
  down({0, 1});
  STRCMP_EQUAL("t0", serving().c_str());
  down({2});
  STRCMP_EQUAL("t3", serving().c_str());
  STRCMP_EQUAL("active (using backup table)", word().c_str());
  up({2});
  STRCMP_EQUAL("t0", serving().c_str());
}

TEST(Conditions, a_condition_whose_table_has_no_host_up_changes_nothing) {
  incoming.services[0].conditions = {{.use = 3, .watch = 0, .below = 50, .percent = true}};
  configure();
  up({0});
  STRCMP_EQUAL("t0", serving().c_str());
}

TEST(Conditions, a_time_keeps_a_condition_from_flapping) {
  incoming.services[0].conditions = {{.use = 3, .watch = 0, .below = 3, .hold = Seconds(30)}};
  configure();
  up({0, 1, 2, 30});
  down({0});
  loop.advance(Seconds(29));
  STRCMP_EQUAL("t0", serving().c_str());
  loop.advance(Seconds(1));
  STRCMP_EQUAL("t3", serving().c_str());
  up({0});
  loop.advance(Seconds(20));
  down({0});
  up({0});
  loop.advance(Seconds(29));
  STRCMP_EQUAL("t3", serving().c_str());
  loop.advance(Seconds(1));
  STRCMP_EQUAL("t0", serving().c_str());
}

TEST(Conditions, a_table_below_its_minimum_is_not_used) {
  incoming.tables[0].minimum = 2;
  configure();
  up({0, 10});
  STRCMP_EQUAL("t1", serving().c_str());
  up({1});
  STRCMP_EQUAL("t0", serving().c_str());
  down({1});
  STRCMP_EQUAL("t1", serving().c_str());
}

TEST(Conditions, a_minimum_for_a_time_lets_a_table_serve_until_then) {
  incoming.tables[0].minimum = 2;
  incoming.tables[0].minimum_for = Seconds(10);
  configure();
  up({0, 1, 10});
  down({1});
  STRCMP_EQUAL("t0", serving().c_str());
  loop.advance(Seconds(10));
  STRCMP_EQUAL("t1", serving().c_str());
  up({1});
  STRCMP_EQUAL("t1", serving().c_str());
  loop.advance(Seconds(10));
  STRCMP_EQUAL("t0", serving().c_str());
}

TEST(Conditions, what_holds_survives_a_reload_and_a_restart) {
  incoming.services[0].conditions = {{.use = 3, .watch = 0, .below = 3, .hold = Seconds(30)}};
  configure();
  up({0, 1, 30});
  loop.advance(Seconds(30));
  STRCMP_EQUAL("t3", serving().c_str());
  configure();
  STRCMP_EQUAL("t3", serving().c_str());
  start(fastpath::Ruleset(engine->ruleset()));
  configure();
  STRCMP_EQUAL("t3", serving().c_str());
  up({0, 1, 30});
  loop.advance(Seconds(60));
  STRCMP_EQUAL("t3", serving().c_str());
}

TEST(Conditions, a_host_that_comes_up_gets_its_weight_in_ten_steps) {
  incoming.tables[0].slow_start = Seconds(10);
  configure();
  up({0});
  loop.advance(Seconds(20));
  STRCMP_EQUAL("1", weights().c_str());
  up({1});
  STRCMP_EQUAL("10 1", weights().c_str());
  loop.advance(Seconds(1));
  STRCMP_EQUAL("10 2", weights().c_str());
  loop.advance(Seconds(4));
  STRCMP_EQUAL("10 6", weights().c_str());
  loop.advance(Seconds(5));
  STRCMP_EQUAL("1 1", weights().c_str());
}

TEST(Conditions, one_host_alone_gets_everything_at_once) {
  incoming.tables[0].slow_start = Seconds(10);
  configure();
  up({0});
  STRCMP_EQUAL("1", weights().c_str());
  down({0});
  loop.advance(Seconds(1));
  up({0});
  STRCMP_EQUAL("1", weights().c_str());
}

TEST(Conditions, a_slow_start_of_many_hosts_makes_ten_commits_and_not_more) {
  incoming.tables[0].slow_start = Seconds(10);
  configure();
  up({0});
  loop.advance(Seconds(20));
  const auto before = commits;
  for (const conf::Id id : {1U, 2U, 3U}) {
    result(id, HostState::Up);
    loop.advance(Milliseconds(90));
  }
  loop.advance(Seconds(20));
  CHECK(commits - before <= 3 + 10);
  CHECK(commits - before >= 10);
  loop.advance(Seconds(3600));
  CHECK(commits - before <= 3 + 10);
  STRCMP_EQUAL("1 1 1 1", weights().c_str());
}

TEST(Conditions, a_slow_start_goes_on_after_a_reload_and_a_restart_of_pfe_alone) {
  incoming.tables[0].slow_start = Seconds(10);
  configure();
  up({0});
  loop.advance(Seconds(20));
  up({1});
  auto status = test::result(1, HostState::Up, 5, 5);
  status.memory.since = loop.now().time_since_epoch();
  loop.advance(Seconds(2));
  STRCMP_EQUAL("10 3", weights().c_str());
  configure();
  STRCMP_EQUAL("10 3", weights().c_str());
  start(fastpath::Ruleset(engine->ruleset()));
  configure();
  result(0, HostState::Up, 9);
  director->record(status);
  loop.run();
  STRCMP_EQUAL("10 3", weights().c_str());
  loop.advance(Seconds(8));
  STRCMP_EQUAL("1 1", weights().c_str());
}

TEST(Conditions, hosts_that_an_adopted_engine_serves_do_not_start_slowly_again) {
  incoming.tables[0].slow_start = Seconds(10);
  configure();
  up({0, 1});
  loop.advance(Seconds(20));
  start(fastpath::Ruleset(engine->ruleset()));
  configure();
  loop.advance(Seconds(1));
  up({0});
  STRCMP_EQUAL("1 1", weights().c_str());
  up({1, 2});
  STRCMP_EQUAL("10 10 1", weights().c_str());
}

TEST(Conditions, a_time_of_coming_up_that_cannot_be_is_taken_for_now) {
  incoming.tables[0].slow_start = Seconds(10);
  configure();
  up({0});
  loop.advance(Seconds(20));
  auto lie = test::result(1, HostState::Up);
  for (const auto since : {Duration::max(), Duration::min()}) {
    lie.memory.since = since;
    director->record(lie);
    loop.advance(Seconds(15));
    STRCMP_EQUAL("1 1", weights().c_str());
  }
}
