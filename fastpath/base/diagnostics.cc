#include "fastpath/base/diagnostics.h"

#include <algorithm>
#include <tuple>

#include "fastpath/base/text.h"

namespace hcd {
namespace {

// A long line is shown around the place, so that the caret stays on the screen.
constexpr std::size_t kShown = 120;

std::string excerpt(std::string_view line, std::size_t column) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t place = std::min(column - 1, line.size());
  const std::size_t begin = line.size() <= kShown || place < kShown / 2 ? 0 : place - kShown / 2;
  std::string text, caret;
  for (const char c : line.substr(begin, kShown)) {
    const bool safe = c == '\t' || (c >= ' ' && c < 0x7f);  // anything else might disturb a terminal
    text += safe ? c : '?';
  }
  for (std::size_t i = begin; i < place; i++) caret += line[i] == '\t' ? '\t' : ' ';
  return "    " + text + "\n    " + caret + "^";
}

template <class Entries>
Entries sorted(Entries entries) {
  std::ranges::sort(entries, {}, [](const auto& entry) { return std::tie(entry.at, entry.message); });
  return entries;
}

}  // namespace

void Diagnostics::error(Position at, std::string message) {
  over_ |= errors_.size() == kMax;
  if (!over_) errors_.push_back({at, std::move(message)});
}

void Diagnostics::warning(Position at, std::string message) {
  if (warnings_.size() < kMax) warnings_.push_back({at, std::move(message)});
}

std::string Diagnostics::show(const Entry& entry, std::string_view prefix) const {
  const auto& at = entry.at;
  const std::string place =
      sources_.path(at.file) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": ";
  return place + std::string(prefix) + entry.message + "\n" + excerpt(sources_.line(at), at.column);
}

std::string Diagnostics::errors() const {
  std::vector<std::string> shown;
  for (const auto& entry : sorted(errors_)) shown.push_back(show(entry, ""));
  if (full()) shown.push_back("too many errors: the rest is not shown");
  return join(shown, "\n");
}

std::vector<std::string> Diagnostics::warnings() const {
  std::vector<std::string> shown;
  for (const auto& entry : sorted(warnings_)) shown.push_back(show(entry, "warning: "));
  return shown;
}

}  // namespace hcd
