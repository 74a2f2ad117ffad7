// Which objects are meant, and what is to be changed of them.
#include <algorithm>

#include "ui/app/controller.h"

namespace hcd::ui {

void Controller::alter(Act act) {
  switch (act) {
    case Act::Mark: return mark();
    case Act::Range: return mark_range();
    case Act::MarkAll: return mark_all();
    case Act::MarkNone: desk_.marks.clear(), desk_.range.reset(); return;
    case Act::Command: return prompt(Mode::Command);
    case Act::Check:
      if (may_change()) shell_.check_now(meant());
      return;
    default:
      if (may_change()) change(act);
  }
}

void Controller::mark() {
  const Line* line = desk_.line();
  if (line == nullptr) return;
  const Key key = mark_of(line->key);
  if (desk_.marks.erase(key) == 0) desk_.marks.insert(key);
  scroll(1);
}

// The first V begins, the second marks all hosts between.
void Controller::mark_range() {
  if (!desk_.range) {
    desk_.range = desk_.cursor;
    return desk_.say("V again marks the hosts from here to there");
  }
  const auto [low, high] = std::minmax(*desk_.range, desk_.cursor);
  desk_.range.reset();
  const auto& lines = desk_.outline.lines();
  for (int i = low; i <= high && i < static_cast<int>(lines.size()); i++)
    if (const auto& line = lines[static_cast<std::size_t>(i)]; line.key.kind == ctl::Kind::Host)
      desk_.marks.insert(mark_of(line.key));
}

void Controller::mark_all() {
  for (const auto& line : desk_.outline.lines())
    if (line.key.kind == ctl::Kind::Host) desk_.marks.insert(mark_of(line.key));
}

std::vector<Key> Controller::meant() const {
  if (!desk_.marks.empty()) return {desk_.marks.begin(), desk_.marks.end()};
  if (const Line* line = desk_.line()) return {mark_of(line->key)};
  return {};
}

bool Controller::may_change() {
  if (desk_.link.replayed) return desk_.say("this is a recording", true), false;
  if (desk_.link.stale()) return desk_.say("the daemon is not there: nothing can be changed", true), false;
  if (desk_.link.read_only) return desk_.say("read-only: nothing can be changed", true), false;
  if (desk_.held) return desk_.say("paused: what is shown may not be so any more", true), false;
  if (meant().empty()) return desk_.say("nothing is marked or under the cursor", true), false;
  return true;
}

}  // namespace hcd::ui
