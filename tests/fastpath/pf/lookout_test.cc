#include "fastpath/pf/lookout.h"

#include "tests/fake/recorded_pfctl.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::fastpath;
using namespace hcd::fastpath::pf;
using pfconf::Dialect;

namespace {

TableEntry entry(const char* text) {
  return {*Address::parse(text)};
}

}  // namespace

TEST_GROUP(PfLookout) {
  test::RecordedPfctl pfctl;
  Lookout lookout;
  Ruleset ours;
  TimePoint now{Seconds(100)};

  void setup() override {
    Anchor& www = ours["hcd/www"];
    www.tables.emplace("www", *make_table("www", {entry("10.0.0.1"), entry("10.0.0.2")}));
    www.rules = {{.to = *Address::parse("192.0.2.80"), .port = 80, .table = "www"}};
  }
  void teardown() override {
    LONGS_EQUAL(0, pfctl.steps.size());
  }
  void expect_listing(const char* rules, const char* entries) {
    pfctl.expect("-a hcd/www -s Tables", "", {.out = entries == nullptr ? "" : "www\n"});
    pfctl.expect("-a hcd/www -s rules", "", {.out = rules});
    if (entries != nullptr) pfctl.expect("-a hcd/www -t www -vv -T show", "", {.out = entries});
  }
  // The anchor that is not ours any more; none: all is as it was.
  std::optional<Anchor> look(Dialect dialect = Dialect::New) {
    now += Seconds(1);
    auto found = lookout.look(pfctl, dialect, ours, now);
    if (!found) FAIL(found.error().text.c_str());
    if (!*found) return std::nullopt;
    STRCMP_EQUAL("hcd/www", (*found)->name.c_str());
    return std::move((*found)->anchor);
  }
  std::optional<Anchor> look_at(const char* rules, const char* entries) {
    expect_listing(rules, entries);
    return look();
  }
  static constexpr const char* kBoth = "   10.0.0.2\n   10.0.0.1\n";
};

TEST(PfLookout, what_is_listed_first_after_a_load_is_ours_whatever_it_looks_like) {
  CHECK(!look_at("pass in the way that pf writes it\n", kBoth));
  CHECK(!look_at("pass in the way that pf writes it\n", kBoth));
  lookout.forget("hcd/www");
  CHECK(!look_at("pass in otherwise\n", kBoth));
}

TEST(PfLookout, other_rules_are_found_once) {
  CHECK(!look_at("pass\n", kBoth));
  const auto found = look_at("block\n", kBoth);
  CHECK(found && found->rules.empty());
  LONGS_EQUAL(2, found->tables.at("www").entries.size());
  CHECK(!look_at("pass\n", kBoth));
}

TEST(PfLookout, rules_that_are_gone_are_found_at_the_first_look) {
  CHECK(look_at("", kBoth)->rules.empty());
}

TEST(PfLookout, addresses_that_came_or_went_are_found) {
  CHECK(!look_at("pass\n", kBoth));
  const auto found = look_at("pass\n", "   10.0.0.2\n   10.0.0.9\n");
  LONGS_EQUAL(1, found->rules.size());
  LONGS_EQUAL(2, found->tables.at("www").entries.size());
  CHECK(found->tables.at("www").entries[1].address == *Address::parse("10.0.0.9"));
}

TEST(PfLookout, a_table_that_is_gone_is_found) {
  CHECK(!look_at("pass\n", kBoth));
  CHECK(look_at("pass\n", nullptr)->tables.empty());
}

TEST(PfLookout, a_table_that_pf_adds_to_is_not_compared) {
  ours["hcd/www"].rules[0].limits.overload = "www";
  pfctl.expect("-a hcd/www -s Tables", "", {.out = "www\n"});
  pfctl.expect("-a hcd/www -s rules", "", {.out = "pass\n"});
  CHECK(!look());
}

TEST(PfLookout, the_older_dialect_lists_translations_too) {
  for (const char* filter : {"pass\n", "block\n"}) {
    pfctl.expect("-a hcd/www -s Tables", "", {.out = "www\n"});
    pfctl.expect("-a hcd/www -s nat", "", {.out = "rdr\n"});
    pfctl.expect("-a hcd/www -s rules", "", {.out = filter});
    pfctl.expect("-a hcd/www -t www -vv -T show", "", {.out = kBoth});
    CHECK(look(Dialect::Old).has_value() == (filter == std::string("block\n")));
  }
}

TEST(PfLookout, an_anchor_that_cannot_be_listed_is_gone_where_its_name_is_not_listed_either) {
  pfctl.expect("-a hcd/www -s Tables", "", {.status = 1, .err = "pfctl: Anchor does not exist.\n"});
  pfctl.expect("-a hcd -s Anchors", "", {.out = "  hcd/other\n"});
  const auto found = look();
  CHECK(found && found->rules.empty() && found->tables.empty());
  pfctl.expect("-a hcd/www -s Tables", "", {.status = 1, .err = "pfctl: Device busy\n"});
  pfctl.expect("-a hcd -s Anchors", "", {.out = "  hcd/www\n"});
  STRCMP_CONTAINS("Device busy", lookout.look(pfctl, Dialect::New, ours, now + Seconds(1)).error().text.c_str());
}

TEST(PfLookout, anchors_have_their_turn_one_a_second) {
  ours["hcd/api"] = {};
  pfctl.expect("-a hcd/api -s Tables");
  pfctl.expect("-a hcd/api -s rules");
  CHECK(!look());
  CHECK(!*lookout.look(pfctl, Dialect::New, ours, now));  // nothing is run
  CHECK(!look_at("pass\n", kBoth));
  pfctl.expect("-a hcd/api -s Tables");
  pfctl.expect("-a hcd/api -s rules");
  CHECK(!look());
}
