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
  CHECK(command->targets == std::vector<std::string>{"webhosts:80"});
  CHECK(parse({"host", "e", "1"})->action == ctl::Action::Enable);
  CHECK(parse({"host", "dr", "1"})->action == ctl::Action::Drain);
  CHECK(parse({"host", "undrain", "1"})->action == ctl::Action::Undrain);
  CHECK(!parse({"table", "drain", "1"}).has_value());
}

TEST(Grammar, checks_are_shown_or_made_now_of_what_the_operator_names) {
  const auto now = parse({"check", "now", "web*"});
  CHECK(now->verb == Verb::CheckNow);
  CHECK(now->targets == std::vector<std::string>{"web*"});
  CHECK(parse({"show", "checks", "webhosts"})->verb == Verb::ShowChecks);
  STRCMP_EQUAL("a word is missing; possible: HOST-TABLE-OR-PATTERN ...", refused({"check", "now"}).c_str());
}

TEST(Grammar, redirect_is_another_word_for_service) {
  CHECK(parse({"redirect", "enable", "www"})->kind == ctl::Kind::Service);
  CHECK(parse({"show", "redirects"})->verb == Verb::ShowServices);
}

TEST(Grammar, what_is_not_understood_is_answered_with_the_words_that_are_possible_there) {
  STRCMP_EQUAL(
      "a word is missing; possible: checks, events, hosts, metrics, overrides, redirects, relays, routes, services, "
      "sessions, sinks, summary, tables, version",
      refused({"show"}).c_str());
  STRCMP_EQUAL("\"x\\x1b\" is not known; possible: disable, drain, enable, undrain, weight",
               refused({"host", "x\x1b"}).c_str());
  STRCMP_EQUAL("a word is missing; possible: NAME-OR-ID ...", refused({"host", "enable"}).c_str());
  STRCMP_EQUAL("\"now\" is not known; possible: confirm-within", refused({"reload", "now"}).c_str());
  STRCMP_EQUAL("\"now\" is too much", refused({"poll", "now"}).c_str());
}

TEST(Grammar, a_stop_leaves_the_rules_unless_it_is_told_to_unload) {
  CHECK(!parse({"stop"})->unload);
  CHECK(parse({"stop", "unload"})->unload);
  STRCMP_EQUAL("\"now\" is not known; possible: unload", refused({"stop", "now"}).c_str());
  STRCMP_CONTAINS("  stop\n  stop unload\n", usage().c_str());
}

TEST(Grammar, the_usage_names_every_command) {
  STRCMP_CONTAINS("  table disable NAME-OR-ID ...\n", usage().c_str());
  STRCMP_CONTAINS("  show summary\n", usage().c_str());
}

// Whatever the table becomes: no word of a place is the beginning of another there, and each is reachable.
TEST(Grammar, every_word_of_the_table_is_understood_in_full) {
  for (const auto& word : language()) {
    const auto command = parse({word.name});
    CHECK(command || !command.error().text.starts_with("\""));
  }
}

TEST(Grammar, several_names_may_be_given_and_where_an_argument_may_stand_words_are_not_shortened) {
  CHECK(parse({"host", "dis", "a", "b", "dis"})->targets == (std::vector<std::string>{"a", "b", "dis"}));
  CHECK(parse({"check", "now", "a", "b"})->verb == Verb::CheckNow);
  const auto check = parse({"check", "no"});
  CHECK(check->verb == Verb::Check && !check->kind && check->targets == std::vector<std::string>{"no"});
  CHECK(parse({"check", "table", "now"})->kind == ctl::Kind::Table);
  STRCMP_EQUAL("\"b\" is too much", refused({"check", "a", "b"}).c_str());
  STRCMP_EQUAL("an argument is empty; possible: NAME-OR-ID ...", refused({"host", "drain", ""}).c_str());
}

TEST(Grammar, the_help_says_what_each_command_is_for) {
  STRCMP_CONTAINS("  host drain NAME-OR-ID ...                   check it, but give it no new sessions\n",
                  help().c_str());
}

TEST(Grammar, completion_gets_each_place_with_its_words_and_the_kinds_of_its_arguments) {
  const std::string lines = grammar_lines();
  STRCMP_CONTAINS("/\tmonitor\tprint what changes, as it changes\n", lines.c_str());
  STRCMP_CONTAINS("/host\tundrain\t", lines.c_str());
  STRCMP_CONTAINS("/host/drain\t<host...>\t", lines.c_str());
  STRCMP_CONTAINS("/host/drain/*\t<host...>\t", lines.c_str());
  STRCMP_CONTAINS("/load\t<file>\tFILE\n", lines.c_str());
  CHECK(!lines.contains("/load/*"));
}

TEST(Grammar, words_after_names_are_words_only_in_full) {
  const auto drain = parse({"host", "drain", "a", "wai", "wait", "90s"});
  CHECK(drain->targets == (std::vector<std::string>{"a", "wai"}));
  CHECK(drain->wait && drain->wait_limit == Seconds(90));
  CHECK(!parse({"host", "drain", "a", "wait"})->wait_limit);
  CHECK(parse({"table", "disable", "a", "cut"})->cut);
  CHECK(!parse({"table", "disable", "a", "keep"})->cut);
  STRCMP_EQUAL("a time is written 30, 30s, 10m or 1h", refused({"host", "drain", "a", "wait", "soon"}).c_str());
  STRCMP_EQUAL("\"b\" is too much", refused({"host", "disable", "a", "cut", "b"}).c_str());
}

TEST(Grammar, a_weight_is_a_number_or_the_configurations) {
  const auto weight = parse({"host", "weight", "web:80/*", "7"});
  CHECK(weight->action == ctl::Action::Weight && weight->weight == 7);
  CHECK(parse({"host", "weight", "a", "reset"})->action == ctl::Action::ResetWeight);
  STRCMP_EQUAL("a weight is 1 to 1000, or reset", refused({"host", "weight", "a", "0"}).c_str());
  STRCMP_EQUAL("a word is missing; possible: reset, WEIGHT", refused({"host", "weight", "a"}).c_str());
}

TEST(Grammar, a_reload_may_be_taken_back_by_itself_or_at_once) {
  CHECK(parse({"rel"})->confirm_within == Seconds(0));
  CHECK(parse({"reload", "confirm-within", "2m"})->confirm_within == Seconds(120));
  CHECK(parse({"confirm"})->keep);
  const auto revert = parse({"revert"});
  CHECK(revert->verb == Verb::Confirm && !revert->keep);
  CHECK(parse({"log", "v"})->verbose);
  CHECK_EQUAL(100, parse({"show", "events"})->events);
  CHECK_EQUAL(5, parse({"show", "events", "5"})->events);
  STRCMP_EQUAL("1 to 1000 events can be shown", refused({"show", "events", "0"}).c_str());
}
