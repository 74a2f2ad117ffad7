// How a table's hosts are checked and what becomes of the results. The words are lines of hoststated's tables and stand on
// the lines of redirects that use relayd's.
#pragma once
#include "hcd/conf/parser.h"

namespace hcd::conf {

// Each reads what follows its word.
bool parse_check(Parser& p, ast::TableOptions& options, const Token& word);
bool parse_check_timeout(Parser& p, ast::TableOptions& options, const Token& word);
bool parse_pace(Parser& p, ast::TableOptions& options, const Token& word);  // interval [down|changing]
bool parse_jitter(Parser& p, ast::TableOptions& options, const Token& word);
bool parse_rise(Parser& p, ast::TableOptions& options, const Token& word);
bool parse_fall(Parser& p, ast::TableOptions& options, const Token& word);
bool parse_flap(Parser& p, ast::TableOptions& options, const Token& word);
bool parse_passive(Parser& p, ast::TableOptions& options, const Token& word);
bool parse_slow(Parser& p, ast::TableOptions& options, const Token& word);
bool parse_minimum(Parser& p, ast::TableOptions& options, const Token& word);
bool parse_table_demote(Parser& p, ast::TableOptions& options, const Token& word);

// As the words of a section whose target has them as its base.
template <class Target, bool (*Parse)(Parser&, ast::TableOptions&, const Token&)>
bool parse_option(Parser& p, Target& target, const Token& word) {
  return Parse(p, target, word);
}
template <class Target>
inline constexpr auto kTableOptions = std::to_array<Keyword<Target>>({
    {"check", parse_option<Target, parse_check>},
    {"timeout", parse_option<Target, parse_check_timeout>},
    {"interval", parse_option<Target, parse_pace>},
    {"jitter", parse_option<Target, parse_jitter>},
    {"rise", parse_option<Target, parse_rise>},
    {"fall", parse_option<Target, parse_fall>},
    {"flap", parse_option<Target, parse_flap>},
    {"passive", parse_option<Target, parse_passive>},
    {"slow", parse_option<Target, parse_slow>},
    {"minimum", parse_option<Target, parse_minimum>},
    {"demote", parse_option<Target, parse_table_demote>},
});

// `[for T]`: how long something must have been so. Nothing after an error.
[[nodiscard]] std::optional<Seconds> parse_hold(Parser& p);

}  // namespace hcd::conf
