// Addresses and networks as pf reads them: 10.0.0.1, 10.0.0.0/8, 10/8, 2001:db8::/32. Bits behind the length are cleared.
#pragma once
#include <span>

#include "fastpath/table.h"

namespace hcd::fastpath {

// The error is a sentence that quotes the text.
[[nodiscard]] Result<Network> network_of(std::string_view text);

// The same with `!` before it, as an entry of a table.
[[nodiscard]] Result<TableEntry> entry_of(std::string_view text);

// Several of them, each also with `weight N` behind it.
[[nodiscard]] Status add_entries(std::span<const std::string_view> words, std::vector<TableEntry>& out);

// A file of them, with blanks and line ends between; what stands behind a `#` is a comment. The error names the line.
[[nodiscard]] Status add_entries(std::string_view text, std::size_t most, std::vector<TableEntry>& out);

}  // namespace hcd::fastpath
