#include "ui/panel/screen.h"

#include <algorithm>

namespace hcd::ui {
namespace {

int head_height(int width, int height) {
  if (width >= 140 && height >= 30) return 4;  // with graphs
  return height >= 16 ? 3 : height >= 11 ? 2 : 1;
}

int ask_height(int width, int height, const Desk& desk) {
  if (desk.mode != Mode::Confirm) return 1;
  return std::clamp(static_cast<int>(ask_lines(desk.ask, width).size()) + 1, 2, std::max(2, height - 5));
}

int events_height(int height) {
  if (height < 10) return 0;
  if (height < 20) return 1;
  return std::clamp((height - 12) / 4, 3, 9) + 1;  // and a line that parts them from the rows
}

constexpr int kPaneFrom = 120;  // columns, from which on the detail stands beside the rows

}  // namespace

Layout layout_of(int width, int height, const Desk& desk) {
  Layout out;
  if (width < kLeastWidth || height < kLeastHeight) {
    out.fits = false;
    return out;
  }
  const auto whole = [width](int y, int rows) { return Area{0, y, width, std::max(rows, 0)}; };
  const int head = head_height(width, height), keys = height >= 11 && !desk.batch ? 1 : 0;
  const int events = desk.log || desk.batch ? 0 : events_height(height);
  out.head = whole(0, head);
  out.keys = whole(height - keys, keys);
  out.ask = desk.batch ? whole(height, 0)
                       : whole(height - keys - ask_height(width, height, desk), ask_height(width, height, desk));
  out.events = whole(out.ask.y - events, events);
  out.titles = whole(head, 1);
  out.body = whole(head + 1, out.events.y - head - 1);
  if (!desk.detail || desk.log) return out;
  if (width < kPaneFrom) {
    out.detail = whole(head, out.events.y - head);
    return out;
  }
  const int pane = std::clamp(width * 3 / 8, 46, 64);
  out.detail = {width - pane, head, pane, out.events.y - head};
  out.titles.width = out.body.width = width - pane - 1;
  return out;
}

void draw_small(Canvas& canvas) {
  const std::string have = std::to_string(canvas.width()) + "x" + std::to_string(canvas.height());
  const std::string need = std::to_string(kLeastWidth) + "x" + std::to_string(kLeastHeight);
  const std::string lines[] = {"terminal too small:", "have " + have + ", need " + need};
  const int top = std::max(0, canvas.height() / 2 - 1);
  for (int i = 0; i < 2; i++)
    canvas.put(std::max(0, (canvas.width() - static_cast<int>(lines[i].size())) / 2), top + i, lines[i], Role::Warn);
}

Canvas draw(Desk& desk, int width, int height, const Glyphs& glyphs, std::int64_t now_ms) {
  Canvas canvas(width, height);
  canvas.cut_mark(glyphs.cut);
  const Layout layout = layout_of(width, height, desk);
  desk.settle(layout.body.height, now_ms);
  if (!layout.fits) {
    draw_small(canvas);
    return canvas;
  }
  const Scene scene{desk, glyphs, now_ms};
  const Area middle{0, layout.titles.y, width, layout.events.y - layout.titles.y};
  const bool narrow = layout.detail.width == width;
  if (desk.mode == Mode::Help || desk.mode == Mode::Output) {
    draw_page(canvas, middle, scene);
  } else if (desk.log || desk.choice.view == View::Events) {
    draw_events(canvas, middle, scene, true);
  } else {
    if (!narrow) draw_rows(canvas, layout.titles, layout.body, scene);
    if (layout.detail.height > 0) draw_detail(canvas, layout.detail, scene);
  }
  if (layout.events.height > 0) draw_events(canvas, layout.events, scene, false);
  if (desk.link.stale() && !desk.link.replayed) canvas.fade(layout.head.height, layout.ask.y);
  draw_head(canvas, layout.head, scene);
  if (layout.ask.height > 0) draw_ask(canvas, layout.ask, scene);
  if (layout.keys.height > 0) draw_keys(canvas, layout.keys, scene);
  return canvas;
}

}  // namespace hcd::ui
