// What stands in the parentheses behind `keep state`.
#include <array>

#include "fastpath/pfconf/parser.h"

namespace hcd::fastpath::pfconf {
namespace {

constexpr std::uint32_t kMost = UINT32_MAX;

bool parse_number_into(Parser& parser, const Token& word, std::uint32_t& out) {
  const auto number = parser.number<std::uint32_t>(word.text, 1, kMost);
  if (number) out = *number;
  return number.has_value();
}

bool parse_source_track(Parser& parser, StateLimits& limits) {
  limits.source_track = SourceTrack::Global;  // as pf takes it where neither is said
  if (parser.accept("rule")) {
    limits.source_track = SourceTrack::Rule;
  } else {
    parser.accept("global");
  }
  return true;
}

// "100/10": connections in seconds
bool parse_rate(Parser& parser, StateLimits& limits) {
  const auto token = parser.value("connections/seconds");
  if (!token) return false;
  const auto parts = split(token->text, '/');
  const auto count = parse_number<std::uint32_t>(parts.front(), 1, kMost);
  const auto seconds = parse_number<std::uint32_t>(parts.back(), 1, 86400);
  if (parts.size() != 2 || !count || !seconds) {
    return parser.error(token->at, "max-src-conn-rate is connections/seconds, as 100/10, not " + quoted(*token));
  }
  limits.max_src_conn_rate = *count;
  limits.rate_seconds = Seconds(*seconds);
  return true;
}

bool parse_overload(Parser& parser, ast::Rule& rule) {
  auto table = parser.table_name();
  if (!table) return false;
  StateLimits& limits = rule.options.limits;
  limits.overload = std::move(*table);
  if (!parser.accept("flush")) return true;
  limits.flush = parser.accept("global") ? Flush::Global : Flush::Rule;
  return true;
}

bool parse_timeout(Parser& parser, ast::Rule& rule, const Token& word) {
  const auto timeout = timeout_named(word.text);
  if (!timeout) {
    return parser.error(word.at, quoted(word) + " is no option of a state here (max, source-track, max-src-nodes, " +
                                     "max-src-states, max-src-conn, max-src-conn-rate, overload, sloppy, floating, " +
                                     "and timeouts as tcp.established)");
  }
  const auto seconds = parser.number<std::uint32_t>(word.text, 0, INT32_MAX);
  if (!seconds) return false;
  if (*timeout == Timeout::TcpEstablished) {
    // 0 in the rule means the default.
    if (*seconds == 0) return parser.error(word.at, "tcp.established is out of range");
    rule.options.established = Seconds(*seconds);
  } else {
    rule.options.timeouts[*timeout] = Seconds(*seconds);
  }
  return true;
}

struct Refusal {
  const char *word, *why;
};
constexpr std::array kRefusals = {
    Refusal{"if-bound", "a state is found whatever the interface"},
    Refusal{"no-sync", "no state is sent to another machine"},
    Refusal{"pflow", "flows are not exported"},
};

bool parse_option(Parser& parser, ast::Rule& rule, std::set<std::string>& given) {
  const auto word = parser.value("an option of the state");
  if (!word) return false;
  if (!parser.once(given, *word)) return false;
  for (const Refusal& refusal : kRefusals) {
    if (word->text == refusal.word) return parser.error(word->at, quoted(*word) + ": " + refusal.why);
  }
  StateLimits& limits = rule.options.limits;
  if (word->text == "max") return parse_number_into(parser, *word, limits.max);
  if (word->text == "max-src-nodes") return parse_number_into(parser, *word, limits.max_src_nodes);
  if (word->text == "max-src-states") return parse_number_into(parser, *word, limits.max_src_states);
  if (word->text == "max-src-conn") return parse_number_into(parser, *word, limits.max_src_conn);
  if (word->text == "max-src-conn-rate") return parse_rate(parser, limits);
  if (word->text == "source-track") return parse_source_track(parser, limits);
  if (word->text == "overload") return parse_overload(parser, rule);
  if (word->text == "sloppy") return rule.options.sloppy = true;
  if (word->text == "floating") return true;  // all states are
  return parse_timeout(parser, rule, *word);
}

}  // namespace

bool parse_state(Parser& parser, ast::Rule& rule) {
  const Token opening = parser.peek();
  if (!parser.accept('(')) return true;
  std::set<std::string> given;
  do {
    if (!parse_option(parser, rule, given)) return false;
    parser.accept(',');
    if (parser.line_ends()) return parser.error(opening.at, "the '(' is not closed");
  } while (!parser.accept(')'));
  StateLimits& limits = rule.options.limits;
  if (limits.source_track != SourceTrack::None) return true;
  // A limit of sources tracks them without being told to: by rule, but for max-src-states alone, as in pf.
  const bool by_rule = limits.max_src_nodes != 0 || limits.max_src_conn != 0 || limits.max_src_conn_rate != 0;
  if (by_rule) {
    limits.source_track = SourceTrack::Rule;
  } else if (limits.max_src_states != 0) {
    limits.source_track = SourceTrack::Global;
  }
  return true;
}

}  // namespace hcd::fastpath::pfconf
