#include "hcd/ctl/change.h"

#include "hcd/ctl/protocol.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::ctl;

namespace {

Consequence two_of_four() {
  return {.action = Action::Disable,
          .changed = 2,
          .objects = "2 hosts of web:80",
          .tables = {{.name = "web:80",
                      .changed = 2,
                      .hosts = 4,
                      .up_before = 2,
                      .up_after = 1,
                      .minimum = 2,
                      .weight_before = 2,
                      .weight_after = 1,
                      .sessions = 3100,
                      .sessions_hit = 1900,
                      .left = {"10.0.0.11"}}}};
}

std::string lines(const Consequence& consequence) {
  std::string out;
  for (const auto& line : effect_lines(consequence)) out += line + "\n";
  return out;
}

}  // namespace

TEST_GROUP(ControlChange){};

TEST(ControlChange, the_consequence_is_a_line_for_each_table_and_service) {
  Consequence consequence = two_of_four();
  STRCMP_EQUAL("disable 2 hosts of web:80", intent_text(consequence).c_str());
  STRCMP_EQUAL(
      "web:80: 1/4 up afterwards (10.0.0.11), 1.9k of 3.1k sessions affected, weight 2 -> 1 (-50%), below its minimum "
      "of "
      "2\n",
      lines(consequence).c_str());
  consequence.cut = true;
  consequence.tables[0].up_after = consequence.tables[0].weight_after = 0;
  consequence.tables[0].left.clear();
  consequence.services = {
      {.name = "www", .before = ServiceWord::Active, .after = ServiceWord::Down, .sessions = 3100},
      {.name = "api", .before = ServiceWord::Active, .after = ServiceWord::Backup, .table = "sorry:80"}};
  consequence.services_more = 1;
  STRCMP_EQUAL(
      "web:80: 0/4 up afterwards, 1.9k of 3.1k sessions cut, weight 2 -> 0 (-100%), nothing is left\n"
      "service www: active -> down, rules removed, 3.1k sessions there now\n"
      "service api: active -> active (using backup table), table sorry:80\n"
      "and 1 more service\n",
      lines(consequence).c_str());
  consequence.kind = Kind::Service;
  consequence.tables.clear();
  consequence.services.pop_back();
  consequence.services_more = 0;
  STRCMP_EQUAL("service www: active -> down, rules removed, 3.1k sessions cut\n", lines(consequence).c_str());
}

TEST(ControlChange, a_name_is_to_be_typed_for_what_empties_or_starves_a_table_or_takes_a_service_down) {
  Consequence consequence = two_of_four();
  STRCMP_EQUAL("web:80", name_to_type(consequence).c_str());
  consequence.tables[0].minimum = 1;
  STRCMP_EQUAL("", name_to_type(consequence).c_str());
  consequence.tables[0].up_after = 0;
  STRCMP_EQUAL("web:80", name_to_type(consequence).c_str());
  consequence.tables.clear();
  consequence.services = {{.name = "www", .before = ServiceWord::Backup, .after = ServiceWord::Disabled}};
  STRCMP_EQUAL("www", name_to_type(consequence).c_str());
}

TEST(ControlChange, weights_are_said_with_their_number) {
  const Consequence weight{.action = Action::Weight, .weight = 5, .changed = 1, .objects = "host 10.0.0.1 of web"};
  STRCMP_EQUAL("set the weight of host 10.0.0.1 of web to 5", intent_text(weight).c_str());
  STRCMP_EQUAL("host 10.0.0.1 of web weight 5", outcome_text({.consequence = weight}).c_str());
  STRCMP_EQUAL("host 10.0.0.1 of web: would be weight 5",
               outcome_text({.dry_run = true, .consequence = weight}).c_str());
}

TEST(ControlChange, counts_are_short) {
  const std::pair<std::uint64_t, const char*> all[] = {{0, "0"},         {999, "999"},     {1000, "1.0k"},
                                                       {3149, "3.1k"},   {9949, "9.9k"},   {9950, "10k"},
                                                       {999499, "999k"}, {999500, "1.0M"}, {UINT64_MAX, "18E"}};
  for (const auto& [count, text] : all) STRCMP_EQUAL(text, count_text(count).c_str());
}

TEST(ControlChange, undoing_brings_back_what_was_and_only_where_something_changed) {
  const Wish<bool> off{.value = false, .configured = true};
  const Wish<std::uint16_t> five{.value = 5, .configured = 1}, seven{.value = 7, .configured = 1};
  const auto changes = undo({{.id = 1, .name = "web/a", .before = {}, .after = {.enabled = off}},
                             {.id = 2, .name = "web/b", .before = {}, .after = {.enabled = off}},
                             {.id = 3, .name = "web/c", .already = true, .before = {}, .after = {.enabled = off}},
                             {.id = 4, .name = "web/d", .before = {.weight = five}, .after = {.weight = seven}},
                             {.id = 5, .name = "web/e", .before = {.weight = five}, .after = {}},
                             {.id = 6, .name = "web/f", .before = {}, .after = {.weight = five}},
                             {.id = 7, .name = "web/g", .before = {.drained = Wish<bool>{.value = true}}, .after = {}},
                             {.id = 8, .name = "web/h", .before = {.enabled = off}, .after = {}}},
                            42);
  std::string said;
  for (const auto& change : changes) {
    CHECK_EQUAL(42U, *change.generation);
    said += std::string(action_text(change.action)) + (change.weight == 0 ? "" : std::to_string(change.weight));
    for (const auto& target : change.targets) said += " " + target.text;
    said += "; ";
  }
  STRCMP_EQUAL("enable web/a web/b; weight5 web/d web/e; reset weight web/f; drain web/g; disable web/h; ",
               said.c_str());
}
