// A host in a table, in either vocabulary: a line of hoststated's `table NAME { host ADDR ... }`, an item of relayd's
// `table <name> { ADDR ..., ADDR ... }`.
#pragma once
#include "hcd/conf/parser.h"

namespace hcd::conf {

extern const Section<ast::Host> kHostSection;  // what is said of one, behind its address

// relayd's list, of which the brace is taken. False: it is not closed, and the next section begins.
bool parse_host_list(Parser& p, ast::Table& table, const Token& brace);

}  // namespace hcd::conf
