#include "fastpath/base/glob.h"

#include <string>

#include <fnmatch.h>

#include <CppUTest/TestHarness.h>

using namespace hcd;

TEST_GROUP(Glob){
    static bool matches(std::string_view pattern, std::string_view text){const auto glob = Glob::compile(pattern);
CHECK(glob.has_value());
return glob && glob->matches(text);
}
static std::string refusal(std::string_view pattern) {
  const auto glob = Glob::compile(pattern);
  return glob ? "" : glob.error().text;
}
}
;

TEST(Glob, a_star_takes_anything_and_a_question_mark_one_byte) {
  CHECK(matches("220*", "220 mail\r\n"));
  CHECK(matches("*ready*", "not/yet\nready now"));
  CHECK(matches("*", ""));
  CHECK(matches("a?c", "a/c") && !matches("a?c", "ac"));
  CHECK(matches("a**b*", "ab") && !matches("a*b", "abc"));
  CHECK(matches(std::string_view("a?b", 3), std::string_view("a\0b", 3)));
}

TEST(Glob, a_set_takes_one_of_its_bytes) {
  CHECK(matches("[23]00", "200") && matches("[23]00", "300") && !matches("[23]00", "400"));
  CHECK(matches("[a-cx]", "b") && matches("[a-cx]", "x") && !matches("[a-cx]", "d"));
  CHECK(matches("[!5]*", "200") && !matches("[!5]*", "500") && matches("[^5]", "4"));
  CHECK(matches("[]a]", "]") && matches("[a-]", "-") && matches("[\\]]", "]"));
  CHECK(matches("[[:digit:][:upper:]_]", "7") && matches("[[:digit:][:upper:]_]", "Q"));
  CHECK(!matches("[[:digit:]]", "x") && !matches("[z-a]", "m"));
}

TEST(Glob, a_backslash_makes_a_byte_mean_itself) {
  CHECK(matches("\\*", "*") && !matches("\\*", "x"));
  CHECK(matches("\\\\a", "\\a"));
}

TEST(Glob, a_bracket_that_is_not_closed_means_itself) {
  CHECK(matches("[ab", "[ab") && matches("a[", "a[") && matches("[a-", "[a-"));
}

TEST(Glob, what_has_no_meaning_is_refused) {
  STRCMP_EQUAL("the pattern ends with a backslash", refusal("a\\").c_str());
  STRCMP_EQUAL("there is no class [:digits:]", refusal("[[:digits:]]").c_str());
  STRCMP_EQUAL("[= and [. are not supported", refusal("[[=a=]]").c_str());
  STRCMP_EQUAL("a range ends with a byte", refusal("[a-[:digit:]]").c_str());
  STRCMP_EQUAL("the pattern is longer than 1024 bytes", refusal(std::string(1025, 'a')).c_str());
  STRCMP_EQUAL("", refusal(std::string(1024, 'a')).c_str());
}

TEST(Glob, agrees_with_fnmatch) {
  const char* patterns[] = {"a*b?c", "[!a-c]*[0-9]", "*[[:space:]]x*", "[a\\-z]", "[]-a]",  "*a*a*a",
                            "\\[a]", "[[a]",         "[[:x]",          "[^]b]",   "a[b-]c", "[--0]"};
  const char* texts[] = {"",   "a", "ab", "axbyc", "d9", "a x",  "-",   "]", "[a-", "aaa", "[a]",
                         "[a", "z", "[",  ":]",    "x]", "ab]c", "a-c", ".", "b",   "^"};
  for (const auto* pattern : patterns)
    for (const auto* text : texts)
      CHECK_EQUAL_TEXT(fnmatch(pattern, text, 0) == 0, matches(pattern, text),
                       (std::string(pattern) + " on " + text).c_str());
}

TEST(Glob, the_longest_pattern_is_matched_across_its_words) {
  const std::string text(1024, 'a');
  CHECK(matches(text, text));
  CHECK(!matches(text, text.substr(1)));
  CHECK(matches(text.substr(0, 63) + "*b", text + "b"));
  CHECK(matches(text.substr(0, 64) + "*b", text + "b"));
}

TEST(Glob, a_run_tells_a_match_at_its_earliest_byte_however_the_bytes_come) {
  const auto glob = *Glob::compile("220*\n");
  GlobRun run;
  run.begin(glob);
  CHECK(run.feed("22") == GlobRun::State::Open);
  CHECK(run.feed("0 mail") == GlobRun::State::Open);
  CHECK(run.feed("\r\nmore") == GlobRun::State::Matched);
  CHECK(run.feed("x") == GlobRun::State::Matched);
}

TEST(Glob, a_run_tells_when_nothing_can_match_any_more) {
  const auto glob = *Glob::compile("220*");
  GlobRun run;
  run.begin(glob);
  CHECK(run.feed("5") == GlobRun::State::Hopeless);
  CHECK(run.feed("220") == GlobRun::State::Hopeless);
}

TEST(Glob, a_run_for_anything_needs_nothing) {
  const auto glob = *Glob::compile("*");
  GlobRun run;
  run.begin(glob);
  CHECK(run.state() == GlobRun::State::Matched);
}
