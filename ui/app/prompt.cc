// What is typed on the last line: a search, a filter, a command, a number.
#include <charconv>

#include "ui/app/controller.h"
#include "ui/canvas/canvas.h"

namespace hcd::ui {
namespace {

constexpr std::size_t kTypedMax = 500;

// The last character, of however many bytes.
void chop(std::string& text) {
  while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0) == 0x80) text.pop_back();
  if (!text.empty()) text.pop_back();
}

}  // namespace

bool edit(std::string& text, KeyCode key) {
  if (key == kKeyBackspace || key == kKeyDelete) {
    chop(text);
  } else if (key == control('u')) {
    text.clear();
  } else if (key == control('w')) {
    while (!text.empty() && text.back() == ' ') text.pop_back();
    while (!text.empty() && text.back() != ' ') text.pop_back();
  } else if (key >= 0x20 && key < 0x110000 && key != 0x7f && text.size() < kTypedMax) {
    append_utf8(text, key);
  } else {
    return false;
  }
  return true;
}

void Controller::prompt(Mode mode, std::string text) {
  desk_.mode = mode;
  desk_.typed = std::move(text);
}

void Controller::type(KeyCode key) {
  if (key == kKeyEscape || key == control('c')) {
    desk_.mode = Mode::Browse;
    return desk_.say("");
  }
  if (key == kKeyEnter) return entered();
  if (edit(desk_.typed, key) && desk_.mode == Mode::FilterText) typed_filter();
}

// The filter holds while it is typed, as soon as it can be understood.
void Controller::typed_filter() {
  auto filter = Filter::parse(desk_.typed);
  if (!filter) return desk_.say(filter.error().text, true);
  desk_.say("");
  desk_.choice.filter = std::move(*filter);
  chosen();
}

void Controller::entered() {
  const Mode mode = desk_.mode;
  desk_.mode = Mode::Browse;
  switch (mode) {
    case Mode::Search: desk_.search = desk_.typed; return search_step(1);
    case Mode::FilterText: {
      const auto filter = Filter::parse(desk_.typed);
      if (!filter) return desk_.say(filter.error().text, true);
      return typed_filter();
    }
    case Mode::Command:
      if (!desk_.typed.empty()) shell_.command(desk_.typed);
      return;
    case Mode::Interval: {
      double seconds = 0;
      const char* end = desk_.typed.data() + desk_.typed.size();
      const auto [stop, error] = std::from_chars(desk_.typed.data(), end, seconds);
      if (error != std::errc{} || stop != end || !(seconds > 0 && seconds < 3600))
        return desk_.say("seconds are a number, as 0.5 or 10", true);
      return interval(static_cast<std::int64_t>(seconds * 1000));
    }
    default: return;
  }
}

}  // namespace hcd::ui
