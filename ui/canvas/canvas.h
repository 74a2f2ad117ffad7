// A grid of cells that panels draw on and that a terminal, a file or a test shows. It knows no terminal: a cell has a
// character and a role, and what a role looks like is the theme's to say.
//
// Names come from configurations, reasons from servers: what is no printable character of the locale is written as \xNN, so
// that no text can move the cursor or reorder a line. A character of two columns takes two cells; the second holds kTail.
#pragma once
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace hcd::ui {

enum class Role : std::uint8_t {
  Text,
  Dim,     // what is there but does not matter now
  Title,   // of a column, a pane
  Strong,  // a name that others stand under
  Bar,     // the first line, the last line
  Good,
  Warn,
  Bad,
  Off,  // disabled by an operator
  Drain,
  Graph,
  GraphBad,  // a failed check
  Line,      // rules between panes
  Key,       // what may be pressed
  Ask,       // a question to the operator
  Mark,
};
inline constexpr std::size_t kRoles = static_cast<std::size_t>(Role::Mark) + 1;

struct Cell {
  char32_t glyph = U' ';
  Role role = Role::Text;
  bool chosen = false;  // the row under the cursor
  bool stale = false;   // nobody knows whether it is still so
  friend bool operator==(const Cell&, const Cell&) = default;
};
inline constexpr char32_t kTail = 0;

// Decoded and made safe: every character is printable, and is one or two columns wide.
[[nodiscard]] std::u32string safe(std::string_view utf8);
[[nodiscard]] int columns(char32_t glyph);
[[nodiscard]] int columns(std::u32string_view text);
void append_utf8(std::string& out, char32_t glyph);

class Canvas {
 public:
  static constexpr int kWidthMax = 1000, kHeightMax = 100'000;

  Canvas(int width, int height);  // clamped to what is allowed

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  [[nodiscard]] const Cell& at(int x, int y) const { return cells_[index(x, y)]; }

  // Writes what fits into `limit` columns from x on; a text that does not fit ends in the cut mark. Returns the column
  // after it. Outside of the canvas nothing is written.
  int put(int x, int y, std::string_view utf8, Role role = Role::Text, int limit = std::numeric_limits<int>::max());
  int put_right(int x, int y, int width, std::string_view utf8, Role role = Role::Text);  // ends at x + width
  void put(int x, int y, char32_t glyph, Role role);
  void fill(int x, int y, int width, char32_t glyph, Role role);
  void choose(int x, int y, int width);
  void fade(int from, int to);  // rows
  void cut_mark(char32_t glyph) { cut_ = glyph; }

  [[nodiscard]] std::string text() const;  // lines, without blanks at their ends

 private:
  [[nodiscard]] std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
  }
  [[nodiscard]] bool inside(int x, int y) const { return x >= 0 && x < width_ && y >= 0 && y < height_; }

  int width_, height_;
  char32_t cut_ = U'~';
  std::vector<Cell> cells_;
};

}  // namespace hcd::ui
