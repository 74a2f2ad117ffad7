// A frame: where each panel stands for the size there is, and all of them drawn. Pure: the same desk, size and time give the
// same frame.
#pragma once
#include "ui/canvas/canvas.h"
#include "ui/model/desk.h"
#include "ui/theme/theme.h"

namespace hcd::ui {

inline constexpr int kLeastWidth = 40, kLeastHeight = 8;

struct Area {
  int x = 0, y = 0, width = 0, height = 0;
};

struct Layout {
  bool fits = true;
  Area head, titles, body, detail, events, ask, keys;  // of no height: not there
};
[[nodiscard]] Layout layout_of(int width, int height, const Desk& desk);

struct Scene {
  const Desk& desk;
  const Glyphs& glyphs;
  std::int64_t now_ms = 0;
};

void draw_head(Canvas& canvas, const Area& area, const Scene& scene);
void draw_rows(Canvas& canvas, const Area& titles, const Area& body, const Scene& scene);
void draw_detail(Canvas& canvas, const Area& area, const Scene& scene);
void draw_events(Canvas& canvas, const Area& area, const Scene& scene, bool whole);
void draw_ask(Canvas& canvas, const Area& area, const Scene& scene);
void draw_keys(Canvas& canvas, const Area& area, const Scene& scene);
void draw_page(Canvas& canvas, const Area& area, const Scene& scene);
void draw_small(Canvas& canvas);

// The desk is settled for this size, then drawn.
[[nodiscard]] Canvas draw(Desk& desk, int width, int height, const Glyphs& glyphs, std::int64_t now_ms);

// What there is to read before a change is made.
[[nodiscard]] std::vector<std::string> ask_lines(const Ask& ask, int width);

[[nodiscard]] std::vector<std::string> help_lines();  // of the table of keys

}  // namespace hcd::ui
