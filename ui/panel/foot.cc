// The last lines: what was done or is being asked, and the keys that matter most.
#include "ui/keys/keys.h"
#include "ui/panel/pen.h"
#include "ui/panel/screen.h"

namespace hcd::ui {
namespace {

void draw_prompt(Canvas& canvas, const Area& area, std::string_view what, const std::string& typed) {
  Pen pen(canvas, area.x, area.y, area.x + area.width);
  pen.put(what, Role::Key);
  // Of a long text its end is seen, where it grows.
  const int room = std::max(1, pen.left() - 1);
  const std::u32string text = safe(typed);
  std::size_t from = 0;
  while (columns(std::u32string_view(text).substr(from)) > room) from++;
  std::string seen;
  for (const char32_t glyph : std::u32string_view(text).substr(from)) append_utf8(seen, glyph);
  pen.put(seen, Role::Text);
  canvas.put(pen.x(), area.y, U' ', Role::Text);
  canvas.choose(pen.x(), area.y, 1);
}

}  // namespace

void draw_ask(Canvas& canvas, const Area& area, const Scene& scene) {
  const Desk& desk = scene.desk;
  switch (desk.mode) {
    case Mode::Search: return draw_prompt(canvas, area, "search: ", desk.typed);
    case Mode::FilterText: return draw_prompt(canvas, area, "filter: ", desk.typed);
    case Mode::Command: return draw_prompt(canvas, area, "hcctl ", desk.typed);
    case Mode::Interval: return draw_prompt(canvas, area, "seconds: ", desk.typed);
    case Mode::Browse:
    case Mode::Confirm:
    case Mode::Help:
    case Mode::Output: break;
  }
  canvas.put(area.x, area.y, desk.message, desk.alarming ? Role::Bad : Role::Dim, area.width);
}

void draw_keys(Canvas& canvas, const Area& area, const Scene&) {
  Pen pen(canvas, area.x, area.y, area.x + area.width);
  for (const auto& binding : bindings()) {
    if (binding.hint.empty()) continue;
    const std::string_view key = binding.shown.substr(0, binding.shown.find(' '));
    const int wide = static_cast<int>(key.size() + 1 + binding.hint.size());
    const int gap = pen.x() == area.x ? 0 : 2;
    if (wide + gap > pen.left()) continue;
    pen.skip(gap).put(key, Role::Key).skip(1).put(binding.hint, Role::Dim);
  }
}

}  // namespace hcd::ui
