// Inside `service NAME { }`.
#include <algorithm>
#include <array>

#include <openssl/sha.h>

#include "fastpath/hosts.h"
#include "fastpath/state_words.h"
#include "hcd/conf/parse_judgement.h"
#include "hcd/conf/print.h"

namespace hcd::conf {
namespace {

constexpr std::size_t kTagMax = 63;
constexpr std::size_t kBackupsMax = 16, kConditionsMax = 16;

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

bool parse_virtual(Parser& p, ast::Service& service, const Token&) {
  if (!p.expect("host")) return false;
  const auto host = p.value("an address");
  if (!host) return false;
  ast::Virtual added{.host = {host->text, host->at}, .interface = {}};
  if (p.accept("udp"))
    added.proto = Proto::Udp;
  else
    p.accept("tcp");
  if (!p.expect("port") || !parse_ports(p, added)) return false;
  if (p.accept("interface")) {
    const auto interface = p.label("interface", kInterfaceMax);
    if (!interface) return false;
    added.interface = interface->text;
  }
  service.virtuals.push_back(std::move(added));
  return true;
}

bool parse_table(Parser& p, ast::Service& service, const Token& word) {
  const auto name = p.table_name();
  return name && p.set(service.table, name->text, {word.kind, word.text, name->at});
}

bool parse_backup(Parser& p, ast::Service& service, const Token& word) {
  if (!p.expect("table")) return false;
  const auto name = p.table_name();
  if (!name) return false;
  if (service.backups.size() == kBackupsMax)
    return p.error(word.at, "a service has at most " + std::to_string(kBackupsMax) + " backup tables");
  service.backups.push_back({name->text, name->at});
  return true;
}

// `below 50%` or `below 2 hosts`.
bool parse_threshold(Parser& p, ast::Condition& condition) {
  const auto token = p.value("a percentage or a number of hosts");
  if (!token) return false;
  std::string_view text = token->text;
  condition.percent = text.ends_with('%');
  if (condition.percent) text.remove_suffix(1);
  const auto below = parse_number<std::uint32_t>(text, 1, condition.percent ? 100 : 65536);
  if (!below) return p.error(token->at, "'below' takes 1% to 100%, or 1 to 65536 hosts, not " + quoted(*token));
  condition.below = {*below, token->at};
  return condition.percent || p.expect("hosts");
}

// use table X when Y below N%|N hosts [for T]
bool parse_use(Parser& p, ast::Service& service, const Token& word) {
  if (!p.expect("table")) return false;
  const auto use = p.table_name();
  if (!use || !p.expect("when")) return false;
  const auto watch = p.table_name();
  if (!watch || !p.expect("below")) return false;
  ast::Condition condition{.use = {use->text, use->at}, .watch = {watch->text, watch->at}, .below = {}};
  if (!parse_threshold(p, condition)) return false;
  const auto hold = parse_hold(p);
  if (!hold) return false;
  condition.hold = *hold;
  if (service.conditions.size() == kConditionsMax)
    return p.error(word.at, "a service has at most " + std::to_string(kConditionsMax) + " conditions");
  service.conditions.push_back(std::move(condition));
  return true;
}

bool parse_tag(Parser& p, ast::Service& service, const Token& word) {
  const auto tag = p.label("tag", kTagMax);
  return tag && p.set(service.tag, tag->text, word);
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

// `0x` and 32 hex digits are the key; any other word is hashed to one.
bool parse_key(Parser& p, ast::Service& service) {
  const auto token = p.value("a key");
  if (!token) return false;
  fastpath::HashKey key{};
  if (!token->text.starts_with("0x")) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(token->text.data()), token->text.size(), digest.data());
    std::copy_n(digest.begin(), key.size(), key.begin());
  } else {
    const auto bytes = from_hex(std::string_view(token->text).substr(2));
    if (!bytes || bytes->size() != key.size())
      return p.error(token->at, "a key is 0x and 32 hexadecimal digits, or a string");
    std::ranges::copy(*bytes, key.begin());
  }
  service.rule.key = key;
  return true;
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

bool parse_mode(Parser& p, ast::Service& service, const Token& word) {
  for (const auto& [name, method] : kModes) {
    if (!p.accept(name)) continue;
    if (!p.set(service.mode, method, word)) return false;
    service.rule.method = method;
    const bool keyed = method == fastpath::Method::SourceHash || method == fastpath::Method::Hash;
    return !keyed || p.line_ends() || parse_key(p, service);
  }
  std::string words;
  for (const auto& mode : kModes) words += (words.empty() ? "'" : ", '") + std::string(mode.word) + "'";
  return p.error(p.peek().at, "expected one of " + words + ", not " + quoted(p.peek()));
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
  if (!p.expect("down") || !p.set(service.on_down, true, {word.kind, "on down", word.at})) return false;
  if (p.accept("keep")) return true;
  if (!p.accept("reset")) return p.error(p.peek().at, "expected 'keep' or 'reset', not " + quoted(p.peek()));
  service.rule.on_down = fastpath::OnDown::Reset;
  return true;
}

bool parse_keep_ttl(Parser& p, ast::Service& service, const Token& word) {
  return p.set(service.keep_ttl, true, word) && (service.rule.keep_ttl = true);
}

bool parse_session(Parser& p, ast::Service& service, const Token& word) {
  if (!p.expect("timeout")) return false;
  const auto seconds = p.number<std::uint32_t>("session timeout", 1, 2147483647);
  return seconds && p.set(service.session_timeout, Seconds(*seconds), {word.kind, "session timeout", word.at});
}

bool parse_disable(Parser&, ast::Service& service, const Token&) {
  return service.disabled = true;
}

constexpr std::string_view kRelayd = "this is relayd's word for a redirect: a service has 'virtual host' and 'table'";

constexpr auto kKeywords = std::to_array<Keyword<ast::Service>>({
    {"virtual", parse_virtual},
    {"table", parse_table},
    {"backup", parse_backup},
    {"use", parse_use},
    {"tag", parse_tag},
    {"mode", parse_mode},
    {"session", parse_session},
    {"disable", parse_disable},
    {"from", parse_from},
    {"sticky-address", parse_sticky},
    {"keep", parse_keep},
    {"on", parse_on},
    {"keep-ttl", parse_keep_ttl},
    {"listen", nullptr, kRelayd},
    {"forward", nullptr, kRelayd},
    {"route", nullptr, kRelayd},
    {"match", nullptr, kRelayd},
    {"pftag", nullptr, kRelayd},
});

}  // namespace

std::string_view mode_text(fastpath::Method method) {
  const auto found = std::ranges::find(kModes, method, &ModeWord::method);
  return found == kModes.end() ? "" : found->word;
}

const Section<ast::Service> kServiceSection = {"a service", kKeywords};

}  // namespace hcd::conf
