#include "ui/theme/theme.h"

#include <set>

#include <CppUTest/TestHarness.h>

using namespace hcd::ui;

TEST_GROUP(Theme){static Ink ink(Palette palette, Role role,
                                 bool many = true){return Theme(palette, many).ink(Cell{.glyph = U'x', .role = role});
}
}
;

TEST(Theme, good_and_bad_differ_in_every_palette) {
  for (const Palette palette : {Palette::Mono, Palette::Colours16, Palette::Colours256, Palette::BlueOrange})
    for (const bool many : {false, true}) CHECK_FALSE(ink(palette, Role::Good, many) == ink(palette, Role::Bad, many));
}

TEST(Theme, mono_has_no_colour_and_few_colours_stay_below_eight) {
  for (std::size_t i = 0; i < kRoles; i++) {
    const auto role = static_cast<Role>(i);
    CHECK_EQUAL(-1, ink(Palette::Mono, role).front);
    CHECK_EQUAL(-1, ink(Palette::Mono, role).back);
    for (const Palette palette : {Palette::Colours16, Palette::BlueOrange}) {
      CHECK(ink(palette, role, false).front < 8);
      CHECK(ink(palette, role, false).back < 8);
    }
  }
}

TEST(Theme, blue_and_orange_use_neither_red_nor_green) {
  const std::set<int> forbidden = {1, 2, 9, 10, 203, 108};
  for (std::size_t i = 0; i < kRoles; i++) {
    CHECK_FALSE(forbidden.contains(ink(Palette::BlueOrange, static_cast<Role>(i)).front));
    CHECK_FALSE(forbidden.contains(ink(Palette::BlueOrange, static_cast<Role>(i), false).front));
  }
}

TEST(Theme, the_chosen_row_and_what_is_stale_look_so) {
  const Theme mono(Palette::Mono);
  CHECK(mono.ink(Cell{.role = Role::Bad, .chosen = true}).reverse);
  CHECK(mono.ink(Cell{.role = Role::Bad, .stale = true}) == mono.ink(Cell{.role = Role::Dim}));
}

TEST(Theme, what_the_terminal_can_and_the_environment_wants_decide) {
  const Wish wish{.palette = "auto", .symbols = "auto", .utf8 = true, .colours = 256};
  CHECK(look_of(wish)->palette == Palette::Colours256);
  CHECK(look_of(wish)->symbols == Symbols::Block);
  const auto with = [&](auto change) {
    Wish other = wish;
    change(other);
    return *look_of(other);
  };
  CHECK(with([](Wish& w) { w.colours = 8; }).palette == Palette::Colours16);
  CHECK(with([](Wish& w) { w.colours = 0; }).palette == Palette::Mono);
  CHECK(with([](Wish& w) { w.no_colour = true; }).palette == Palette::Mono);
  CHECK(with([](Wish& w) { w.utf8 = false; }).symbols == Symbols::Ascii);
  CHECK(with([](Wish& w) { w.ascii = true; }).symbols == Symbols::Ascii);
  CHECK(with([](Wish& w) { w.symbols = "braille"; }).symbols == Symbols::Braille);
  CHECK(with([](Wish& w) { w.palette = "blue-orange"; }).palette == Palette::BlueOrange);
  CHECK_FALSE(look_of({.palette = "pink", .symbols = "auto"}).has_value());
  CHECK_FALSE(look_of({.palette = "auto", .symbols = "runes"}).has_value());
}
