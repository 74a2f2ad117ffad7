// `resolver server ADDRESS [port N]` and `resolver ttl LEAST to MOST`.
#pragma once
#include "hcd/conf/parser.h"

namespace hcd::conf {

bool parse_resolver(Parser& p, ast::File& file, const Token& word);

}  // namespace hcd::conf
