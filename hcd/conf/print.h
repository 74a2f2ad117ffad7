// A configuration as text, with macros and includes gone: what `hcd -n -v` shows. Reading it again gives an equal
// Config, ids included if they were given by the file's order and not kept across a reload.
#pragma once
#include <string>

#include "hcd/conf/config.h"

namespace hcd::conf {

[[nodiscard]] std::string print(const Config& config);

// The words of the language for one check: `http "/" host www.example.org code 200`.
[[nodiscard]] std::string check_text(const Check& check);
[[nodiscard]] std::string quote(std::string_view text);  // as a string of the language
// `table spare when webhosts below 50%`, with the names of the file.
[[nodiscard]] std::string condition_text(const Config& config, const Condition& condition);
[[nodiscard]] std::string_view mode_text(fastpath::Method method);
[[nodiscard]] std::string_view log_text(LogChecks log);
[[nodiscard]] std::string_view fastpath_text(FastpathMode mode);

}  // namespace hcd::conf
