#include "fastpath/base/lexer.h"

#include "tests/fake/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;

namespace {

// A token a word: strings in quotes, newlines as |, the end left out.
std::string words(Lexer& lexer) {
  std::string out;
  for (auto token = lexer.next(); token.kind != TokenKind::End; token = lexer.next()) {
    if (!out.empty()) out += ' ';
    if (token.kind == TokenKind::Newline) out += '|';
    if (token.kind == TokenKind::String) out += '"' + token.text + '"';
    if (token.kind == TokenKind::Word || token.kind == TokenKind::Symbol) out += token.text;
  }
  return out;
}

}  // namespace

TEST_GROUP(Lexer) {
  MemoryFiles files;
  Macros macros;
  Comments comments = Comments::EndWithLine;
  std::string errors;

  std::string lex(const std::string& text) {
    files.files["conf/hcd.conf"] = text;
    Sources sources(files);
    Diagnostics diagnostics(sources);
    Lexer lexer(sources, diagnostics, macros, comments);
    const auto ok = lexer.open("conf/hcd.conf");
    auto out = ok ? words(lexer) : ok.error().text;
    errors = diagnostics.errors();
    return out;
  }
};

TEST(Lexer, words_strings_and_symbols_are_told_apart) {
  STRCMP_EQUAL("a.b:c/d \"e f\" { } < x > , ! ( ) |", lex("a.b:c/d \"e f\"{}<x>,!()\n").c_str());
  STRCMP_EQUAL("", errors.c_str());
}

TEST(Lexer, a_comment_ends_with_its_line_or_as_in_pf_conf_is_continued) {
  const char* text = "a # note \\\nb # note \\\r\nc\n";
  STRCMP_EQUAL("a | b | c |", lex(text).c_str());
  comments = Comments::Continue;
  STRCMP_EQUAL("a |", lex(text).c_str());
}

TEST(Lexer, comments_blanks_and_continued_lines_vanish) {
  STRCMP_EQUAL("a b c | d", lex("  a \t b \\\n c # note { } \"\nd# end").c_str());
}

TEST(Lexer, a_comment_is_not_continued) {
  STRCMP_EQUAL("a | b", lex("a # note \\\nb").c_str());
}

