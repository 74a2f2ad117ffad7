#include "tools/hcctl/grammar.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;
using namespace hcd::hcctl;

TEST_GROUP(Grammar){
    static std::string refused(const std::vector<std::string_view>& words){const auto command = parse(words);
return command ? "accepted" : command.error().text;
}
}
;

TEST(Grammar, words_may_be_shortened_as_long_as_they_are_unique) {
  CHECK(parse({"show", "su"})->verb == Verb::ShowSummary);
  CHECK(parse({"sh", "h"})->verb == Verb::ShowHosts);
  CHECK(parse({"m"})->verb == Verb::Monitor);
  CHECK(parse({"rel"})->verb == Verb::Reload);
  STRCMP_EQUAL("\"s\" is ambiguous; possible: service, show, stop", refused({"s"}).c_str());
}

TEST(Grammar, a_change_has_a_kind_an_action_and_a_target_of_the_operators_choice) {
  const auto command = parse({"table", "dis", "webhosts:80"});
  CHECK(command->verb == Verb::Change && command->kind == ctl::Kind::Table);
  CHECK(command->action == ctl::Action::Disable);
  STRCMP_EQUAL("webhosts:80", command->target.c_str());
  CHECK(parse({"host", "e", "1"})->action == ctl::Action::Enable);
  CHECK(parse({"host", "dr", "1"})->action == ctl::Action::Drain);
  CHECK(parse({"host", "undrain", "1"})->action == ctl::Action::Undrain);
  CHECK(!parse({"table", "drain", "1"}).has_value());
}

TEST(Grammar, checks_are_shown_or_made_now_of_what_the_operator_names) {
  const auto now = parse({"check", "now", "web*"});
  CHECK(now->verb == Verb::CheckNow);
  STRCMP_EQUAL("web*", now->target.c_str());
  CHECK(parse({"show", "checks", "webhosts"})->verb == Verb::ShowChecks);
  STRCMP_EQUAL("a word is missing; possible: HOST-TABLE-OR-PATTERN", refused({"check", "now"}).c_str());
}

TEST(Grammar, redirect_is_another_word_for_service) {
  CHECK(parse({"redirect", "enable", "www"})->kind == ctl::Kind::Service);
  CHECK(parse({"show", "redirects"})->verb == Verb::ShowServices);
}

TEST(Grammar, what_is_not_understood_is_answered_with_the_words_that_are_possible_there) {
  STRCMP_EQUAL("a word is missing; possible: checks, hosts, redirects, services, summary, tables",
               refused({"show"}).c_str());
  STRCMP_EQUAL("\"x\\x1b\" is not known; possible: disable, drain, enable, undrain",
               refused({"host", "x\x1b"}).c_str());
  STRCMP_EQUAL("a word is missing; possible: NAME-OR-ID", refused({"host", "enable"}).c_str());
  STRCMP_EQUAL("\"now\" is too much", refused({"reload", "now"}).c_str());
}

TEST(Grammar, a_stop_leaves_the_rules_unless_it_is_told_to_unload) {
  CHECK(!parse({"stop"})->unload);
  CHECK(parse({"stop", "unload"})->unload);
  STRCMP_EQUAL("\"now\" is not known; possible: unload", refused({"stop", "now"}).c_str());
  STRCMP_CONTAINS("  stop\n  stop unload\n", usage().c_str());
}

TEST(Grammar, the_usage_names_every_command) {
  STRCMP_CONTAINS("  table disable NAME-OR-ID\n", usage().c_str());
  STRCMP_CONTAINS("  show summary\n", usage().c_str());
}

// Whatever the table becomes: no word of a place is the beginning of another there, and each is reachable.
TEST(Grammar, every_word_of_the_table_is_understood_in_full) {
  for (const auto& word : language()) {
    const auto command = parse({word.name});
    CHECK(command || !command.error().text.starts_with("\""));
  }
}
