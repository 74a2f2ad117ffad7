// A table where a service or redirect uses it.
#pragma once
#include "hcd/conf/parser.h"

namespace hcd::conf {

// use table X ... when Y below N%|N hosts [for T], in both vocabularies.
bool parse_use(Parser& p, ast::Service& service, const Token& word);

// As the one that is tried first, or as the next backup.
bool add_backup(Parser& p, ast::Service& service, ast::Use use, const Token& word);

// NAME [port P], as hoststated has it.
[[nodiscard]] std::optional<ast::Use> parse_named(Parser& p);
// <NAME> and, in any order, its port, its mode and the options of its hosts, up to the end of the line or to `until`.
[[nodiscard]] std::optional<ast::Use> parse_forwarded(Parser& p, ast::Service& service, std::string_view until = {});

}  // namespace hcd::conf
