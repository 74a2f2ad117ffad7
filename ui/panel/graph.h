// Small graphs: the last checks of a host, the newest at the right. The height is the latency's logarithm, so that what grows
// slow is seen before it dies; a check that failed is an x, not a low bar.
#pragma once
#include "ui/canvas/canvas.h"
#include "ui/model/mirror.h"
#include "ui/model/series.h"
#include "ui/model/trail.h"
#include "ui/theme/theme.h"

namespace hcd::ui {

// What a table allows for a check; of no table, a second.
[[nodiscard]] std::uint32_t timeout_us(const Table* table);

void draw_trail(Canvas& canvas, int x, int y, int width, const Trail& trail, std::uint32_t timeout_us,
                const Glyphs& glyphs);

// The newest at the right; the highest bar is the greatest value there.
void draw_series(Canvas& canvas, int x, int y, int width, const Series& series, const Glyphs& glyphs);

}  // namespace hcd::ui
