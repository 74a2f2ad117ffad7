#include "ui/panel/graph.h"

#include <algorithm>
#include <array>

namespace hcd::ui {
namespace {

// Dots of Unicode's braille block, by height from the bottom: the left column of a cell, the right one.
constexpr std::array<unsigned, 4> kLeft = {0x40, 0x44, 0x46, 0x47}, kRight = {0x80, 0xa0, 0xb0, 0xb8};
constexpr char32_t kBraille = 0x2800;

// Two checks in a cell; one that failed takes the whole of it, for it matters more than its neighbour.
void draw_pair(Canvas& canvas, int x, int y, const Trail& trail, std::size_t newer, std::uint32_t timeout_us,
               const Glyphs& glyphs) {
  unsigned dots = 0;
  for (const std::size_t n : {newer + 1, newer}) {
    if (n >= trail.size()) continue;
    const auto point = trail.ago(n);
    if (point.failed) return canvas.put(x, y, glyphs.failed, Role::GraphBad);
    dots |= (n == newer ? kRight : kLeft)[level(point.latency_us, timeout_us, kLeft.size())];
  }
  canvas.put(x, y, dots == 0 ? glyphs.nothing : kBraille + dots, Role::Graph);
}

}  // namespace

std::uint32_t timeout_us(const Table* table) {
  constexpr std::int64_t kMost = 4'000'000;  // ms
  if (table == nullptr || table->row.timeout.count() <= 0) return 1'000'000;
  return static_cast<std::uint32_t>(std::min<std::int64_t>(table->row.timeout.count(), kMost) * 1000);
}

void draw_trail(Canvas& canvas, int x, int y, int width, const Trail& trail, std::uint32_t timeout_us,
                const Glyphs& glyphs) {
  for (int i = 0; i < width; i++) {
    const int column = x + width - 1 - i;
    const auto n = static_cast<std::size_t>(i);
    if (glyphs.braille) {
      draw_pair(canvas, column, y, trail, 2 * n, timeout_us, glyphs);
    } else if (n >= trail.size()) {
      canvas.put(column, y, glyphs.nothing, Role::Dim);
    } else if (const auto point = trail.ago(n); point.failed) {
      canvas.put(column, y, glyphs.failed, Role::GraphBad);
    } else {
      canvas.put(column, y, glyphs.bars[level(point.latency_us, timeout_us, glyphs.bars.size())], Role::Graph);
    }
  }
}

void draw_series(Canvas& canvas, int x, int y, int width, const Series& series, const Glyphs& glyphs) {
  const auto shown = std::min(static_cast<std::size_t>(std::max(width, 0)), series.size());
  std::uint64_t most = 1;
  for (std::size_t n = 0; n < shown; n++) most = std::max(most, series.ago(n));
  const std::u32string_view bars = glyphs.bars;
  for (std::size_t n = 0; n < shown; n++) {
    const double part = static_cast<double>(series.ago(n)) / static_cast<double>(most);
    const auto height = static_cast<std::size_t>(part * static_cast<double>(bars.size() - 1) + 0.5);
    canvas.put(x + width - 1 - static_cast<int>(n), y, bars[height], Role::Graph);
  }
}

}  // namespace hcd::ui
