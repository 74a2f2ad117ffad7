// Writes pieces of text in different roles one after the other on one line.
#pragma once
#include <algorithm>

#include "ui/canvas/canvas.h"

namespace hcd::ui {

class Pen {
 public:
  Pen(Canvas& canvas, int x, int y, int end) : canvas_(canvas), x_(x), y_(y), end_(end) {}
  Pen& put(std::string_view text, Role role = Role::Text) {
    if (x_ < end_) x_ = canvas_.put(x_, y_, text, role, end_ - x_);
    return *this;
  }
  // As a whole, with a gap before it unless it is the first; or not at all.
  bool fit(std::string_view text, Role role, int gap = 2) {
    if (x_ > 0) gap = std::max(gap, 0);
    if (x_ + gap + columns(safe(text)) > end_) return false;
    x_ += gap;
    put(text, role);
    return true;
  }
  Pen& skip(int n) {
    x_ += n;
    return *this;
  }
  [[nodiscard]] int x() const { return x_; }
  [[nodiscard]] int left() const { return end_ - x_; }

 private:
  Canvas& canvas_;
  int x_, y_, end_;
};

}  // namespace hcd::ui
