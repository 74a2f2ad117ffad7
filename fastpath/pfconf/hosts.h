// Addresses and networks as pf reads them: 10.0.0.1, 10.0.0.0/8, 10/8, 2001:db8::/32. Bits behind the length are cleared.
#pragma once
#include "fastpath/table.h"

namespace hcd::fastpath::pfconf {

// The error is a sentence that quotes the text.
[[nodiscard]] Result<Network> network_of(std::string_view text);

// The same with `!` before it, as an entry of a table.
[[nodiscard]] Result<TableEntry> entry_of(std::string_view text);

}  // namespace hcd::fastpath::pfconf
