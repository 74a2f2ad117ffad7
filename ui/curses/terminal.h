// The terminal, by ncurses, which nothing else includes: canvases go in, of which only the cells that have changed are
// handed on, and keys come out. It leaves the terminal as it found it, however the program ends.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "fastpath/base/error.h"
#include "ui/canvas/canvas.h"
#include "ui/keys/keys.h"
#include "ui/theme/theme.h"

namespace hcd::ui {

class Terminal {
 public:
  struct Click {
    int x = 0, y = 0;
    int wheel = 0;  // lines, downwards; 0: a press
  };

  [[nodiscard]] static Result<std::unique_ptr<Terminal>> open();  // standard input and output
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  [[nodiscard]] int width() const;
  [[nodiscard]] int height() const;
  [[nodiscard]] int colours() const;
  void dress(const Theme& theme) { theme_ = theme; }

  void show(const Canvas& canvas);
  void repaint();  // all of it, whatever was there
  void resize();   // to what the terminal is now
  void suspend();  // until the shell lets us go on
  void mouse(bool on);
  void copy(const std::string& text);  // to the terminal's clipboard (OSC 52)

  [[nodiscard]] KeyCode read();     // kKeyNone: nothing was pressed
  [[nodiscard]] bool gone() const;  // nobody can press any more
  [[nodiscard]] const Click& click() const { return click_; }

 private:
  Terminal() = default;
  [[nodiscard]] KeyCode read_mouse();
  [[nodiscard]] short pair(const Ink& ink);
  void put(int x, int y, const Cell& cell);

  void* screen_ = nullptr;  // ncurses' SCREEN
  Theme theme_{Palette::Mono};
  std::optional<Canvas> shown_;
  std::map<std::pair<short, short>, short> pairs_;
  Click click_;
};

}  // namespace hcd::ui
