// The log of events: its last lines, or on the whole screen all that is remembered.
#include "ui/panel/format.h"
#include "ui/panel/pen.h"
#include "ui/panel/screen.h"

namespace hcd::ui {
namespace {

Role role_of(const ctl::Event& event) {
  if (event.kind == ctl::EventKind::Admin) return Role::Drain;
  if (event.text.find("-> down") != std::string::npos) return Role::Bad;
  if (event.text.find("-> up") != std::string::npos) return Role::Good;
  return event.kind == ctl::EventKind::Engine ? Role::Warn : Role::Text;
}

void draw_event(Canvas& canvas, const Area& area, int y, const ctl::Event& event) {
  Pen pen(canvas, area.x, y, area.x + area.width);
  pen.put(clock_text(event.wall_ms), Role::Dim).skip(1);
  const int subject = area.width >= 100 ? 28 : area.width >= 76 ? 22 : 16;
  if (area.width >= 60) {
    canvas.put(pen.x(), y, event_text(event.kind), Role::Dim, 7);
    pen.skip(8);
  }
  canvas.put(pen.x(), y, event.subject, Role::Text, std::min(subject, pen.left()));
  pen.skip(subject + 1);
  pen.put(event.text, role_of(event));
}

// "-- EVENTS ---- 3 new -- l: all ---"
void draw_rule(Canvas& canvas, const Area& area, const Scene& scene, bool whole) {
  canvas.fill(area.x, area.y, area.width, scene.glyphs.across, Role::Line);
  Pen pen(canvas, area.x + 2, area.y, area.x + area.width - 2);
  pen.put(" EVENTS ", Role::Title);
  const std::uint64_t last = scene.desk.shown().last_event(), read = scene.desk.events_read;
  const std::uint64_t fresh = last > read ? last - read : 0;
  const std::string news = fresh > 0 && !whole ? " " + std::to_string(fresh) + " new " : "";
  const std::string hint = whole ? " l: back " : " l: all ";
  int x = area.x + area.width - 2 - static_cast<int>(hint.size());
  canvas.put(x, area.y, hint, Role::Dim);
  x -= static_cast<int>(news.size()) + 2;
  if (!news.empty()) canvas.put(x, area.y, news, Role::Warn);
}

}  // namespace

void draw_events(Canvas& canvas, const Area& area, const Scene& scene, bool whole) {
  const auto& events = scene.desk.shown().events();
  const bool ruled = whole || area.height > 1;
  if (ruled) draw_rule(canvas, area, scene, whole);
  const int first = area.y + (ruled ? 1 : 0), rows = area.height - (ruled ? 1 : 0);
  const int back = whole ? std::clamp(scene.desk.log_top, 0, std::max(0, static_cast<int>(events.size()) - rows)) : 0;
  const int shown = std::min(rows, static_cast<int>(events.size()) - back);
  for (int i = 0; i < shown; i++)  // the newest first
    draw_event(canvas, area, first + i, events[events.size() - 1 - static_cast<std::size_t>(back + i)]);
  if (events.empty() && ruled) canvas.put(area.x + 2, first, "nothing has happened yet", Role::Dim, area.width - 2);
}

}  // namespace hcd::ui
