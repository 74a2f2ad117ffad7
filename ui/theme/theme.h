// What the roles of a canvas look like, and which characters graphs and trees are drawn with. Colour is never alone: each
// state has its word and its glyph too, so a theme without colours loses nothing.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "ui/canvas/canvas.h"

namespace hcd::ui {

struct Glyphs {
  char32_t open, closed;  // folds
  char32_t mark, alarm, cut;
  char32_t across, down;     // rules between panes
  char32_t failed, nothing;  // in a graph of checks
  std::u32string_view bars;  // of a graph, the lowest first
  bool braille = false;      // two checks in a cell, of Unicode's braille; other graphs have the bars
};
enum class Symbols : std::uint8_t { Ascii, Block, Braille };
[[nodiscard]] const Glyphs& glyphs(Symbols symbols);

// How a cell is to be shown: colours as the terminal counts them, -1 for its own.
struct Ink {
  short front = -1, back = -1;
  bool bold = false, dim = false, reverse = false, underline = false;
  friend bool operator==(const Ink&, const Ink&) = default;
};

enum class Palette : std::uint8_t { Mono, Colours16, Colours256, BlueOrange };

class Theme {
 public:
  explicit Theme(Palette palette, bool many_colours = true) : palette_(palette), many_(many_colours) {}
  [[nodiscard]] Ink ink(const Cell& cell) const;
  [[nodiscard]] Palette palette() const { return palette_; }

 private:
  [[nodiscard]] Ink ink(Role role) const;
  Palette palette_;
  bool many_;  // the terminal has 256
};

// What the environment and the options say.
struct Look {
  Palette palette = Palette::Mono;
  Symbols symbols = Symbols::Ascii;
  bool many_colours = false;
};
struct Wish {
  std::string_view palette;  // auto, mono, 16, 256, blue-orange
  std::string_view symbols;  // auto, ascii, block, braille
  bool no_colour = false;    // -C, or NO_COLOR is set and not empty
  bool ascii = false;        // -U
  bool utf8 = false;         // the locale's characters
  int colours = 0;           // the terminal's
};
[[nodiscard]] std::optional<Look> look_of(const Wish& wish);  // nothing: there is no theme of that name

// The canvas as text with the escape sequences of ECMA-48 for its inks.
[[nodiscard]] std::string coloured(const Canvas& canvas, const Theme& theme);

}  // namespace hcd::ui
