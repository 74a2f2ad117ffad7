#include "ui/keys/keys.h"

#include <algorithm>

namespace hcd::ui {
namespace {

// The keys of each binding that are no plain characters.
constexpr char32_t kQuit[] = {'q', control('c'), 0}, kBack[] = {kKeyEscape, 0}, kHelp[] = {'?', 'h', kKeyF1, 0};
constexpr char32_t kUp[] = {kKeyUp, 'k', 0}, kDown[] = {kKeyDown, 'j', 0};
constexpr char32_t kPageUp[] = {kKeyPageUp, control('b'), 0}, kPageDown[] = {kKeyPageDown, control('f'), 0};
constexpr char32_t kFirst[] = {'g', kKeyHome, 0}, kLast[] = {'G', kKeyEnd, 0};
constexpr char32_t kFold[] = {kKeyLeft, 0}, kUnfold[] = {kKeyRight, 0};
constexpr char32_t kDetail[] = {kKeyEnter, '\r', 0}, kNextView[] = {kKeyTab, 0};
constexpr char32_t kRedraw[] = {control('l'), 0}, kSuspend[] = {control('z'), 0}, kRefresh[] = {control('r'), 0};

constexpr Binding kBindings[] = {
    {Act::Up, kUp, "Up k", "one line up", Group::Move, ""},
    {Act::Down, kDown, "Down j", "one line down", Group::Move, ""},
    {Act::PageUp, kPageUp, "PgUp ^B", "one page up", Group::Move, ""},
    {Act::PageDown, kPageDown, "PgDn ^F", "one page down", Group::Move, ""},
    {Act::First, kFirst, "g Home", "the first line", Group::Move, ""},
    {Act::Last, kLast, "G End", "the last line", Group::Move, ""},
    {Act::Fold, kFold, "Left", "fold, or go to what stands above", Group::Move, ""},
    {Act::Unfold, kUnfold, "Right", "unfold", Group::Move, ""},
    {Act::FoldAll, U"-", "-", "fold all", Group::Move, ""},
    {Act::UnfoldAll, U"+", "+", "unfold all", Group::Move, ""},
    {Act::FoldTurn, U"z", "z", "fold or unfold", Group::Move, ""},
    {Act::NextView, kNextView, "Tab", "next view", Group::See, ""},
    {Act::GoView, U"1234567", "1-7", "tree hosts services tables relays sessions events", Group::See, ""},
    {Act::Detail, kDetail, "Enter", "all about this one: checks, latency, the kernel", Group::See, "detail"},
    {Act::Search, U"/", "/", "search a name", Group::See, "search"},
    {Act::SearchNext, U"n", "n", "next match", Group::See, ""},
    {Act::SearchBack, U"N", "N", "match before", Group::See, ""},
    {Act::Filter, U"\\", "\\", "filter: web, state!=up or admin!=on, table=web*, lat>20", Group::See, "filter"},
    {Act::Problems, U"Z", "Z", "problems alone", Group::See, "problems"},
    {Act::SortNext, U"o", "o", "next sort", Group::See, "sort"},
    {Act::SortBack, U"O", "O", "sort before", Group::See, ""},
    {Act::SortBy, U"PMISALTECW", "capital", "by Problems naMe conf(I)g State Avail Lat Time sEss Cps Weight",
     Group::See, ""},
    {Act::Reverse, U"r", "r", "reverse the sort", Group::See, ""},
    {Act::Freeze, U"F", "F", "freeze the order", Group::See, ""},
    {Act::Pause, U"p", "p", "pause: nothing moves", Group::See, "pause"},
    {Act::Log, U"l", "l", "events on the whole screen", Group::See, "log"},
    {Act::Mark, U" ", "Space", "mark", Group::Change, "mark"},
    {Act::Range, U"V", "V", "mark from here to the next V", Group::Change, ""},
    {Act::MarkAll, U"*", "*", "mark all hosts shown", Group::Change, ""},
    {Act::MarkNone, U"U", "U", "mark none", Group::Change, ""},
    {Act::Disable, U"d", "d", "disable", Group::Change, "disable"},
    {Act::Enable, U"e", "e", "enable", Group::Change, "enable"},
    {Act::Drain, U"D", "D", "drain, or end the draining", Group::Change, "drain"},
    {Act::Weight, U"w", "w", "weight", Group::Change, "weight"},
    {Act::Check, U"c", "c", "check now", Group::Change, "check"},
    {Act::Undo, U"u", "u", "undo my last change", Group::Change, "undo"},
    {Act::Command, U":", ":", "any command of hcctl", Group::Change, "command"},
    {Act::Interval, U"s", "s", "seconds between two looks at what moves", Group::Rest, ""},
    {Act::Slower, U">", ">", "slower", Group::Rest, ""},
    {Act::Faster, U"<", "<", "faster", Group::Rest, ""},
    {Act::Export, U"x", "x", "write what is shown into a file", Group::Rest, ""},
    {Act::Copy, U"y", "y", "copy the row to the terminal's clipboard", Group::Rest, ""},
    {Act::Mouse, U"m", "m", "mouse on or off", Group::Rest, ""},
    {Act::Redraw, kRedraw, "^L", "draw anew", Group::Rest, ""},
    {Act::Refresh, kRefresh, "^R", "ask the daemon for everything again", Group::Rest, ""},
    {Act::Suspend, kSuspend, "^Z", "suspend", Group::Rest, ""},
    {Act::Back, kBack, "Esc", "back: close, unmark, end the filter", Group::Rest, ""},
    {Act::Help, kHelp, "? h F1", "this help", Group::Rest, "help"},
    {Act::Quit, kQuit, "q ^C", "quit", Group::Rest, "quit"},
};

}  // namespace

std::string_view group_text(Group group) {
  switch (group) {
    case Group::Move: return "Move";
    case Group::See: return "See";
    case Group::Change: return "Change";
    case Group::Rest: break;
  }
  return "And";
}

std::span<const Binding> bindings() {
  return kBindings;
}

const Binding* binding_of(KeyCode key) {
  const auto found = std::ranges::find_if(
      kBindings, [key](const Binding& b) { return b.keys.find(key) != std::u32string_view::npos; });
  return found == std::end(kBindings) ? nullptr : found;
}

}  // namespace hcd::ui
