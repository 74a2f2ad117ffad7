#include "hcd/conf/parse_check_peers.h"

#include <algorithm>
#include <array>

#include "hcd/conf/parse_check_dns.h"
#include "hcd/conf/parse_options.h"
#include "hcd/conf/print.h"

namespace hcd::conf {
namespace {

bool is_plain(std::string_view text, char lowest) {
  return std::ranges::all_of(text, [lowest](unsigned char c) { return c >= lowest && c < 0x7f; });
}

// A word that is sent as it is, so that nothing in it can end a line or a field.
bool parse_word(Parser& p, std::string& out, std::string_view what, std::size_t limit, char lowest = ' ' + 1) {
  const auto token = p.value(what);
  if (!token) return false;
  if (token->text.size() > limit)
    return p.error(token->at, std::string(what) + " is longer than " + std::to_string(limit) + " characters");
  if (!is_plain(token->text, lowest))
    return p.error(token->at, std::string(what) + " holds only visible ASCII, unlike " + quoted(*token));
  out = token->text;
  return true;
}

bool parse_user(Parser& p, Check& check) {
  return parse_word(p, check.peer.user, "a user", kPeerWordMax);
}
bool parse_password(Parser& p, Check& check) {
  return parse_word(p, check.peer.password, "a password", kPeerWordMax, ' ');
}
bool parse_database(Parser& p, Check& check) {
  return parse_word(p, check.peer.name, "a database", kPeerWordMax);
}
bool parse_noauth(Parser&, Check& check) {
  return check.peer.noauth = true;
}
bool parse_tls(Parser&, Check& check) {
  check.tls.emplace();
  return true;
}
bool parse_starttls(Parser&, Check& check) {
  check.tls.emplace();
  return check.peer.starttls = true;
}

bool parse_redis(Parser& p, Check& check, const Token& word) {
  constexpr std::array<Option, 4> kOptions = {
      {{"user", parse_user}, {"password", parse_password}, {"noauth", parse_noauth}, {"tls", parse_tls}}};
  check.type = CheckType::Redis;
  if (!parse_options(p, check, kOptions)) return false;
  if (!check.peer.user.empty() && check.peer.password.empty())
    return p.error(word.at, "a user of redis needs a password");
  return true;
}

// TLS begins inside the protocol, at the client's request.
bool parse_mysql(Parser& p, Check& check, const Token&) {
  constexpr std::array<Option, 2> kOptions = {{{"user", parse_user}, {"tls", parse_starttls}}};
  check.type = CheckType::Mysql;
  return parse_options(p, check, kOptions);
}
bool parse_postgres(Parser& p, Check& check, const Token&) {
  constexpr std::array<Option, 3> kOptions = {
      {{"user", parse_user}, {"database", parse_database}, {"tls", parse_starttls}}};
  check.type = CheckType::Postgres;
  return parse_options(p, check, kOptions);
}

// One or the other: what is too much on the line is refused by the parser.
bool parse_tls_or_starttls(Parser& p, Check& check) {
  if (!p.line_ends() && !p.peek().is_word("tls") && !p.peek().is_word("starttls"))
    return p.error(p.peek().at, quoted(p.peek()) + " is not a word of this check (tls, starttls)");
  if (p.accept("tls")) return parse_tls(p, check);
  return p.accept("starttls") ? parse_starttls(p, check) : true;
}

bool parse_smtp(Parser& p, Check& check, const Token&) {
  constexpr std::size_t kDomainMax = 253;
  check.type = CheckType::Smtp;
  const bool option = p.peek().is_word("tls") || p.peek().is_word("starttls");
  if (!option && !p.line_ends() && !parse_word(p, check.peer.name, "a domain", kDomainMax)) return false;
  return parse_tls_or_starttls(p, check);
}
bool parse_ldap(Parser& p, Check& check, const Token&) {
  check.type = CheckType::Ldap;
  return parse_tls_or_starttls(p, check);
}

constexpr auto kPeers = std::to_array<Keyword<Check>>({
    {"dns", parse_dns},
    {"grpc", nullptr, "a check by gRPC's health service is not supported"},
    {"redis", parse_redis},
    {"mysql", parse_mysql},
    {"postgres", parse_postgres},
    {"smtp", parse_smtp},
    {"ldap", parse_ldap},
});

}  // namespace

std::span<const Keyword<Check>> peer_checks() {
  return kPeers;
}

std::string peer_check_text(const Check& check) {
  const PeerCheck& peer = check.peer;
  const auto option = [](std::string_view word, const std::string& value) {
    return value.empty() ? std::string() : " " + std::string(word) + " " + quote(value);
  };
  const auto word = [](bool there, std::string_view text) { return there ? " " + std::string(text) : std::string(); };
  const std::string tls = word(check.tls.has_value(), "tls"), how = word(peer.starttls, "starttls");
  switch (check.type) {
    case CheckType::Dns: return dns_check_text(peer);
    case CheckType::Redis:
      return "redis" + option("user", peer.user) + option("password", peer.password) + word(peer.noauth, "noauth") +
             tls;
    case CheckType::Mysql: return "mysql" + option("user", peer.user) + tls;
    case CheckType::Postgres: return "postgres" + option("user", peer.user) + option("database", peer.name) + tls;
    case CheckType::Smtp:
      return "smtp" + (peer.name.empty() ? "" : " " + quote(peer.name)) + (peer.starttls ? how : tls);
    case CheckType::Ldap: return "ldap" + (peer.starttls ? how : tls);
    default: return {};
  }
}

}  // namespace hcd::conf
