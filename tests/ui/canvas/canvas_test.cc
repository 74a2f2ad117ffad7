#include "ui/canvas/canvas.h"

#include <clocale>

#include <CppUTest/TestHarness.h>

using namespace hcd::ui;

TEST_GROUP(Canvas) {
  Canvas canvas{10, 2};
  void setup() override {
    std::setlocale(LC_CTYPE, "C.UTF-8");
  }
  void teardown() override {
    std::setlocale(LC_CTYPE, "C");
  }
};

TEST(Canvas, text_is_written_where_it_is_put_and_blanks_at_ends_are_left_out) {
  CHECK_EQUAL(5, canvas.put(2, 1, "abc"));
  STRCMP_EQUAL("\n  abc\n", canvas.text().c_str());
}

TEST(Canvas, what_does_not_fit_ends_in_the_cut_mark) {
  canvas.put(0, 0, "0123456789");
  canvas.put(0, 1, "0123456789a");
  STRCMP_EQUAL("0123456789\n012345678~\n", canvas.text().c_str());
  canvas.put(4, 0, "long", Role::Text, 3);
  STRCMP_CONTAINS("0123lo~789\n", canvas.text().c_str());
}

TEST(Canvas, a_character_of_two_columns_is_never_cut_in_the_middle) {
  CHECK_EQUAL(4, canvas.put(0, 0, "日本"));
  CHECK(canvas.at(1, 0).glyph == kTail);
  canvas.put(0, 1, "日本日本日本", Role::Text, 4);
  STRCMP_EQUAL("日本\n日~\n", canvas.text().c_str());
}

TEST(Canvas, what_is_no_printable_character_is_written_as_its_bytes) {
  const auto shown = [](std::string_view text) {
    std::string out;
    for (const char32_t glyph : safe(text)) append_utf8(out, glyph);
    return out;
  };
  STRCMP_EQUAL("a\\x1b[2J\\x00", shown(std::string_view("a\x1b[2J\0", 6)).c_str());
  STRCMP_EQUAL("\\xc0\\x80 \\xed\\xa0\\x80", shown("\xc0\x80 \xed\xa0\x80").c_str());  // too long a form; half a pair
  STRCMP_EQUAL("\\xe2\\x82", shown("\xe2\x82").c_str());                               // cut off
  STRCMP_EQUAL("\\xe2\\x80\\xae", shown("\u202e").c_str());                            // turns the direction around
  STRCMP_EQUAL("e\\xcc\\x81 é €", shown("e\u0301 é €").c_str());
}

TEST(Canvas, nothing_is_written_outside) {
  canvas.put(-2, 0, "abc");
  canvas.put(8, 5, "abc");
  canvas.put(20, 0, "abc");
  canvas.fill(8, 1, 50, U'-', Role::Line);
  canvas.choose(-5, -1, 100);
  canvas.fade(-1, 10);
  STRCMP_EQUAL("c\n        --\n", canvas.text().c_str());
}

TEST(Canvas, an_aligned_text_ends_where_it_is_told_to) {
  canvas.put_right(1, 0, 6, "12ms");
  canvas.put_right(1, 1, 3, "12345");
  STRCMP_EQUAL("   12ms\n 12~\n", canvas.text().c_str());
}

TEST(Canvas, no_size_is_a_size_too) {
  Canvas none(0, 0);
  none.put(0, 0, "abc");
  STRCMP_EQUAL("", none.text().c_str());
  CHECK_EQUAL(Canvas::kWidthMax, Canvas(1'000'000, 1).width());
}
