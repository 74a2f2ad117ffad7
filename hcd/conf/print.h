// A configuration as text, with macros and includes gone: what `hcd -n -v` shows. Reading it again gives an equal
// Config, ids included if they were given by the file's order and not kept across a reload.
//
// It is in hoststated's words but for relayd's lists of hosts, which that has not got: they and the services that use one are
// in relayd's, as table <name> and redirect. A list that nothing uses means nothing, and is left out.
#pragma once
#include <string>

#include "hcd/conf/config.h"

namespace hcd::conf {

[[nodiscard]] std::string print(const Config& config);

// The words of the language for one check: `http "/" host www.example.org code 200`.
[[nodiscard]] std::string check_text(const Check& check);
[[nodiscard]] std::string quote(std::string_view text);  // as a string of the language
[[nodiscard]] std::string_view mode_text(fastpath::Method method);
[[nodiscard]] std::string_view log_text(LogChecks log);
[[nodiscard]] std::string_view fastpath_text(FastpathMode mode);
[[nodiscard]] std::string_view dialect_text(PfDialect dialect);

}  // namespace hcd::conf
