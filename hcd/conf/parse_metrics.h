// `metrics listen on ADDRESS port PORT`.
#pragma once
#include "hcd/conf/parser.h"

namespace hcd::conf {

bool parse_metrics(Parser& p, ast::File& file, const Token& word);

}  // namespace hcd::conf
