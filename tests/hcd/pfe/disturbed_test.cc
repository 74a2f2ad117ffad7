// What the Director does when another program has changed the engine's rules.
#include "tests/hcd/pfe/director_fixture.h"

using namespace hcd;
using namespace hcd::test;

namespace {

// An engine with a second writer.
class SharedEngine final : public fastpath::Engine {
 public:
  [[nodiscard]] std::string name() const override { return "shared"; }
  [[nodiscard]] const fastpath::Ruleset& ruleset() const override { return engine_.ruleset(); }
  [[nodiscard]] Status commit(const fastpath::Transaction& transaction) override { return engine_.commit(transaction); }
  [[nodiscard]] Result<fastpath::Counters> rule_counters(const std::string& anchor) const override {
    return engine_.rule_counters(anchor);
  }
  [[nodiscard]] Result<std::vector<fastpath::AddressCounters>> table_counters(const std::string& anchor,
                                                                              const std::string& table) const override {
    return engine_.table_counters(anchor, table);
  }
  [[nodiscard]] Result<bool> refresh() override {
    if (unseen) return fail(Code::System, "no view");
    if (!theirs_) return false;
    disturbed_ = {theirs_->first};
    auto transaction = engine_.begin();
    bring_about(transaction, theirs_->first, theirs_->second);
    theirs_.reset();
    return engine_.commit(transaction).has_value();
  }
  [[nodiscard]] std::vector<std::string> disturbed() const override { return disturbed_; }
  bool unseen = false;
  void disturb(const std::string& anchor, fastpath::Anchor now) { theirs_.emplace(anchor, std::move(now)); }

 private:
  fastpath::MemoryEngine engine_;
  std::optional<std::pair<std::string, fastpath::Anchor>> theirs_;
  std::vector<std::string> disturbed_;
};

}  // namespace

TEST_GROUP_BASE(Disturbed, DirectorFixture) {
  SharedEngine* shared = nullptr;

  void setup() override {
    auto made = std::make_unique<SharedEngine>();
    shared = made.get();
    start(std::move(made));
    CHECK(director->configure(sample()).has_value());
    for (const auto& host : director->snapshot().hosts) result(host.id, HostState::Up);
    events.clear();
  }
  [[nodiscard]] bool has(const std::string& anchor) const {
    return shared->ruleset().contains(anchor);
  }
  [[nodiscard]] static fastpath::Anchor other(std::uint16_t port) {
    return {.rules = {{.to = address("192.0.2.99"), .port = port, .table = "x"}},
            .tables = {{"x", *fastpath::make_table("x", {{address("10.9.9.9")}})}}};
  }
  void pass_a_second() {
    loop.advance(Seconds(1));
    loop.run();
  }
};

TEST(Disturbed, an_anchor_of_ours_is_put_back_and_said) {
  const auto before = shared->ruleset();
  CHECK(has("hcd/www"));
  shared->disturb("hcd/www", other(99));
  pass_a_second();
  CHECK(before == shared->ruleset());
  LONGS_EQUAL(1, std::ranges::count(events, "hcd/www: changed by another program; put back"));
}

TEST(Disturbed, one_that_was_removed_is_put_back) {
  const auto before = shared->ruleset();
  shared->disturb("hcd/www", {});
  pass_a_second();
  CHECK(before == shared->ruleset());
}

TEST(Disturbed, an_anchor_below_our_prefix_that_is_no_service_goes) {
  shared->disturb("hcd/strange", other(98));
  pass_a_second();
  CHECK(!has("hcd/strange"));
}

TEST(Disturbed, an_anchor_of_others_is_theirs) {
  shared->disturb("others", other(97));
  pass_a_second();
  CHECK(has("others"));
  LONGS_EQUAL(1, std::ranges::count(events, "others: changed by another program"));
}

TEST(Disturbed, an_engine_that_cannot_be_looked_at_is_told_of_once_until_it_can_again) {
  for (const bool unseen : {true, true, false, true}) {
    shared->unseen = unseen;
    pass_a_second();
  }
  CHECK_EQUAL(2U, events.size());
  STRCMP_CONTAINS("what is in force cannot be looked at: no view", events.front().c_str());
}
