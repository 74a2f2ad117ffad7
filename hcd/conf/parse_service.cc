// Inside `service NAME { }`.
#include <array>

#include <openssl/sha.h>

#include "hcd/conf/parse_judgement.h"

namespace hcd::conf {
namespace {

constexpr std::size_t kTagMax = 63;
constexpr std::size_t kBackupsMax = 16, kConditionsMax = 16;
constexpr std::size_t kKeySize = 16;

bool parse_virtual(Parser& p, ast::Service& service, const Token&) {
  if (!p.expect("host")) return false;
  const auto host = p.value("an address");
  if (!host) return false;
  ast::Virtual added{.host = {host->text, host->at}, .interface = {}};
  if (p.accept("udp"))
    added.proto = Proto::Udp;
  else
    p.accept("tcp");
  if (!p.expect("port")) return false;
  const auto port = p.port();
  if (!port) return false;
  added.port = *port;
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
    {"use", parse_use},
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
