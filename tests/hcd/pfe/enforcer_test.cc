#include "hcd/pfe/enforcer.h"

#include "fastpath/memory/memory_engine.h"
#include "hcd/pfe/steering.h"
#include "tests/fake/fake_loop.h"
#include "tests/hcd/pfe/sample.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::pfe;

TEST_GROUP(Enforcer) {
  test::FakeLoop loop;
  std::string refusing;  // the anchor that the kernel will not have
  int commits = 0;
  fastpath::MemoryEngine engine{[this](const std::vector<fastpath::Change>& changes) -> Status {
    commits++;
    for (const auto& change : changes)
      if (std::visit([this](const auto& c) { return c.anchor == refusing; }, change))
        return fail(Code::Limit, "no space left");
    return {};
  }};
  std::vector<std::string> said;
  Enforcer enforcer{loop,
                    engine,
                    {.confirmed = [this](const std::string& anchor) { said.push_back(anchor); },
                     .refused =
                         [this](const std::string& anchor, const Error& error, Seconds retry) {
                           said.push_back(anchor + " " + error.text + " " + std::to_string(retry.count()));
                         }}};

  [[nodiscard]] static fastpath::Anchor anchor(const char* to) {
    conf::Service service = test::sample().services.front();
    service.virtuals.front().address = test::address(to);
    return steer("hcd", {.conf = service,
                         .enabled = true,
                         .tables = {{.port = 80,
                                     .hosts = {{.address = test::address("10.0.0.1"), .state = ipc::HostState::Up}}}}})
        .anchor;
  }
};

TEST(Enforcer, what_is_wanted_in_one_round_is_one_transaction) {
  enforcer.want("hcd/a", anchor("192.0.2.1"));
  enforcer.want("hcd/b", anchor("192.0.2.2"));
  CHECK_EQUAL(0, commits);
  loop.run();
  CHECK_EQUAL(1, commits);
  CHECK_EQUAL(2U, engine.ruleset().size());
  CHECK_EQUAL(2U, said.size());
}

TEST(Enforcer, an_anchor_that_is_refused_holds_up_no_other_and_says_why) {
  refusing = "hcd/a";
  enforcer.want("hcd/a", anchor("192.0.2.1"));
  enforcer.want("hcd/b", anchor("192.0.2.2"));
  loop.run();
  CHECK(engine.ruleset().contains("hcd/b") && !engine.ruleset().contains("hcd/a"));
  STRCMP_EQUAL("no space left", enforcer.error("hcd/a").c_str());
  STRCMP_EQUAL("", enforcer.error("hcd/b").c_str());
}

TEST(Enforcer, a_refused_anchor_is_tried_again_ever_later_until_it_is_taken) {
  refusing = "hcd/a";
  enforcer.want("hcd/a", anchor("192.0.2.1"));
  loop.advance(Seconds(0));
  loop.advance(Seconds(1));
  loop.advance(Seconds(2));
  CHECK_EQUAL(3, commits);
  STRCMP_EQUAL("hcd/a no space left 4", said.back().c_str());
  refusing.clear();
  loop.advance(Seconds(4));
  CHECK(engine.ruleset().contains("hcd/a"));
  STRCMP_EQUAL("", enforcer.error("hcd/a").c_str());
  loop.advance(Seconds(1));  // tending
  CHECK_EQUAL(0U, loop.timers());
}

TEST(Enforcer, another_want_meanwhile_does_not_try_the_refused_one) {
  refusing = "hcd/a";
  enforcer.want("hcd/a", anchor("192.0.2.1"));
  loop.run();
  enforcer.want("hcd/b", anchor("192.0.2.2"));
  loop.run();
  CHECK_EQUAL(2, commits);
}

TEST(Enforcer, replace_takes_all_or_nothing_and_removes_what_is_not_named) {
  CHECK(enforcer.replace("hcd", {{"hcd/a", anchor("192.0.2.1")}}).has_value());
  refusing = "hcd/c";
  CHECK(!enforcer.replace("hcd", {{"hcd/b", anchor("192.0.2.2")}, {"hcd/c", anchor("192.0.2.3")}}));
  CHECK(engine.ruleset().contains("hcd/a") && engine.ruleset().size() == 1);
  refusing.clear();
  CHECK(enforcer.replace("hcd", {{"hcd/b", anchor("192.0.2.2")}}).has_value());
  CHECK(engine.ruleset().contains("hcd/b") && engine.ruleset().size() == 1);
}

TEST(Enforcer, lets_the_engine_tend_to_what_a_commit_puts_off_a_second_after_the_first_change) {
  struct Tended final : fastpath::Engine {
    fastpath::Ruleset rules;
    int tended = 0;
    std::string name() const override { return "tended"; }
    const fastpath::Ruleset& ruleset() const override { return rules; }
    Status commit(const fastpath::Transaction&) override { return {}; }
    Result<fastpath::Counters> rule_counters(const std::string&) const override { return fastpath::Counters(); }
    Result<std::vector<fastpath::AddressCounters>> table_counters(const std::string&,
                                                                  const std::string&) const override {
      return std::vector<fastpath::AddressCounters>();
    }
    void tend() override { tended++; }
  } tended;
  Enforcer other(loop, tended, {.confirmed = [](const auto&) {}, .refused = [](const auto&, const auto&, auto) {}});
  loop.advance(Seconds(10));
  CHECK_EQUAL(0, tended.tended);
  for (int i = 0; i < 5; i++) {
    other.want("hcd/a", anchor("192.0.2.1"));
    loop.advance(Milliseconds(200));
  }
  CHECK_EQUAL(1, tended.tended);
  loop.advance(Seconds(10));
  CHECK_EQUAL(1, tended.tended);
}

TEST(Enforcer, anchors_of_another_prefix_are_left_alone) {
  CHECK(enforcer.replace("hcd", {{"hcd/a", anchor("192.0.2.1")}}).has_value());
  CHECK(enforcer.replace("hc", {{"hc/b", anchor("192.0.2.2")}}).has_value());
  CHECK_EQUAL(2U, engine.ruleset().size());
}
