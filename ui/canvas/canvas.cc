#include "ui/canvas/canvas.h"

#include <algorithm>

#include <wchar.h>

namespace hcd::ui {
namespace {

// One character of at most four bytes in its shortest form (RFC 3629), or 0 bytes taken when there is none.
struct Decoded {
  char32_t glyph = 0;
  std::size_t size = 0;
};

Decoded decode(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (first < 0x80) return {first, 1};
  const std::size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || bytes.size() < size) return {};
  char32_t glyph = first & (0x7fU >> size);
  for (std::size_t i = 1; i < size; i++) {
    const auto next = static_cast<unsigned char>(bytes[i]);
    if ((next & 0xc0) != 0x80) return {};
    glyph = glyph << 6 | (next & 0x3fU);
  }
  const bool shortest = glyph >= (size == 4 ? 0x10000U : size == 3 ? 0x800U : 0x80U);
  if (!shortest || glyph > 0x10ffff || (glyph >= 0xd800 && glyph <= 0xdfff)) return {};
  return {glyph, size};
}

void escape(std::u32string& out, unsigned char byte) {
  constexpr std::u32string_view kHex = U"0123456789abcdef";
  out += U"\\x";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

}  // namespace

int columns(char32_t glyph) {
  if (glyph >= 0x20 && glyph < 0x7f) return 1;
  return wcwidth(static_cast<wchar_t>(glyph));
}

int columns(std::u32string_view text) {
  int out = 0;
  for (const char32_t glyph : text) out += columns(glyph);
  return out;
}

std::u32string safe(std::string_view utf8) {
  std::u32string out;
  while (!utf8.empty()) {
    auto [glyph, size] = decode(utf8);
    if (size > 0 && columns(glyph) > 0) {
      out += glyph;
    } else {
      size = std::max<std::size_t>(size, 1);
      for (const char byte : utf8.substr(0, size)) escape(out, static_cast<unsigned char>(byte));
    }
    utf8.remove_prefix(size);
  }
  return out;
}

void append_utf8(std::string& out, char32_t glyph) {
  const auto byte = [&](char32_t value) { out += static_cast<char>(value); };
  if (glyph < 0x80) {
    byte(glyph);
  } else if (glyph < 0x800) {
    byte(0xc0 | glyph >> 6);
    byte(0x80 | (glyph & 0x3f));
  } else {
    if (glyph < 0x10000) {
      byte(0xe0 | glyph >> 12);
    } else {
      byte(0xf0 | glyph >> 18);
      byte(0x80 | (glyph >> 12 & 0x3f));
    }
    byte(0x80 | (glyph >> 6 & 0x3f));
    byte(0x80 | (glyph & 0x3f));
  }
}

Canvas::Canvas(int width, int height)
    : width_(std::clamp(width, 0, kWidthMax)),
      height_(std::clamp(height, 0, kHeightMax)),
      cells_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_)) {}

int Canvas::put(int x, int y, std::string_view utf8, Role role, int limit) {
  const std::u32string text = safe(utf8);
  const int end = x + std::min(limit, width_ - x);
  const bool fits = x + columns(text) <= end;
  for (const char32_t glyph : text) {
    const int wide = columns(glyph);
    if (x + wide > (fits ? end : end - 1)) break;
    put(x, y, glyph, role);
    if (wide == 2) put(x + 1, y, kTail, role);
    x += wide;
  }
  if (fits || x >= end) return x;
  put(x, y, cut_, role);
  return x + 1;
}

int Canvas::put_right(int x, int y, int width, std::string_view utf8, Role role) {
  const int used = std::min(columns(safe(utf8)), width);
  return put(x + width - used, y, utf8, role, used);
}

void Canvas::put(int x, int y, char32_t glyph, Role role) {
  if (!inside(x, y)) return;
  Cell& cell = cells_[index(x, y)];
  cell.glyph = glyph;
  cell.role = role;
}

void Canvas::fill(int x, int y, int width, char32_t glyph, Role role) {
  for (int i = 0; i < width && x + i < width_; i++) put(x + i, y, glyph, role);
}

void Canvas::choose(int x, int y, int width) {
  for (int i = x; i < std::min(x + width, width_); i++)
    if (inside(i, y)) cells_[index(i, y)].chosen = true;
}

void Canvas::fade(int from, int to) {
  for (int y = std::max(from, 0); y < std::min(to, height_); y++)
    for (int x = 0; x < width_; x++) cells_[index(x, y)].stale = true;
}

std::string Canvas::text() const {
  std::string out;
  for (int y = 0; y < height_; y++) {
    std::string line;
    for (int x = 0; x < width_; x++)
      if (at(x, y).glyph != kTail) append_utf8(line, at(x, y).glyph);
    line.resize(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace hcd::ui
