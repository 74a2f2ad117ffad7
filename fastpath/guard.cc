#include "fastpath/guard.h"

#include <array>

namespace hcd::fastpath {
namespace {

constexpr std::array kWords = {std::pair{"evict", WhenFull::Evict}, std::pair{"refuse", WhenFull::Refuse},
                               std::pair{"hash", WhenFull::Hash}};

}  // namespace

std::string when_full_word(WhenFull when) {
  for (const auto& [word, one] : kWords)
    if (one == when) return word;
  return "evict";
}

std::optional<WhenFull> parse_when_full(TokenReader& reader) {
  for (const auto& [word, when] : kWords)
    if (reader.accept(word)) return when;
  reader.error(reader.peek().at, "expected 'evict', 'refuse' or 'hash', not " + quoted(reader.peek()));
  return std::nullopt;
}

std::optional<std::uint32_t> parse_syn_guard(TokenReader& reader) {
  return reader.number<std::uint32_t>("syn guard", 1, kGuardMost);
}

}  // namespace hcd::fastpath
