// Two programs that write to the same maps.
#include "fastpath/bpf/bpf_engine.h"
#include "tests/fastpath/bpf/fake_maps.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;

namespace {

struct StillClock final : Clock {
  TimePoint now() const override { return TimePoint(Seconds(1000)); }
  std::chrono::system_clock::time_point wall() const override { return {}; }
};

}  // namespace

TEST_GROUP(TwoWriters) {
  FakeMemory memory;
  StillClock clock;
  BpfEngine daemon{std::make_unique<FakeMaps>(memory), clock, [] { return 1; }, "daemon"};

  std::unique_ptr<BpfEngine> tool() {
    return std::make_unique<BpfEngine>(std::make_unique<FakeMaps>(memory), clock, [] { return 2; }, "tool");
  }
  static Transaction load(const Engine& engine, const char* anchor, std::uint16_t port, const char* host) {
    Transaction out = engine.begin();
    out.set_table(anchor, *make_table("www", {{*Address::parse(host)}}));
    out.set_rules(anchor, {{.to = *Address::parse("192.0.2.80"), .port = port, .table = "www", .target_port = 8080}});
    return out;
  }
  static std::string host(const Engine& engine, const char* anchor) {
    const auto found = engine.ruleset().find(anchor);
    return found == engine.ruleset().end() ? "" : found->second.tables.at("www").entries.at(0).address.text();
  }
};

TEST(TwoWriters, a_change_by_the_other_is_noticed_and_named) {
  CHECK(daemon.commit(load(daemon, "hcd/www", 80, "10.0.0.1")).has_value());
  CHECK(daemon.commit(load(daemon, "hcd/ftp", 21, "10.0.0.1")).has_value());
  CHECK(!*daemon.refresh());
  const auto other = tool();
  CHECK(other->commit(load(*other, "hcd/www", 80, "10.0.0.9")).has_value());
  CHECK(other->commit(load(*other, "theirs", 90, "10.0.0.9")).has_value());
  CHECK(*daemon.refresh());
  const auto names = daemon.disturbed();
  LONGS_EQUAL(2, names.size());
  STRCMP_EQUAL("hcd/www", names[0].c_str());
  STRCMP_EQUAL("theirs", names[1].c_str());
  STRCMP_EQUAL("10.0.0.9", host(daemon, "hcd/www").c_str());
  CHECK(!*daemon.refresh());
}

TEST(TwoWriters, a_commit_on_what_is_no_longer_true_is_refused_and_changes_nothing) {
  CHECK(daemon.commit(load(daemon, "hcd/www", 80, "10.0.0.1")).has_value());
  const auto transaction = load(daemon, "hcd/www", 80, "10.0.0.2");
  const auto other = tool();
  CHECK(other->commit(load(*other, "hcd/www", 80, "10.0.0.9")).has_value());
  const auto refused = daemon.commit(transaction);
  CHECK(!refused.has_value());
  STRCMP_EQUAL("another program has changed the rules meanwhile", refused.error().text.c_str());
  STRCMP_EQUAL("10.0.0.9", host(*tool(), "hcd/www").c_str());
  CHECK(*daemon.refresh());
  CHECK(daemon.commit(load(daemon, "hcd/www", 80, "10.0.0.2")).has_value());
  STRCMP_EQUAL("10.0.0.2", host(*tool(), "hcd/www").c_str());
}

TEST(TwoWriters, one_that_took_over_and_changed_nothing_disturbs_nobody) {
  CHECK(daemon.commit(load(daemon, "hcd/www", 80, "10.0.0.1")).has_value());
  CHECK(tool()->adopted().has_value());
  CHECK(!*daemon.refresh());
  CHECK(daemon.commit(load(daemon, "hcd/www", 80, "10.0.0.2")).has_value());
}

TEST(TwoWriters, lines_that_the_other_gave_up_are_not_written_to_before_a_grace_period) {
  CHECK(daemon.commit(load(daemon, "hcd/www", 80, "10.0.0.1")).has_value());
  const auto other = tool();
  CHECK(other->commit(load(*other, "hcd/www", 80, "10.0.0.9")).has_value());
  const int before = memory.graces;
  CHECK(*daemon.refresh());
  LONGS_EQUAL(before + 1, memory.graces);
}

TEST(TwoWriters, nothing_is_tended_that_the_other_may_have_given_away) {
  CHECK(daemon.commit(load(daemon, "hcd/www", 80, "10.0.0.1")).has_value());
  CHECK(daemon.commit(load(daemon, "hcd/www", 80, "10.0.0.2")).has_value());
  const auto other = tool();
  const int before = memory.graces;
  daemon.tend();
  LONGS_EQUAL(before, memory.graces);
}
