// What a reload changes, in words: "+1 host 10.0.0.3 in table webhosts", "~ service www: mode".
#pragma once
#include <string>
#include <vector>

#include "hcd/conf/config.h"

namespace hcd::conf {

// One line a change: globals, tables with their hosts, services. Ids do not matter; names do. Empty: nothing changed.
[[nodiscard]] std::vector<std::string> diff(const Config& running, const Config& fresh);

// The lines joined by newlines, or "no changes".
[[nodiscard]] std::string diff_text(const Config& running, const Config& fresh);

}  // namespace hcd::conf
