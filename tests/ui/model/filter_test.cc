#include "ui/model/filter.h"

#include "tests/ui/stage.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ui;

TEST_GROUP(Filter) {
  test::Stage stage;
  const Mirror& mirror = stage.desk.live;
  void setup() override {
    stage.tell_site();
  }

  // The hosts that match, by the last part of their names.
  std::string hosts(std::string_view text) {
    const auto filter = Filter::parse(text);
    if (!filter) return "error: " + filter.error().text;
    std::string out;
    for (const auto& [id, host] : mirror.hosts())
      if (filter->matches(subject_of(mirror, {.kind = ctl::Kind::Host, .id = id}, stage.now)))
        out += std::to_string(id) + " ";
    return out;
  }
};

TEST(Filter, nothing_is_everything) {
  STRCMP_EQUAL("11 12 13 14 15 31 41 51 61 62 ", hosts("  ").c_str());
}

TEST(Filter, a_word_is_looked_for_in_the_names_of_a_host_its_table_and_its_services) {
  STRCMP_EQUAL("12 ", hosts("0.0.12").c_str());
  STRCMP_EQUAL("61 62 ", hosts("SMTP").c_str());
  STRCMP_EQUAL("61 62 ", hosts("mx").c_str());
  STRCMP_EQUAL("61 ", hosts("mx mx1").c_str());
  STRCMP_EQUAL("11 12 13 14 15 ", hosts("10.0.0.1?").c_str());
  STRCMP_EQUAL("", hosts("0.0.1?").c_str());
}

TEST(Filter, the_states_as_they_are_shown) {
  STRCMP_EQUAL("12 15 41 61 62 ", hosts("state!=up").c_str());
  STRCMP_EQUAL("41 ", hosts("state=flap").c_str());
  STRCMP_EQUAL("13 15 ", hosts("admin!=on").c_str());
  STRCMP_EQUAL("12 13 15 41 61 62 ", hosts("state!=up or admin=drn").c_str());
}

TEST(Filter, terms_side_by_side_must_all_hold_and_not_turns_one_around) {
  STRCMP_EQUAL("12 ", hosts("table=web* state=down").c_str());
  STRCMP_EQUAL("31 41 51 61 62 ", hosts("not table=web*").c_str());
  STRCMP_EQUAL("31 41 51 61 62 ", hosts("!table=web*").c_str());
  STRCMP_EQUAL("11 13 14 51 ", hosts("service=api state=up or table=web:80 and state=up").c_str());
}

TEST(Filter, numbers_are_compared) {
  STRCMP_EQUAL("14 ", hosts("weight>1").c_str());
  STRCMP_EQUAL("12 41 61 ", hosts("avail<=95").c_str());
  STRCMP_EQUAL("12 ", hosts("id=12").c_str());
  STRCMP_EQUAL("41 ", hosts("age<60").c_str());
  STRCMP_EQUAL("", hosts("lat>50").c_str());
  STRCMP_EQUAL("11 13 14 31 51 ", hosts("lat<50").c_str());  // of one that is down there is none
}

TEST(Filter, what_cannot_be_understood_is_told) {
  STRCMP_EQUAL("error: there is no field \"colour\"", hosts("colour=red").c_str());
  STRCMP_EQUAL("error: name takes = and !=", hosts("name>3").c_str());
  STRCMP_EQUAL("error: \"fast\" is not a number", hosts("lat<fast").c_str());
  STRCMP_CONTAINS("error", hosts("or web").c_str());
  STRCMP_CONTAINS("error", hosts("web or").c_str());
  STRCMP_CONTAINS("error", hosts("web not").c_str());
  STRCMP_CONTAINS("error", hosts("state=").c_str());
  STRCMP_CONTAINS("error", hosts("state!up").c_str());
  STRCMP_CONTAINS("error", hosts(std::string(Filter::kSizeMax + 1, 'x')).c_str());
}
