#include "fastpath/base/diagnostics.h"

#include "tests/fake/memory_files.h"

#include <CppUTest/TestHarness.h>

using namespace hcd;

TEST_GROUP(Diagnostics) {
  MemoryFiles files;
  Sources sources{files};
  Diagnostics diagnostics{sources};

  void load(const std::string& text) {
    files.files["f"] = text;
    CHECK(sources.load("f").has_value());
  }
};

TEST(Diagnostics, the_caret_stands_below_its_place_behind_tabs) {
  load("\ta\tb\n");
  diagnostics.error({0, 1, 4}, "wrong");
  STRCMP_EQUAL("f:1:4: wrong\n    \ta\tb\n    \t \t^", diagnostics.errors().c_str());
}

TEST(Diagnostics, errors_are_told_in_the_order_of_the_file) {
  load("a\nb\n");
  diagnostics.error({0, 2, 1}, "second");
  diagnostics.error({0, 1, 1}, "first");
  STRCMP_EQUAL("f:1:1: first\n    a\n    ^\nf:2:1: second\n    b\n    ^", diagnostics.errors().c_str());
}

TEST(Diagnostics, a_long_line_is_cut_around_the_place) {
  load(std::string(1000, 'a') + "X" + std::string(1000, 'b'));
  diagnostics.error({0, 1, 1001}, "wrong");
  const auto lines = diagnostics.errors();
  CHECK(lines.size() < 300);
  const auto text = lines.find("    a");
  const auto caret = lines.find("\n    ", text) + 1;
  CHECK_EQUAL(lines.find('X') - text, lines.find('^') - caret);
}

TEST(Diagnostics, a_place_behind_the_last_line_shows_an_empty_one) {
  load("a\n");
  diagnostics.error({0, 2, 1}, "the end");
  STRCMP_EQUAL("f:2:1: the end\n    \n    ^", diagnostics.errors().c_str());
}

TEST(Diagnostics, fifty_errors_are_all_told) {
  load("a\n");
  for (int i = 0; i < 50; i++) diagnostics.error({0, 1, 1}, "wrong");
  CHECK(!diagnostics.full());
  CHECK(!diagnostics.errors().contains("too many"));
}

TEST(Diagnostics, more_than_fifty_end_with_a_sentence) {
  load("a\n");
  for (int i = 0; i < 51; i++) diagnostics.error({0, 1, 1}, "wrong");
  CHECK(diagnostics.full());
  CHECK(diagnostics.errors().ends_with("too many errors: the rest is not shown"));
}

TEST(Diagnostics, a_warning_says_so_and_is_no_failure) {
  load("a\n");
  diagnostics.warning({0, 1, 1}, "odd");
  CHECK(!diagnostics.failed());
  CHECK_EQUAL(1U, diagnostics.warnings().size());
  STRCMP_EQUAL("f:1:1: warning: odd\n    a\n    ^", diagnostics.warnings()[0].c_str());
}
