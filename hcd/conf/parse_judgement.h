// The lines of a table that say what becomes of its checks' results, and when checks are made.
#pragma once
#include "hcd/conf/parser.h"

namespace hcd::conf {

// Each reads what follows its word; parse_table.cc names them in its table of words.
bool parse_pace(Parser& p, ast::Table& table, const Token& word);  // interval [down|changing]
bool parse_jitter(Parser& p, ast::Table& table, const Token& word);
bool parse_rise(Parser& p, ast::Table& table, const Token& word);
bool parse_fall(Parser& p, ast::Table& table, const Token& word);
bool parse_flap(Parser& p, ast::Table& table, const Token& word);
bool parse_passive(Parser& p, ast::Table& table, const Token& word);
bool parse_slow(Parser& p, ast::Table& table, const Token& word);
bool parse_minimum(Parser& p, ast::Table& table, const Token& word);

// `[for T]`: how long something must have been so. Nothing after an error.
[[nodiscard]] std::optional<Seconds> parse_hold(Parser& p);

}  // namespace hcd::conf
