#include "ui/theme/theme.h"

namespace hcd::ui {
namespace {

using Inks = std::array<Ink, kRoles>;

constexpr Ink fore(short colour, bool bold = false) {
  return {.front = colour, .bold = bold};
}

// The order is Role's: Text Dim Title Strong Bar Good Warn Bad Off Drain Graph GraphBad Line Key Ask Mark.
constexpr Inks kMono = {Ink{},
                        {.dim = true},
                        {.underline = true},
                        {.bold = true},
                        {.bold = true},
                        {},
                        {.bold = true},
                        {.bold = true},
                        {.dim = true},
                        {.underline = true},
                        {},
                        {.bold = true},
                        {.dim = true},
                        {.bold = true},
                        {.bold = true, .reverse = true},
                        {.bold = true}};

constexpr Inks k16 = {Ink{},        fore(8),       {.front = 6},  {.bold = true}, fore(6, true),
                      fore(2),      fore(3),       fore(1, true), fore(8),        fore(5),
                      fore(2),      fore(1, true), fore(8),       fore(6, true),  {.front = 0, .back = 3},
                      fore(3, true)};

constexpr Inks k8 = {Ink{},        {.dim = true}, {.front = 6},  {.bold = true}, fore(6, true),
                     fore(2),      fore(3),       fore(1, true), {.dim = true},  fore(5),
                     fore(2),      fore(1, true), {.dim = true}, fore(6, true),  {.front = 0, .back = 3},
                     fore(3, true)};

// Quiet: greys for what is well, colour for what is not.
constexpr Inks k256 = {Ink{},          fore(244),       {.front = 110},  fore(255, true), fore(110, true),
                       fore(108),      fore(179),       fore(203, true), fore(241),       fore(140),
                       fore(66),       fore(203, true), fore(239),       fore(110, true), {.front = 233, .back = 179},
                       fore(179, true)};

// Blue for what is well, orange for what is not (Okabe and Ito's pair), which all common forms of colour blindness tell apart.
constexpr Inks kBlueOrange256 = {
    Ink{},          fore(244),       fore(250),       fore(255, true), fore(255, true),
    fore(75),       fore(222),       fore(208, true), fore(241),       fore(152),
    fore(67),       fore(208, true), fore(239),       fore(255, true), {.front = 16, .back = 215},
    fore(222, true)};

constexpr Inks kBlueOrange8 = {
    Ink{},         {.dim = true},  {.underline = true},     {.bold = true}, {.bold = true}, fore(4),
    fore(3),       fore(3, true),  {.dim = true},           fore(6),        fore(4),        fore(3, true),
    {.dim = true}, {.bold = true}, {.front = 0, .back = 3}, fore(3, true)};

constexpr Glyphs kAscii = {.open = U'v',
                           .closed = U'>',
                           .mark = U'*',
                           .alarm = U'!',
                           .cut = U'~',
                           .across = U'-',
                           .down = U'|',
                           .failed = U'x',
                           .nothing = U' ',
                           .bars = U"_.-~=+^#"};
constexpr Glyphs kBlock = {.open = U'▾',
                           .closed = U'▸',
                           .mark = U'●',
                           .alarm = U'!',
                           .cut = U'…',
                           .across = U'─',
                           .down = U'│',
                           .failed = U'x',
                           .nothing = U' ',
                           .bars = U"▁▂▃▄▅▆▇█"};

constexpr Glyphs braille() {
  Glyphs out = kBlock;
  out.braille = true;
  return out;
}
constexpr Glyphs kBraille = braille();

void sgr(std::string& out, const Ink& ink) {
  out += "\x1b[0";
  if (ink.bold) out += ";1";
  if (ink.dim) out += ";2";
  if (ink.underline) out += ";4";
  if (ink.reverse) out += ";7";
  const auto colour = [&](short value, int low, int bright, const char* extended) {
    if (value < 0) return;
    out += ';';
    out += value < 8    ? std::to_string(low + value)
           : value < 16 ? std::to_string(bright + value - 8)
                        : extended + std::to_string(value);
  };
  colour(ink.front, 30, 90, "38;5;");
  colour(ink.back, 40, 100, "48;5;");
  out += 'm';
}

}  // namespace

const Glyphs& glyphs(Symbols symbols) {
  switch (symbols) {
    case Symbols::Ascii: return kAscii;
    case Symbols::Block: return kBlock;
    case Symbols::Braille: break;
  }
  return kBraille;
}

Ink Theme::ink(Role role) const {
  const auto index = static_cast<std::size_t>(role);
  switch (palette_) {
    case Palette::Mono: return kMono[index];
    case Palette::Colours16: return many_ ? k16[index] : k8[index];
    case Palette::Colours256: return k256[index];
    case Palette::BlueOrange: break;
  }
  return many_ ? kBlueOrange256[index] : kBlueOrange8[index];
}

Ink Theme::ink(const Cell& cell) const {
  Ink out = ink(cell.stale ? Role::Dim : cell.role);
  if (!cell.chosen) return out;
  const bool grey = palette_ == Palette::Colours256 || (palette_ == Palette::BlueOrange && many_);
  if (!grey) {
    out.reverse = !out.reverse;
    return out;
  }
  out.back = 236;
  out.bold = true;
  return out;
}

std::optional<Look> look_of(const Wish& wish) {
  Look out;
  out.many_colours = wish.colours >= 256;
  if (wish.palette == "mono") {
    out.palette = Palette::Mono;
  } else if (wish.palette == "16") {
    out.palette = Palette::Colours16;
  } else if (wish.palette == "256") {
    out.palette = Palette::Colours256;
  } else if (wish.palette == "blue-orange") {
    out.palette = Palette::BlueOrange;
  } else if (wish.palette == "auto") {
    out.palette = wish.colours >= 256 ? Palette::Colours256 : wish.colours >= 8 ? Palette::Colours16 : Palette::Mono;
  } else {
    return std::nullopt;
  }
  if (wish.no_colour) out.palette = Palette::Mono;
  if (wish.symbols == "ascii") {
    out.symbols = Symbols::Ascii;
  } else if (wish.symbols == "block" || wish.symbols == "auto") {
    out.symbols = Symbols::Block;
  } else if (wish.symbols == "braille") {
    out.symbols = Symbols::Braille;
  } else {
    return std::nullopt;
  }
  if (wish.ascii || !wish.utf8) out.symbols = Symbols::Ascii;
  return out;
}

std::string coloured(const Canvas& canvas, const Theme& theme) {
  std::string out;
  for (int y = 0; y < canvas.height(); y++) {
    Ink last;
    for (int x = 0; x < canvas.width(); x++) {
      const Cell& cell = canvas.at(x, y);
      if (cell.glyph == kTail) continue;
      const Ink ink = theme.ink(cell);
      if (!(ink == last)) sgr(out, ink);
      last = ink;
      append_utf8(out, cell.glyph);
    }
    if (!(last == Ink())) out += "\x1b[0m";
    out += "\n";
  }
  return out;
}

}  // namespace hcd::ui
