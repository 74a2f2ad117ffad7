// Inside `service NAME { }`.
#include <array>

#include <openssl/sha.h>

#include "hcd/conf/parser.h"

namespace hcd::conf {
namespace {

constexpr std::size_t kTagMax = 63;
constexpr std::size_t kKeySize = 16;

bool parse_virtual(Parser& p, ast::Service& service, const Token&) {
  if (!p.expect("host")) return false;
  const auto host = p.value("an address");
  if (!host || !p.expect("port")) return false;
  const auto port = p.port();
  if (!port) return false;
  ast::Virtual added{{host->text, host->at}, *port, {}};
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
  return name && p.set(service.backup, name->text, {word.kind, "backup table", name->at});
}

bool parse_tag(Parser& p, ast::Service& service, const Token& word) {
  const auto tag = p.label("tag", kTagMax);
  return tag && p.set(service.tag, tag->text, word);
}

// `0x` and 32 hex digits are the key; any other word is hashed to one.
bool parse_key(Parser& p, ast::Service& service) {
  const auto token = p.value("a key");
  if (!token) return false;
  if (!token->text.starts_with("0x")) {
    unsigned char digest[SHA256_DIGEST_LENGTH];
    SHA256(reinterpret_cast<const unsigned char*>(token->text.data()), token->text.size(), digest);
    service.key.emplace(reinterpret_cast<const char*>(digest), kKeySize);
    return true;
  }
  service.key = from_hex(std::string_view(token->text).substr(2));
  return (service.key && service.key->size() == kKeySize) ||
         p.error(token->at, "a key is 0x and 32 hexadecimal digits, or a string");
}

bool parse_mode(Parser& p, ast::Service& service, const Token& word) {
  if (p.accept("roundrobin")) return p.set(service.mode, Mode::RoundRobin, word);
  if (!p.accept("source-hash"))
    return p.error(p.peek().at, "expected 'roundrobin' or 'source-hash', not " + quoted(p.peek()));
  return p.set(service.mode, Mode::SourceHash, word) && (p.line_ends() || parse_key(p, service));
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
    {"tag", parse_tag},
    {"mode", parse_mode},
    {"session", parse_session},
    {"disable", parse_disable},
    {"sticky-address", nullptr, "sticky-address is not supported: 'mode source-hash' keeps a client on one host"},
    {"listen", nullptr, kRelayd},
    {"forward", nullptr, kRelayd},
    {"route", nullptr, kRelayd},
    {"match", nullptr, kRelayd},
    {"pftag", nullptr, kRelayd},
});

}  // namespace

const Section<ast::Service> kServiceSection = {"a service", kKeywords};

}  // namespace hcd::conf
