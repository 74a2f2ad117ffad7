// The one table of keys: what a key does is looked up here, and the help, the last line of the screen and the manual page's
// table are made of it.
#pragma once
#include <span>
#include <string_view>

namespace hcd::ui {

// A key as the terminal gave it: a character, or one of these.
using KeyCode = char32_t;
enum Special : KeyCode {
  kKeyUp = 0x110000,
  kKeyDown,
  kKeyLeft,
  kKeyRight,
  kKeyHome,
  kKeyEnd,
  kKeyPageUp,
  kKeyPageDown,
  kKeyBackspace,
  kKeyF1,
  kKeyDelete,
  kKeyMouse,    // where, the terminal tells beside it
  kKeyIgnored,  // one that means nothing here
  kKeyNone,     // nothing was pressed
};
inline constexpr KeyCode kKeyEscape = 27, kKeyEnter = '\n', kKeyTab = '\t';
constexpr KeyCode control(char letter) {
  return static_cast<KeyCode>(letter - 'a' + 1);
}

enum class Act : unsigned char {
  Quit,
  Back,
  Help,
  Up,
  Down,
  PageUp,
  PageDown,
  First,
  Last,
  Fold,
  Unfold,
  FoldAll,
  UnfoldAll,
  FoldTurn,
  Detail,
  NextView,
  GoView,  // the digit pressed
  Search,
  SearchNext,
  SearchBack,
  Filter,
  Problems,
  SortNext,
  SortBack,
  Reverse,
  SortBy,  // the capital pressed
  Freeze,
  Pause,
  Mark,
  Range,
  MarkAll,
  MarkNone,
  Disable,
  Enable,
  Drain,
  Weight,
  Check,
  Undo,
  Command,
  Interval,
  Slower,
  Faster,
  Log,
  Export,
  Copy,
  Mouse,
  Redraw,
  Suspend,
  Refresh,
};

enum class Group : unsigned char { Move, See, Change, Rest };
[[nodiscard]] std::string_view group_text(Group group);

struct Binding {
  Act act;
  std::u32string_view keys;
  std::string_view shown;  // "j Down"
  std::string_view help;
  Group group;
  std::string_view hint;  // its word in the last line, or empty
};
[[nodiscard]] std::span<const Binding> bindings();
[[nodiscard]] const Binding* binding_of(KeyCode key);

}  // namespace hcd::ui
