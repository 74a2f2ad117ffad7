// Words of pf.conf(5) that this packet path cannot carry out, each with the sentence that says why.
#pragma once
#include <algorithm>
#include <span>
#include <string_view>

namespace hcd::fastpath {

struct Refusal {
  std::string_view word, why;
};

// Empty: it is none of them.
[[nodiscard]] inline std::string_view why_not(std::span<const Refusal> refusals, std::string_view word) {
  const auto found = std::ranges::find(refusals, word, &Refusal::word);
  return found == refusals.end() ? std::string_view() : found->why;
}

}  // namespace hcd::fastpath
