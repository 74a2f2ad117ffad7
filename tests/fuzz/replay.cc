// hctop's reading of a recording, which anybody may have made: any bytes. What is understood is shown too, for a mirror and its
// frames must bear whatever a stream says.
#include <clocale>
#include <cstdint>

#include "ui/panel/screen.h"
#include "ui/record/record.h"

using namespace hcd;
using namespace hcd::ui;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const char* locale = std::setlocale(LC_CTYPE, "C.UTF-8");
  if (locale == nullptr) return 0;
  // The first line is given, so that what follows is reached.
  const auto moments = replay(recording_begin() + std::string(reinterpret_cast<const char*>(data), size));
  if (!moments) return 0;
  Desk desk;
  desk.detail = size % 2 == 0;
  desk.choice.view = static_cast<View>(size % kViews);
  for (const auto& moment : *moments) {
    desk.live.apply(moment.update, moment.wall_ms);
    (void)draw(desk, 100, 20, glyphs(Symbols::Braille), moment.wall_ms);
  }
  (void)draw(desk, 160, 50, glyphs(Symbols::Ascii), moments->empty() ? 0 : moments->back().wall_ms).text();
  return 0;
}
