#include "ui/app/controller.h"

#include <algorithm>
#include <utility>

#include "ui/panel/screen.h"

namespace hcd::ui {
namespace {

// The capitals that sort, in the order of Sort.
constexpr std::u32string_view kCapitals = U"PMISALTECW";
static_assert(kCapitals.size() == kSorts);

}  // namespace

void Controller::press(KeyCode key, std::int64_t now_ms) {
  now_ms_ = now_ms;
  desk_.events_read = desk_.shown().last_event();
  switch (desk_.mode) {
    case Mode::Search:
    case Mode::FilterText:
    case Mode::Interval:
    case Mode::Command: return type(key);
    case Mode::Confirm: return confirm(key);
    case Mode::Browse:
    case Mode::Help:
    case Mode::Output: break;
  }
  const Binding* binding = binding_of(key);
  if (binding == nullptr) return desk_.say(key == kKeyIgnored ? "" : "that key does nothing: ? tells what others do");
  desk_.say("");
  act(*binding, key);
}

void Controller::act(const Binding& binding, KeyCode key) {
  if (binding.group == Group::Change) return alter(binding.act);
  browse(binding.act, key);
}

void Controller::browse(Act act, KeyCode key) {
  switch (act) {
    case Act::Quit: return shell_.quit();
    case Act::Back: return back();
    case Act::Help: return help();
    case Act::Up: return scroll(-1);
    case Act::Down: return scroll(1);
    case Act::PageUp: return page(-1);
    case Act::PageDown: return page(1);
    case Act::First: return first_or_last(false);
    case Act::Last: return first_or_last(true);
    case Act::Fold: return fold();
    case Act::Unfold: return unfold();
    case Act::FoldTurn: return fold_turn();
    case Act::FoldAll: return fold_all(true);
    case Act::UnfoldAll: return fold_all(false);
    case Act::Detail: return detail();
    case Act::NextView: return go(static_cast<View>((static_cast<std::size_t>(desk_.choice.view) + 1) % kViews));
    case Act::GoView: return go(static_cast<View>(key - U'1'));
    case Act::Search: return prompt(Mode::Search);
    case Act::SearchNext: return search_step(1);
    case Act::SearchBack: return search_step(-1);
    case Act::Filter: return prompt(Mode::FilterText, desk_.choice.filter.text());
    case Act::Problems: desk_.choice.problems = !desk_.choice.problems; return chosen();
    case Act::SortNext: return sort_step(1);
    case Act::SortBack: return sort_step(-1);
    case Act::SortBy: return sort_by(static_cast<Sort>(kCapitals.find(key)));
    case Act::Reverse: desk_.choice.reverse = !desk_.choice.reverse; return chosen();
    case Act::Freeze: return freeze();
    case Act::Pause: return pause();
    case Act::Interval: return prompt(Mode::Interval);
    case Act::Slower: return interval(desk_.interval_ms * 2);
    case Act::Faster: return interval(desk_.interval_ms / 2);
    case Act::Log: desk_.log = !desk_.log, desk_.log_top = 0; return;
    case Act::Export: return write_out();
    case Act::Copy: return copy_row();
    case Act::Mouse: return mouse();
    case Act::Redraw: return shell_.redraw();
    case Act::Suspend: return shell_.suspend();
    case Act::Refresh: return shell_.refresh();
    default: return;
  }
}

// One thing at a time: what was opened last is closed first.
void Controller::back() {
  if (desk_.mode != Mode::Browse) {
    if (desk_.mode == Mode::Output) shell_.end_command();
    desk_.mode = Mode::Browse;
  } else if (desk_.log) {
    desk_.log = false;
  } else if (desk_.detail) {
    desk_.detail = false;
  } else if (desk_.range || !desk_.marks.empty()) {
    desk_.range.reset();
    desk_.marks.clear();
  } else if (!desk_.choice.filter.empty() || desk_.choice.problems) {
    desk_.choice.filter = Filter();
    desk_.choice.problems = false;
    chosen();
  } else if (desk_.choice.view != View::Tree) {
    go(View::Tree);
  }
}

void Controller::help() {
  desk_.mode = desk_.mode == Mode::Help ? Mode::Browse : Mode::Help;
  desk_.page = {.title = "HELP", .lines = help_lines()};
}

void Controller::scroll(int by) {
  if (desk_.mode == Mode::Help || desk_.mode == Mode::Output) {
    const int last = static_cast<int>(desk_.page.lines.size()) - 1;
    desk_.page.top = std::clamp(desk_.page.top + by, 0, std::max(0, last));
  } else if (desk_.log || desk_.choice.view == View::Events) {
    const int last = static_cast<int>(desk_.shown().events().size()) - 1;
    desk_.log_top = std::clamp(desk_.log_top + by, 0, std::max(0, last));
  } else {
    desk_.move_to(desk_.cursor + by);
    detail_moved();
  }
}

void Controller::page(int by) {
  scroll(by * std::max(1, desk_.rows - 1));
}

void Controller::first_or_last(bool last) {
  constexpr int kFar = 1'000'000;
  scroll(last ? kFar : -kFar);
}

void Controller::fold() {
  const Line* line = desk_.line();
  if (line == nullptr || desk_.choice.view != View::Tree) return;
  if (line->key.kind != ctl::Kind::Host && desk_.choice.folded.insert(line->key).second) return;
  // It cannot be folded any more: to what stands above.
  const auto& lines = desk_.outline.lines();
  for (int i = desk_.cursor - 1; i >= 0; i--)
    if (lines[static_cast<std::size_t>(i)].depth < line->depth) return desk_.move_to(i);
}

void Controller::unfold() {
  const Line* line = desk_.line();
  if (line != nullptr && desk_.choice.folded.erase(line->key) == 0 && line->key.kind != ctl::Kind::Host) scroll(1);
}

void Controller::fold_turn() {
  const Line* line = desk_.line();
  if (line == nullptr || line->key.kind == ctl::Kind::Host) return;
  if (desk_.choice.folded.erase(line->key) == 0) desk_.choice.folded.insert(line->key);
}

void Controller::fold_all(bool folded) {
  desk_.choice.folded.clear();
  if (!folded) return;
  for (const auto& line : desk_.outline.lines())
    if (line.key.kind != ctl::Kind::Host) desk_.choice.folded.insert(line.key);
  // The cursor stays with the service that it was in.
  if (const Line* line = desk_.line(); line != nullptr && line->key.service != Key::kNone)
    desk_.at = {.kind = ctl::Kind::Service, .id = line->key.service};
}

void Controller::go(View view) {
  desk_.mode = Mode::Browse;
  desk_.log = false;
  desk_.choice.view = view;
  desk_.at.service = Key::kNone;
  desk_.cursor = desk_.top = 0;
  chosen();
}

void Controller::sort_by(Sort sort) {
  desk_.choice.reverse = desk_.choice.sort == sort && !desk_.choice.reverse;
  desk_.choice.sort = sort;
  chosen();
}

void Controller::sort_step(int by) {
  const auto count = static_cast<int>(kSorts);
  desk_.choice.sort = static_cast<Sort>((static_cast<int>(desk_.choice.sort) + by + count) % count);
  desk_.choice.reverse = false;
  chosen();
}

// The next line whose name, address or state has what was typed, around the end too.
void Controller::search_step(int by) {
  const auto filter = Filter::parse(desk_.search);
  const auto& lines = desk_.outline.lines();
  const auto count = static_cast<int>(lines.size());
  if (desk_.search.empty() || !filter || count == 0) return desk_.say("nothing to search for", true);
  for (int i = 1; i <= count; i++) {
    const int at = ((desk_.cursor + by * i) % count + count) % count;
    const Line& line = lines[static_cast<std::size_t>(at)];
    if (line.note || !filter->matches(subject_of(desk_.shown(), line.key, now_ms_))) continue;
    desk_.move_to(at);
    return detail_moved();
  }
  desk_.say("not found: " + desk_.search, true);
}

void Controller::detail() {
  if (desk_.mode != Mode::Browse || desk_.line() == nullptr) return;
  desk_.detail = !desk_.detail;
  detail_moved();
}

void Controller::detail_moved() {
  if (desk_.detail && desk_.line() != nullptr) shell_.inspect(desk_.line()->key);
}

void Controller::pause() {
  if (desk_.held)
    desk_.held.reset();
  else
    desk_.held = desk_.live.copy();
}

void Controller::freeze() {
  desk_.choice.frozen = !desk_.choice.frozen;
  if (!desk_.choice.frozen) chosen();
}

void Controller::interval(std::int64_t ms) {
  desk_.interval_ms = std::clamp<std::int64_t>(ms, ctl::Subscribe::kLeastMs, ctl::Subscribe::kMostMs);
  shell_.interval();
}

void Controller::write_out() {
  // As a batch shows it: every row, and nothing else.
  const int top = std::exchange(desk_.top, 0), rows = desk_.rows;
  desk_.batch = true;
  const int height = static_cast<int>(desk_.outline.lines().size()) + 4;
  const auto name = shell_.write(draw(desk_, 160, std::max(height, 20), glyphs(Symbols::Block), now_ms_).text());
  desk_.batch = false;
  desk_.top = top;
  desk_.rows = rows;
  desk_.say(name ? "written to " + *name : name.error().text, !name);
}

void Controller::copy_row() {
  const Line* line = desk_.line();
  if (line == nullptr) return;
  const std::string name = name_of(desk_.shown(), line->key);
  shell_.copy(name);
  desk_.say("copied: " + name);
}

void Controller::mouse() {
  desk_.mouse = !desk_.mouse;
  shell_.mouse(desk_.mouse);
  desk_.say(desk_.mouse ? "mouse on: to select text, hold Shift" : "mouse off: the terminal has it");
}

void Controller::click(int line, bool twice) {
  if (desk_.mode != Mode::Browse || line >= static_cast<int>(desk_.outline.lines().size())) return;
  desk_.move_to(line);
  detail_moved();
  if (twice) detail();
}

void Controller::wheel(int lines) {
  scroll(lines);
}

}  // namespace hcd::ui
