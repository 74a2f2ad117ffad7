#include "fastpath/state_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

#include "fastpath/refusal.h"
#include "fastpath/table.h"

namespace hcd::fastpath {
namespace {

constexpr std::uint32_t kMost = UINT32_MAX;

bool parse_number_into(TokenReader& reader, const Token& word, std::uint32_t& out) {
  const auto number = reader.number<std::uint32_t>(word.text, 1, kMost);
  if (number) out = *number;
  return number.has_value();
}

bool parse_source_track(TokenReader& reader, StateLimits& limits) {
  limits.source_track = SourceTrack::Global;  // as pf takes it where neither is said
  if (reader.accept("rule")) {
    limits.source_track = SourceTrack::Rule;
  } else {
    reader.accept("global");
  }
  return true;
}

// "100/10": connections in seconds
bool parse_rate(TokenReader& reader, StateLimits& limits) {
  const auto token = reader.value("connections/seconds");
  if (!token) return false;
  const auto parts = split(token->text, '/');
  const auto count = parse_number<std::uint32_t>(parts.front(), 1, kMost);
  const auto seconds = parse_number<std::uint32_t>(parts.back(), 1, 86400);
  if (parts.size() != 2 || !count || !seconds) {
    return reader.error(token->at, "max-src-conn-rate is connections/seconds, as 100/10, not " + quoted(*token));
  }
  limits.max_src_conn_rate = *count;
  limits.rate_seconds = Seconds(*seconds);
  return true;
}

bool parse_overload(TokenReader& reader, Rule& rule) {
  auto table = parse_table_name(reader);
  if (!table) return false;
  StateLimits& limits = rule.limits;
  limits.overload = std::move(*table);
  if (!reader.accept("flush")) return true;
  limits.flush = reader.accept("global") ? Flush::Global : Flush::Rule;
  return true;
}

bool parse_timeout(TokenReader& reader, Rule& rule, const Token& word) {
  const auto timeout = timeout_named(word.text);
  if (!timeout) {
    return reader.error(word.at, quoted(word) + " is no option of a state here (max, source-track, max-src-nodes, " +
                                     "max-src-states, max-src-conn, max-src-conn-rate, overload, sloppy, floating, " +
                                     "and timeouts as tcp.established)");
  }
  const auto seconds = reader.number<std::uint32_t>(word.text, 0, INT32_MAX);
  if (!seconds) return false;
  if (*timeout == Timeout::TcpEstablished) {
    // 0 in the rule means the default.
    if (*seconds == 0) return reader.error(word.at, "tcp.established is out of range");
    rule.established = Seconds(*seconds);
  } else {
    rule.timeouts[*timeout] = Seconds(*seconds);
  }
  return true;
}

constexpr std::array kRefusals = {
    Refusal{"if-bound", "a state is found whatever the interface"},
    Refusal{"no-sync", "no state is sent to another machine"},
    Refusal{"pflow", "flows are not exported"},
};

bool parse_option(TokenReader& reader, Rule& rule, std::set<std::string>& given) {
  const auto word = reader.value("an option of the state");
  if (!word) return false;
  if (!given.insert(word->text).second) return reader.error(word->at, quoted(*word) + " is given twice");
  if (const auto why = why_not(kRefusals, word->text); !why.empty())
    return reader.error(word->at, quoted(*word) + ": " + std::string(why));
  StateLimits& limits = rule.limits;
  if (word->text == "max") return parse_number_into(reader, *word, limits.max);
  if (word->text == "max-src-nodes") return parse_number_into(reader, *word, limits.max_src_nodes);
  if (word->text == "max-src-states") return parse_number_into(reader, *word, limits.max_src_states);
  if (word->text == "max-src-conn") return parse_number_into(reader, *word, limits.max_src_conn);
  if (word->text == "max-src-conn-rate") return parse_rate(reader, limits);
  if (word->text == "source-track") return parse_source_track(reader, limits);
  if (word->text == "overload") return parse_overload(reader, rule);
  if (word->text == "sloppy") return rule.sloppy = true;
  if (word->text == "floating") return true;  // all states are
  return parse_timeout(reader, rule, *word);
}

}  // namespace

bool parse_state_options(TokenReader& reader, Rule& rule) {
  const Token opening = reader.peek();
  if (!reader.accept('(')) return true;
  std::set<std::string> given;
  do {
    if (!parse_option(reader, rule, given)) return false;
    reader.accept(',');
    if (reader.line_ends()) return reader.error(opening.at, "the '(' is not closed");
  } while (!reader.accept(')'));
  StateLimits& limits = rule.limits;
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

std::optional<Token> parse_plain_name(TokenReader& reader, std::string_view what) {
  auto token = reader.value("a name for the " + std::string(what));
  if (!token) return std::nullopt;
  const bool plain = std::ranges::all_of(token->text, [](unsigned char c) {
    return (std::isalnum(c) != 0) || std::string_view("_.:@+-").find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain) return token;
  reader.error(token->at, std::string(what) + " " + quoted(*token) + ": a name is of letters, digits and _ . : @ + -");
  return std::nullopt;
}

std::optional<std::string> parse_table_name(TokenReader& reader) {
  if (!reader.expect('<')) return std::nullopt;
  const auto token = parse_plain_name(reader, "table");
  if (!token || !reader.expect('>')) return std::nullopt;
  if (token->text.size() > kTableNameMax) {
    reader.error(token->at,
                 "table name " + quoted(*token) + " is longer than " + std::to_string(kTableNameMax) + " characters");
    return std::nullopt;
  }
  return token->text;
}

}  // namespace hcd::fastpath
