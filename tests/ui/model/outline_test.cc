#include "ui/model/outline.h"

#include "tests/ui/stage.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ui;

TEST_GROUP(Outline) {
  test::Stage stage;
  Outline outline;
  Choice choice;
  void setup() override {
    stage.tell_site();
  }

  // Names of what is shown, a level being a '.' before each, notes left out.
  std::string shown() {
    choice.version++;
    return kept();
  }
  std::string kept() {
    outline.refresh(stage.desk.live, choice, stage.now);
    std::string out;
    for (const auto& line : outline.lines()) {
      if (line.note) continue;
      const std::string name = name_of(stage.desk.live, line.key);
      out += std::string(line.depth, '.') + name.substr(name.rfind('/') + 1) + " ";
    }
    return out;
  }
  void only(const char* filter) {
    choice.filter = *Filter::parse(filter);
  }
};

TEST(Outline, the_tree_has_the_worst_first) {
  STRCMP_EQUAL(
      "smtp .mx:25 ..mx1.example.org ..mx2.example.org api .api:8443 ..10.0.1.21 .sorry:80 ..127.0.0.1 www .web:80 "
      "..10.0.0.12 ..10.0.0.13 ..10.0.0.15 ..10.0.0.11 ..10.0.0.14 dns .dns:53 ..10.0.3.53 ",
      shown().c_str());
}

TEST(Outline, a_filter_leaves_what_stands_above_a_match) {
  only("state=down");
  STRCMP_EQUAL("smtp .mx:25 ..mx1.example.org www .web:80 ..10.0.0.12 ", shown().c_str());
  CHECK_EQUAL(8U, outline.hidden());
}

TEST(Outline, problems_alone) {
  choice.problems = true;
  STRCMP_EQUAL("smtp .mx:25 ..mx1.example.org ..mx2.example.org api .api:8443 ..10.0.1.21 www .web:80 ..10.0.0.12 ",
               shown().c_str());
}

TEST(Outline, what_is_folded_hides_what_is_below_it) {
  choice.folded = {{.kind = ctl::Kind::Service, .id = 4}, {.kind = ctl::Kind::Table, .id = 1, .service = 1}};
  STRCMP_EQUAL("smtp api .api:8443 ..10.0.1.21 .sorry:80 ..127.0.0.1 www .web:80 dns .dns:53 ..10.0.3.53 ",
               shown().c_str());
}

TEST(Outline, hosts_are_sorted_by_address_as_a_number) {
  choice.view = View::Hosts;
  choice.sort = Sort::Name;
  stage.host("10.0.0.14").name = "10.0.0.9";
  stage.rows.hosts[3].address = *Address::parse("10.0.0.9");
  stage.tell(stage.rows);
  only("table=web:80");
  STRCMP_EQUAL("10.0.0.9 10.0.0.11 10.0.0.12 10.0.0.13 10.0.0.15 ", shown().c_str());
  choice.reverse = true;
  STRCMP_EQUAL("10.0.0.15 10.0.0.13 10.0.0.12 10.0.0.11 10.0.0.9 ", shown().c_str());
}

TEST(Outline, what_changes_is_placed_anew_and_the_rest_stays) {
  choice.view = View::Hosts;
  only("table=web:80");
  STRCMP_EQUAL("10.0.0.12 10.0.0.13 10.0.0.15 10.0.0.11 10.0.0.14 ", shown().c_str());
  stage.host("10.0.0.14").word = ctl::HostWord::Down;
  stage.host("10.0.0.12").word = ctl::HostWord::Up;
  stage.tell(stage.host("10.0.0.14"));
  stage.tell(stage.host("10.0.0.12"));
  STRCMP_EQUAL("10.0.0.14 10.0.0.13 10.0.0.15 10.0.0.11 10.0.0.12 ", kept().c_str());
  choice.sort = Sort::Configured;
  STRCMP_EQUAL("10.0.0.11 10.0.0.12 10.0.0.13 10.0.0.14 10.0.0.15 ", shown().c_str());
}

TEST(Outline, a_frozen_order_stays_until_something_comes_or_goes) {
  choice.view = View::Hosts;
  only("table=web:80");
  (void)shown();
  choice.frozen = true;
  stage.host("10.0.0.14").word = ctl::HostWord::Down;
  stage.tell(stage.host("10.0.0.14"));
  STRCMP_EQUAL("10.0.0.12 10.0.0.13 10.0.0.15 10.0.0.11 10.0.0.14 ", kept().c_str());
  stage.tell(ctl::Gone{.kind = ctl::Kind::Host, .id = 13});
  STRCMP_EQUAL("10.0.0.12 10.0.0.14 10.0.0.15 10.0.0.11 ", kept().c_str());
}

TEST(Outline, a_filter_by_age_is_judged_anew_as_time_passes) {
  choice.view = View::Hosts;
  only("age<60");
  STRCMP_EQUAL("10.0.1.21 ", shown().c_str());
  stage.now += 60'000;
  STRCMP_EQUAL("", kept().c_str());
}

TEST(Outline, a_table_without_a_service_stands_by_itself) {
  stage.tell(ctl::Gone{.kind = ctl::Kind::Service, .id = 2});
  only("dns:53");
  STRCMP_EQUAL("dns:53 .10.0.3.53 ", shown().c_str());
}

// The incremental order and one made anew are the same, whatever happens.
TEST(Outline, the_order_kept_is_the_order_made_anew) {
  choice.view = View::Hosts;
  (void)shown();
  std::uint32_t random = 1;
  for (int i = 0; i < 500; i++) {
    random = random * 1'103'515'245 + 12'345;
    auto& row = stage.rows.hosts[random / 65'536 % stage.rows.hosts.size()];
    row.word = static_cast<ctl::HostWord>(random / 4096 % 4);
    row.weight = static_cast<std::uint16_t>(random / 256 % 5);
    stage.tell(row);
    choice.sort = static_cast<Sort>(i / 50 % kSorts);
    if (i % 50 == 0) (void)shown();
    if (i % 3 != 0) continue;
    Outline fresh;
    const std::string held = kept();
    std::swap(fresh, outline);
    STRCMP_EQUAL(shown().c_str(), held.c_str());
  }
}
