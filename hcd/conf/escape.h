// Bytes of any value in the language's strings: `\r`, `\n`, `\t`, `\\` and `\xHH`. The scanner has taken the backslash
// that stands before a quote or another backslash, so a backslash that is meant is written twice over: "\\\\".
#pragma once
#include <string>
#include <string_view>

#include "fastpath/base/error.h"

namespace hcd::conf {

[[nodiscard]] Result<std::string> unescape(std::string_view text);
[[nodiscard]] std::string escape(
    std::string_view bytes);  // with its quotes; unescape() of what the scanner reads is `bytes`

// The same for a shell pattern, in which a backslash also takes their meaning from its special bytes. In the result one
// stands before those alone.
[[nodiscard]] Result<std::string> unescape_glob(std::string_view text);
[[nodiscard]] std::string escape_glob(std::string_view pattern);

}  // namespace hcd::conf