TEST(Lexer, a_backslash_escapes_its_quote_and_itself_only) {
  STRCMP_EQUAL("\"a\"b\\c\\nd\"", lex(R"("a\"b\\c\nd")").c_str());
  STRCMP_EQUAL("\"a'b\\\"c\"", lex(R"('a\'b\"c')").c_str());
}

TEST(Lexer, a_string_goes_on_behind_a_backslash_at_the_end_of_its_line) {
  STRCMP_EQUAL("\"ab\" |", lex("\"a\\\nb\"\n").c_str());
}

TEST(Lexer, a_macro_stands_for_all_words_of_its_value) {
  STRCMP_EQUAL("x retry 3 { } |", lex("options = \"retry 3 {\"\nx $options }\n").c_str());
}

TEST(Lexer, a_macro_is_literal_inside_quotes) {
  STRCMP_EQUAL("\"$a\"", lex("a=b\n\"$a\"").c_str());
  STRCMP_EQUAL("", errors.c_str());
}

TEST(Lexer, a_macro_can_be_made_of_macros_defined_before) {
  STRCMP_EQUAL("1 2 3", lex("a=1\nb=$a 2 \"3\"\n$b").c_str());
}

TEST(Lexer, a_later_definition_counts_from_there_on) {
  STRCMP_EQUAL("1 | 2", lex("a=1\n$a\na=2\n$a").c_str());
}

TEST(Lexer, the_command_lines_macro_wins_over_the_files) {
  macros["a"] = "cli";
  STRCMP_EQUAL("cli", lex("a=file\n$a").c_str());
}

TEST(Lexer, errors_in_a_macros_value_stand_where_it_is_used) {
  lex("a='\"open'\nx $a\n");
  STRCMP_EQUAL(
      "conf/hcd.conf:2:3: the string is not closed on its line\n"
      "    x $a\n"
      "      ^",
      errors.c_str());
}

TEST(Lexer, a_macro_that_names_itself_is_not_expanded_twice) {
  STRCMP_EQUAL("", lex("a='$a $a'\n$a").c_str());
  STRCMP_CONTAINS("the value of this macro uses macro 'a'", errors.c_str());
}

TEST(Lexer, doubling_a_macro_ends_at_the_bound_of_its_value) {
  std::string text = "a=0123456789\n";
  for (int i = 0; i < 40; i++) text += "a=$a $a\n";
  lex(text);
  STRCMP_CONTAINS("the macro's value is longer than 4096 bytes", errors.c_str());
}

TEST(Lexer, what_all_macros_expand_to_is_bounded) {
  std::string text = "a='" + std::string(4000, 'x') + "'\n";
  for (int i = 0; i < 270; i++) text += "$a\n";
  lex(text);
  STRCMP_CONTAINS("conf/hcd.conf:264:1: macros expand to more than 1048576 bytes", errors.c_str());
}

TEST(Lexer, an_include_is_looked_for_beside_the_file_that_includes) {
  files.files["conf/sub/a"] = "in-a\ninclude \"b\"\n";
  files.files["conf/sub/b"] = "in-b";
  files.files["/abs"] = "in-abs";
  STRCMP_EQUAL("in-a | in-b | | | | in-abs | | end", lex("include \"sub/a\"\ninclude \"/abs\"\nend").c_str());
  STRCMP_EQUAL("", errors.c_str());
}

TEST(Lexer, an_includes_pattern_reads_its_matches_in_their_order) {
  files.files["conf/d/2.conf"] = "two";
  files.files["conf/d/1.conf"] = "one";
  files.files["conf/d/3.txt"] = "three";
  STRCMP_EQUAL("one | two | | end", lex("include \"d/*.conf\"\nend").c_str());
}

TEST(Lexer, a_macro_of_an_included_file_is_known_behind_it) {
  files.files["conf/m"] = "a=1";
  STRCMP_EQUAL("| 1", lex("include \"m\"\n$a").c_str());
}

TEST(Lexer, an_include_of_itself_is_refused_and_reading_goes_on) {
  files.files["conf/a"] = "include \"../conf/hcd.conf\"\nx";
  STRCMP_EQUAL("| x | | end", lex("include \"a\"\nend").c_str());
  STRCMP_CONTAINS("conf/a:1:9: include \"conf/hcd.conf\": this file is being read already", errors.c_str());
}

TEST(Lexer, includes_have_a_depth) {
  for (int i = 0; i < 20; i++) files.files["conf/" + std::to_string(i)] = "include \"" + std::to_string(i + 1) + "\"";
  lex("include \"0\"");
  STRCMP_CONTAINS("conf/14:1:9: includes are nested deeper than 16", errors.c_str());
}

TEST(Lexer, includes_that_multiply_end_at_the_bound_of_files) {
  for (int i = 0; i < 14; i++) {
    const auto next = "include \"" + std::to_string(i + 1) + "\"\n";
    files.files["conf/" + std::to_string(i)] = next + next;
  }
  files.files["conf/14"] = "";
  lex("include \"0\"");
  STRCMP_CONTAINS("more than 1024 files", errors.c_str());
}

TEST(Lexer, a_nul_byte_is_refused_at_its_place) {
  STRCMP_EQUAL("a | b c", lex(std::string("a\nb\0c", 5)).c_str());
  STRCMP_EQUAL("conf/hcd.conf:2:2: byte \\x00 outside of quotes\n    b?c\n     ^", errors.c_str());
}

TEST(Lexer, an_overlong_line_is_refused_with_its_number) {
  std::string line;
  while (line.size() <= 65536) line += "word ";
  lex("a\n" + line + line + "\nb");
  STRCMP_CONTAINS("conf/hcd.conf:2:65541: the line is longer than 65536 bytes", errors.c_str());
  CHECK_EQUAL(errors.find("longer"), errors.rfind("longer"));
}

TEST(Lexer, a_huge_file_is_refused) {
  STRCMP_EQUAL("conf/hcd.conf: larger than 8388608 bytes", lex(std::string((8 << 20) + 1, '\n')).c_str());
}

TEST(Lexer, bytes_that_are_not_text_are_refused_outside_of_quotes) {
  STRCMP_EQUAL("a b", lex("a \x01\xff b").c_str());
  STRCMP_EQUAL("conf/hcd.conf:1:3: byte \\x01 outside of quotes\n    a ?? b\n      ^", errors.c_str());
}

TEST(Lexer, a_control_byte_in_a_string_is_refused) {
  lex("\"a\x1b[31m\"");
  STRCMP_CONTAINS("control byte \\x1b in a string\n    \"a?[31m\"", errors.c_str());
}
