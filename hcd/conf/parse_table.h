// Tables of both vocabularies.
#pragma once
#include "hcd/conf/parser.h"

namespace hcd::conf {

bool parse_table(Parser& p, ast::File& file, const Token& word);

}  // namespace hcd::conf
