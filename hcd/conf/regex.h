// Regular expressions of the language: RE2, over bytes, whose time is linear in the text and whose memory is bounded
// whatever the pattern.
#pragma once
#include <memory>
#include <string_view>

#include <re2/re2.h>

#include "fastpath/base/error.h"

namespace hcd::conf {

inline constexpr std::size_t kRegexMax = 1024;  // bytes of a pattern

using Regex = std::shared_ptr<const RE2>;
[[nodiscard]] Result<Regex> compile_regex(std::string_view pattern);
[[nodiscard]] bool finds(const Regex& regex, std::string_view text);

}  // namespace hcd::conf
