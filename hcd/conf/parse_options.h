// The words that follow the kind of a check, where they may come in any order.
#pragma once
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "hcd/conf/check.h"
#include "hcd/conf/parser.h"

namespace hcd::conf {

struct Option {
  std::string_view word;
  bool (*parse)(Parser&, Check&);
};

// The rest of the line: some of the options, each at most once.
template <std::size_t N>
bool parse_options(Parser& p, Check& check, const std::array<Option, N>& options) {
  std::array<bool, N> seen{};
  while (!p.line_ends()) {
    const auto at = std::ranges::find_if(options, [&p](const Option& o) { return p.peek().is_word(o.word); });
    if (at == options.end()) {
      std::string words;
      for (const auto& option : options) words += (words.empty() ? "" : ", ") + std::string(option.word);
      return p.error(p.peek().at, quoted(p.peek()) + " is not a word of this check (" + words + ")");
    }
    if (std::exchange(seen[static_cast<std::size_t>(at - options.begin())], true))
      return p.error(p.peek().at, quoted(p.peek()) + " is given twice");
    p.take();
    if (!at->parse(p, check)) return false;
  }
  return true;
}

}  // namespace hcd::conf
