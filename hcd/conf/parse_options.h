// The words that follow the kind of a check, where they may come in any order.
#pragma once
#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "hcd/conf/check.h"
#include "hcd/conf/parser.h"

namespace hcd::conf {

// Of `words`, whose elements have a `word`, the one that comes next; null: none, which is reported.
template <class Words>
const auto* find_word(Parser& p, const Words& words) {
  const auto at = std::ranges::find_if(words, [&p](const auto& one) { return p.peek().is_word(one.word); });
  if (at != words.end()) return &*at;
  std::string known;
  for (const auto& one : words) known += (known.empty() ? "" : ", ") + std::string(one.word);
  p.error(p.peek().at, quoted(p.peek()) + " is not a word of this check (" + known + ")");
  return static_cast<decltype(&*at)>(nullptr);
}

// Up to words_end(): some of the keywords, each as often as its function takes it.
inline bool parse_keywords(Parser& p, Check& check, std::span<const Keyword<Check>> keywords) {
  while (!p.words_end()) {
    const auto* keyword = find_word(p, keywords);
    if (keyword == nullptr) return false;
    const auto word = p.take();
    if (!keyword->parse(p, check, word)) return false;
  }
  return true;
}

// The same, each at most once.
template <std::size_t N>
bool parse_options(Parser& p, Check& check, const std::array<Keyword<Check>, N>& options) {
  std::array<bool, N> seen{};
  while (!p.words_end()) {
    const auto* at = find_word(p, options);
    if (at == nullptr) return false;
    if (std::exchange(seen[static_cast<std::size_t>(at - options.data())], true))
      return p.error(p.peek().at, quoted(p.peek()) + " is given twice");
    const auto word = p.take();
    if (!at->parse(p, check, word)) return false;
  }
  return true;
}

}  // namespace hcd::conf
