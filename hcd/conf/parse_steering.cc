#include "hcd/conf/parse_steering.h"

#include <algorithm>
#include <array>

#include <openssl/sha.h>

#include "fastpath/hosts.h"
#include "fastpath/state_words.h"
#include "hcd/conf/print.h"

namespace hcd::conf {
namespace {

constexpr std::size_t kTagMax = 63;

// "80", "8000:8099", "any"
bool parse_ports(Parser& p, ast::Virtual& added) {
  const auto token = p.value("a port, a range of ports as 8000:8099, or any");
  if (!token) return false;
  if (token->kind == TokenKind::Word && token->text == "any") return true;
  const std::string_view text = token->text;
  const auto colon = text.find(':');
  const auto first = p.port_in(*token, text.substr(0, colon));
  if (!first) return false;
  added.port = *first;
  if (colon == std::string_view::npos) return true;
  const auto last = p.port_in(*token, text.substr(colon + 1));
  if (!last) return false;
  added.last_port = *last;
  return *last > *first || p.error(token->at, "the range of ports " + quoted(*token) + " ends before it begins");
}

bool add_source(Parser& p, fastpath::From& from) {
  if (p.peek().is_symbol('<')) {
    const Token at = p.peek();
    auto table = fastpath::parse_table_name(p);
    if (!table) return false;
    if (!from.any()) return p.error(at.at, "a table stands alone as a source");
    from.table = std::move(*table);
    return true;
  }
  const auto token = p.value("an address, a network or <table>");
  if (!token) return false;
  const auto network = fastpath::network_of(token->text);
  if (!network) return p.error(token->at, network.error().text);
  if (!from.table.empty()) return p.error(token->at, "a table stands alone as a source");
  if (std::ranges::find(from.networks, *network) != from.networks.end())
    return p.error(token->at, quoted(*token) + " is given twice");
  from.networks.push_back(*network);
  return true;
}

// `0x` and 32 hex digits are the key; any other word is hashed to one.
std::optional<fastpath::HashKey> parse_key(Parser& p) {
  const auto token = p.value("a key");
  if (!token) return std::nullopt;
  fastpath::HashKey key{};
  if (!token->text.starts_with("0x")) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(token->text.data()), token->text.size(), digest.data());
    std::copy_n(digest.begin(), key.size(), key.begin());
    return key;
  }
  const auto bytes = from_hex(std::string_view(token->text).substr(2));
  if (!bytes || bytes->size() != key.size()) {
    p.error(token->at, "a key is 0x and 32 hexadecimal digits, or a string");
    return std::nullopt;
  }
  std::ranges::copy(*bytes, key.begin());
  return key;
}

struct ModeWord {
  std::string_view word;
  fastpath::Method method;
};
// The first of each method is the one that is printed.
constexpr auto kModes = std::to_array<ModeWord>({{"roundrobin", fastpath::Method::RoundRobin},
                                                 {"random", fastpath::Method::Random},
                                                 {"least-states", fastpath::Method::LeastStates},
                                                 {"source-hash", fastpath::Method::SourceHash},
                                                 {"hash", fastpath::Method::Hash},
                                                 {"loadbalance", fastpath::Method::SourceHash},
                                                 {"maglev", fastpath::Method::Hash}});

struct Mode {
  fastpath::Method method;
  std::optional<fastpath::HashKey> key;
};

std::optional<Mode> parse_mode_words(Parser& p) {
  for (const auto& [name, method] : kModes) {
    if (!p.accept(name)) continue;
    Mode mode{.method = method, .key = {}};
    if ((method != fastpath::Method::SourceHash && method != fastpath::Method::Hash) || p.words_end()) return mode;
    mode.key = parse_key(p);
    return mode.key ? std::optional(mode) : std::nullopt;
  }
  std::string words;
  for (const auto& mode : kModes) words += (words.empty() ? "'" : ", '") + std::string(mode.word) + "'";
  p.error(p.peek().at, "expected one of " + words + ", not " + quoted(p.peek()));
  return std::nullopt;
}

}  // namespace

