// Where a rule redirects to: a table or addresses, their port, and how one of them is chosen.
#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include "fastpath/pfconf/parser.h"

namespace hcd::fastpath::pfconf {
namespace {

constexpr std::string_view kListReason = "only round-robin is valid for several addresses to redirect to";
constexpr std::string_view kTableReason = "tables are only supported in round-robin redirection pools";

bool parse_address(Parser& parser, ast::Rule& rule) {
  const Position at = parser.peek().at;
  if (parser.peek().is_symbol('<')) return parser.error(at, "a table stands alone, outside of a list");
  if (!parse_entry(parser, rule.pool.addresses)) return false;
  if (rule.pool.addresses.back().value.is_address()) return true;
  return parser.error(at, "'" + rule.pool.addresses.back().value.text() + "' is no address to redirect to");
}

bool parse_target(Parser& parser, ast::Rule& rule) {
  rule.pool.at = parser.peek().at;
  if (!parser.peek().is_symbol('<')) return parser.list([&] { return parse_address(parser, rule); });
  auto table = parser.table_name();
  if (table) rule.pool.table = std::move(*table);
  return table.has_value();
}

// "8080", "8000:*", "8000:8099"
bool parse_target_port(Parser& parser, ast::Pool& pool) {
  const auto token = parser.value("the hosts' port");
  if (!token) return false;
  pool.port_at = token->at;
  const auto colon = token->text.find(':');
  const auto first = port_named(parser, *token, std::string_view(token->text).substr(0, colon));
  if (!first) return false;
  pool.port = *first;
  if (colon == std::string::npos) return true;
  const std::string_view rest = std::string_view(token->text).substr(colon + 1);
  if (rest == "*") return pool.range = true;
  const auto last = port_named(parser, *token, rest);
  if (!last) return false;
  if (*last < *first) return parser.error(token->at, "the range of ports " + quoted(*token) + " ends before it begins");
  pool.last_port = *last;
  return true;
}

// As in pf, a key that is no number is taken by its MD5 digest.
bool parse_key(Parser& parser, std::optional<HashKey>& key) {
  const Token token = parser.take();
  HashKey out{};
  if (token.kind == TokenKind::String) {
    unsigned length = 0;
    if (EVP_Digest(token.text.data(), token.text.size(), out.data(), &length, EVP_md5(), nullptr) != 1) {
      return parser.error(token.at, "MD5 is not to be had on this machine: give the key as 0x and 32 digits");
    }
  } else {
    const auto bytes = from_hex(std::string_view(token.text).substr(2));
    if (!bytes || bytes->size() != out.size()) {
      return parser.error(token.at, "a key is 0x and 32 hexadecimal digits, or a string in quotes");
    }
    std::ranges::copy(*bytes, out.begin());
  }
  key = out;
  return true;
}

struct MethodWord {
  std::string_view word;
  Method method;
};
constexpr std::array kMethods = {MethodWord{"round-robin", Method::RoundRobin}, MethodWord{"random", Method::Random},
                                 MethodWord{"source-hash", Method::SourceHash},
                                 MethodWord{"least-states", Method::LeastStates}, MethodWord{"hash", Method::Hash}};

// Before OpenBSD 4.7 a pool of more than one address went by round-robin alone.
bool was_possible(Parser& parser, const ast::Pool& pool, const Token& word, Method method) {
  if (method == Method::RoundRobin) return true;
  if (method == Method::LeastStates || method == Method::Hash) {
    return parser.error(word.at, "pf before OpenBSD 4.7 has no " + word.text);
  }
  if (!pool.table.empty()) return parser.error(word.at, std::string(kTableReason));
  return pool.addresses.size() < 2 || parser.error(word.at, std::string(kListReason));
}

bool parse_method(Parser& parser, ast::Rule& rule, Grammar grammar, const Token& word, Method method) {
  parser.take();
  rule.options.method = method;
  if (grammar == Grammar::Before47 && !was_possible(parser, rule.pool, word, method)) return false;
  const bool keyed = method == Method::SourceHash || method == Method::Hash;
  const Token& next = parser.peek();
  const bool key = next.kind == TokenKind::String || (next.kind == TokenKind::Word && next.text.starts_with("0x"));
  return !keyed || !key || parse_key(parser, rule.options.key);
}

}  // namespace

bool parse_pool(Parser& parser, ast::Rule& rule, Grammar grammar) {
  if (!parse_target(parser, rule)) return false;
  if (parser.accept("port") && !parse_target_port(parser, rule.pool)) return false;
  std::set<std::string> given;
  bool chosen = false;
  for (;;) {
    const Token word = parser.peek();
    const auto* method = std::ranges::find_if(kMethods, [&](const auto& one) { return word.is_word(one.word); });
    if (method != kMethods.end()) {
      if (std::exchange(chosen, true)) return parser.error(word.at, "a second way to choose a host: " + quoted(word));
      if (!parse_method(parser, rule, grammar, word, method->method)) return false;
    } else if (parser.accept("sticky-address")) {
      if (!parser.once(given, word)) return false;
      rule.options.sticky = true;
    } else if (word.is_word("bitmask")) {
      return parser.error(
          word.at, "bitmask is for networks: " + std::string(rule.pool.table.empty()
                                                                 ? "a rule redirects to addresses here"
                                                                 : "tables are not supported by this pool type"));
    } else if (word.is_word("static-port")) {
      return parser.error(word.at, "static-port is for nat");
    } else {
      return true;
    }
  }
}

}  // namespace hcd::fastpath::pfconf
