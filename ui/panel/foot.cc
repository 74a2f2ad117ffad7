// The last lines: what was done or is being asked, and the keys that matter most.
#include "ui/keys/keys.h"
#include "ui/panel/format.h"
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

constexpr int kIndent = 2;  // of what would come of a change

// In lines of at most so many bytes, broken at blanks.
void wrap(std::vector<std::string>& out, std::string_view text, int width) {
  const auto room = static_cast<std::size_t>(std::max(width, 20));
  while (text.size() > room) {
    const auto blank = text.substr(0, room + 1).rfind(' ');
    const auto end = blank == std::string_view::npos || blank == 0 ? room : blank;
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(end == blank ? end + 1 : end);
  }
  out.emplace_back(text);
}

// "30m", "2h": of a change's end.
std::string end_text(std::uint32_t seconds) {
  return seconds == 0 ? "forever" : short_age(static_cast<std::int64_t>(seconds) * 1000);
}

void draw_confirm(Canvas& canvas, const Area& area, const Scene& scene) {
  const Ask& ask = scene.desk.ask;
  const auto lines = ask_lines(ask, area.width);
  const int last = area.y + area.height - 1;
  for (int i = 0; i < static_cast<int>(lines.size()) && area.y + i < last; i++)
    canvas.put(area.x + (i == 0 ? 0 : kIndent), area.y + i, lines[static_cast<std::size_t>(i)],
               i == 0 ? Role::Ask : Role::Warn, area.width);
  const Area line{area.x, last, area.width, 1};
  switch (ask.field) {
    case Ask::Field::Reason: return draw_prompt(canvas, line, "reason: ", scene.desk.typed);
    case Ask::Field::Weight: return draw_prompt(canvas, line, "weight: ", scene.desk.typed);
    case Ask::Field::Name:
      return draw_prompt(canvas, line, "type " + name_to_type(ask.consequence) + " to go on: ", scene.desk.typed);
    case Ask::Field::Answer: break;
  }
  Pen pen(canvas, area.x, last, area.x + area.width);
  const auto key = [&](std::string_view name, std::string_view what, const std::string& value = {}) {
    pen.put(name, Role::Key).put(what, Role::Dim);
    if (!value.empty()) pen.put(" " + value, Role::Text);
    pen.skip(2);
  };
  key("[y]", "es");
  key("[N]", "o");
  key("r", "eason:", ask.change.reason.empty() ? "-" : ask.change.reason);
  key("f", "or:", end_text(ask.change.for_s));
  if (ask.change.action == ctl::Action::Disable) key("k", "eep/cut sessions:", ask.change.cut ? "cut" : "keep");
}

}  // namespace

std::vector<std::string> ask_lines(const Ask& ask, int width) {
  if (ask.field == Ask::Field::Weight) return {"Which weight?"};
  std::string question = intent_text(ask.consequence);
  if (!question.empty() && question[0] >= 'a' && question[0] <= 'z')
    question[0] = static_cast<char>(question[0] - 'a' + 'A');
  std::vector<std::string> out = {question + "?"};
  for (const auto& line : effect_lines(ask.consequence)) wrap(out, line, width - kIndent);
  return out;
}

void draw_ask(Canvas& canvas, const Area& area, const Scene& scene) {
  const Desk& desk = scene.desk;
  switch (desk.mode) {
    case Mode::Search: return draw_prompt(canvas, area, "search: ", desk.typed);
    case Mode::FilterText: return draw_prompt(canvas, area, "filter: ", desk.typed);
    case Mode::Command: return draw_prompt(canvas, area, "hcctl ", desk.typed);
    case Mode::Interval: return draw_prompt(canvas, area, "seconds: ", desk.typed);
    case Mode::Confirm: return draw_confirm(canvas, area, scene);
    case Mode::Browse:
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