// from [!] NETWORK | <table>, from { NETWORK, ... }
bool parse_from(Parser& p, ast::Service& service, const Token& word) {
  fastpath::From& from = service.rule.from;
  if (!p.set(service.from, true, word)) return false;
  from.negated = p.accept('!');
  if (from.negated && p.peek().is_symbol('{'))
    return p.error(p.peek().at, "a list of sources cannot be excepted: name a table");
  if (!p.accept('{')) return add_source(p, from);
  while (!p.accept('}')) {
    if (p.accept(',')) continue;
    if (p.peek().kind == TokenKind::Newline)
      p.take();
    else if (!add_source(p, from))
      return p.recover(1), false;
  }
  return !from.any() || p.error(p.peek().at, "the list of sources is empty");
}

bool parse_mode(Parser& p, ast::Service& service, const Token& word) {
  const auto mode = parse_mode_words(p);
  if (!mode || !p.set(service.mode, mode->method, word)) return false;
  service.rule.method = mode->method;
  service.rule.key = mode->key;
  return true;
}

bool parse_sticky(Parser& p, ast::Service& service, const Token& word) {
  return p.set(service.sticky, true, word) && (service.rule.sticky = true);
}

// keep state (OPTIONS)
bool parse_keep(Parser& p, ast::Service& service, const Token& word) {
  if (!p.expect("state") || !p.set(service.state, true, {word.kind, "keep state", word.at})) return false;
  return p.peek().is_symbol('(') ? fastpath::parse_state_options(p, service.rule) : p.expect('(');
}

bool parse_on(Parser& p, ast::Service& service, const Token& word) {
  if (!p.expect("down") || !p.set(service.on_down, false, {word.kind, "on down", word.at})) return false;
  if (p.accept("keep")) return true;
  if (!p.accept("reset")) return p.error(p.peek().at, "expected 'keep' or 'reset', not " + quoted(p.peek()));
  return service.on_down->value = true;
}

bool parse_keep_ttl(Parser& p, ast::Service& service, const Token& word) {
  return p.set(service.keep_ttl, true, word) && (service.rule.keep_ttl = true);
}

bool parse_session(Parser& p, ast::Service& service, const Token& word) {
  if (!p.expect("timeout")) return false;
  const auto seconds = p.number<std::uint32_t>("session timeout", 1, 2147483647);
  return seconds && p.set(service.session_timeout, Seconds(*seconds), {word.kind, "session timeout", word.at});
}

bool parse_tag(Parser& p, ast::Service& service, const Token& word) {
  const auto tag = p.label("tag", kTagMax);
  return tag && p.set(service.tag, tag->text, word);
}

bool parse_disabled(Parser&, ast::Service& service, const Token&) {
  return service.disabled = true;
}

bool parse_endpoint(Parser& p, ast::Virtual& added) {
  if (p.accept("udp"))
    added.proto = Proto::Udp;
  else if (!p.accept("tcp") && p.peek().is_value() && !p.peek().is_word("port"))
    return p.error(p.peek().at, "expected 'tcp', 'udp' or 'port', not " + quoted(p.peek()));
  if (!p.expect("port") || !parse_ports(p, added)) return false;
  if (!p.accept("interface")) return true;
  const auto interface = p.label("interface", kInterfaceMax);
  if (interface) added.interface = interface->text;
  return interface.has_value();
}

// In relayd's vocabulary it may stand in each `forward to`, and says the same there.
bool parse_forward_mode(Parser& p, ast::Service& service, const Token& word) {
  const auto mode = parse_mode_words(p);
  if (!mode) return false;
  auto& rule = service.rule;
  if (service.mode && (rule.method != mode->method || (rule.key && mode->key && *rule.key != *mode->key)))
    return p.error(word.at, "a redirect has one mode and key: those on line " + std::to_string(service.mode->at.line) +
                                " are others");
  if (!service.mode) service.mode = {mode->method, word.at};
  rule.method = mode->method;
  if (mode->key) rule.key = mode->key;
  return true;
}

std::string_view mode_text(fastpath::Method method) {
  const auto found = std::ranges::find(kModes, method, &ModeWord::method);
  return found == kModes.end() ? "" : found->word;
}

}  // namespace hcd::conf
