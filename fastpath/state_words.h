// What stands in the parentheses behind `keep state`, in the words of pf.conf(5): read in whatever file they stand, and
// printed by canonical().
#pragma once
#include <string>

#include "fastpath/base/token_reader.h"
#include "fastpath/rule.h"

namespace hcd::fastpath {

// Reads "(max 100, tcp.first 30)" into the rule's limits and timeouts; what does not begin with '(' is left alone.
[[nodiscard]] bool parse_state_options(TokenReader& reader, Rule& rule);

// `<web>`: letters, digits and _ . : @ + - within pf's limit.
[[nodiscard]] std::optional<std::string> parse_table_name(TokenReader& reader);
[[nodiscard]] std::optional<Token> parse_plain_name(TokenReader& reader, std::string_view what);

}  // namespace hcd::fastpath
