#include "fastpath/base/glob.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

#include "fastpath/base/text.h"

namespace hcd {
namespace {

using ByteSet = std::bitset<256>;

struct Class {
  std::string_view name;
  int (*holds)(int);
};
constexpr Class kClasses[] = {{"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank}, {"cntrl", iscntrl},
                              {"digit", isdigit}, {"graph", isgraph}, {"lower", islower}, {"print", isprint},
                              {"punct", ispunct}, {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit}};

unsigned char byte(char c) {
  return static_cast<unsigned char>(c);
}

}  // namespace

// Reads a pattern; what it cannot is said in `problem`.
struct Glob::Parse {
  std::string_view rest;
  std::string problem;

  char take() {
    const char c = rest.front();
    rest.remove_prefix(1);
    return c;
  }

  // A byte as it is meant: a backslash stands before it, or it stands alone.
  std::optional<char> literal() {
    if (rest.empty()) return std::nullopt;
    const char c = take();
    if (c != '\\') return c;
    return rest.empty() ? std::nullopt : std::optional(take());
  }

  // `[:digit:]`, of which the '[' is taken. Nothing: it is an ordinary '['.
  bool named(ByteSet& set) {
    if (!rest.starts_with(':')) return false;
    std::size_t end = 1;
    while (end < rest.size() && rest[end] >= 'a' && rest[end] <= 'z') end++;
    if (!rest.substr(end).starts_with(":]")) return false;
    const auto name = rest.substr(1, end - 1);
    const auto* found = std::ranges::find(kClasses, name, &Class::name);
    if (found == std::end(kClasses)) {
      problem = "there is no class [:" + std::string(name) + ":]";
      return true;
    }
    for (int c = 0; c < 128; c++)
      if (found->holds(c) != 0) set.set(static_cast<std::size_t>(c));
    rest.remove_prefix(end + 2);
    return true;
  }

  // One byte, a range, or a class; false: the pattern ends here.
  bool item(ByteSet& set) {
    if (rest.starts_with("[=") || rest.starts_with("[.")) {
      problem = "[= and [. are not supported";
      return true;
    }
    if (rest.front() == '[') {
      Parse ahead{rest.substr(1), {}};
      const bool is_class = ahead.named(set);
      if (is_class) *this = ahead;
      if (is_class) return true;
    }
    const auto low = literal();
    if (!low) return false;
    if (!rest.starts_with('-') || rest.starts_with("-]") || rest.size() == 1) {
      set.set(byte(*low));
      return true;
    }
    take();
    if (rest.starts_with("[:") || rest.starts_with("[=") || rest.starts_with("[.")) {
      problem = "a range ends with a byte";
      return true;
    }
    const auto high = literal();
    if (!high) return false;
    for (unsigned c = byte(*low); c <= byte(*high); c++) set.set(c);
    return true;
  }

  // After '['. Nothing: no ']' closes it.
  std::optional<ByteSet> bracket() {
    ByteSet set;
    const bool negated = rest.starts_with('!') || rest.starts_with('^');
    if (negated) take();
    for (bool first = true; problem.empty(); first = false) {
      if (rest.empty()) return std::nullopt;
      if (!first && rest.front() == ']') {
        take();
        return negated ? ~set : set;
      }
      if (!item(set)) return std::nullopt;
    }
    return set;
  }
};

Result<Glob> Glob::compile(std::string_view pattern) {
  if (pattern.size() > kSizeMax)
    return fail(Code::Limit, "the pattern is longer than " + std::to_string(kSizeMax) + " bytes");
  Glob glob;
  Parse parse{pattern, {}};
  while (!parse.rest.empty()) {
    if (parse.rest.front() == '*') {
      parse.take();
      glob.add_star();
      continue;
    }
    if (parse.rest.front() == '?') {
      parse.take();
      glob.add(ByteSet().set());
      continue;
    }
    if (parse.rest.front() == '[') {
      Parse ahead{parse.rest.substr(1), {}};
      const auto set = ahead.bracket();
      if (!ahead.problem.empty()) return fail(Code::Invalid, ahead.problem);
      if (set) {
        glob.add(*set);
        parse = ahead;
        continue;
      }
    }
    const auto c = parse.literal();
    if (!c) return fail(Code::Invalid, "the pattern ends with a backslash");
    glob.add(ByteSet().set(byte(*c)));
  }
  glob.finish();
  return glob;
}

void Glob::add(const ByteSet& set) {
  if (star_before_.size() == elements_.size()) star_before_.push_back(false);
  elements_.push_back(set);
}

void Glob::add_star() {
  if (star_before_.size() == elements_.size()) star_before_.push_back(true);
}

void Glob::finish() {
  if (star_before_.size() == elements_.size()) star_before_.push_back(false);
  words_ = elements_.size() / 64 + 1;
  accepts_.assign(256 * words_, 0);
  for (std::size_t i = 0; i < elements_.size(); i++)
    for (std::size_t c = 0; c < 256; c++)
      if (elements_[i][c]) accepts_[c * words_ + i / 64] |= Word{1} << (i % 64);
  for (std::size_t i = 0; i < star_before_.size(); i++)
    if (star_before_[i]) stays_[i / 64] |= Word{1} << (i % 64);
}

void Glob::step(Places& places, unsigned char byte) const {
  Word carry = 0;
  for (std::size_t i = 0; i < words_; i++) {
    const Word moved = places[i] & accepts_[byte * words_ + i];
    places[i] = (moved << 1) | carry | (places[i] & stays_[i]);
    carry = moved >> 63;
  }
}

bool Glob::complete(const Places& places) const {
  return (places[elements_.size() / 64] >> (elements_.size() % 64) & 1) != 0;
}

bool Glob::hopeless(const Places& places) const {
  return std::ranges::all_of(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(words_),
                             [](Word word) { return word == 0; });
}

bool Glob::matches(std::string_view text) const {
  Places places{1};
  for (const char c : text) step(places, byte(c));
  return complete(places);
}

void GlobRun::begin(const Glob& glob) {
  glob_ = &glob;
  places_ = {1};
  state_ = glob.complete(places_) ? State::Matched : State::Open;
}

GlobRun::State GlobRun::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (state_ != State::Open) break;
    glob_->step(places_, byte(c));
    if (glob_->complete(places_))
      state_ = State::Matched;
    else if (glob_->hopeless(places_))
      state_ = State::Hopeless;
  }
  return state_;
}

}  // namespace hcd
