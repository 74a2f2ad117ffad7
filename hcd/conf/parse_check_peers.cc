#include "hcd/conf/parse_check_peers.h"

#include <algorithm>
#include <array>

#include "hcd/conf/parse_check_dns.h"
#include "hcd/conf/parse_check_parts.h"
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

bool parse_user(Parser& p, Check& check, const Token&) {
  return parse_word(p, check.peer.user, "a user", kPeerWordMax);
}
bool parse_password(Parser& p, Check& check, const Token&) {
  return parse_word(p, check.peer.password, "a password", kPeerWordMax, ' ');
}
bool parse_database(Parser& p, Check& check, const Token&) {
  return parse_word(p, check.peer.name, "a database", kPeerWordMax);
}
bool parse_noauth(Parser&, Check& check, const Token&) {
  return check.peer.noauth = true;
}
bool parse_tls(Parser&, Check& check, const Token&) {
  check.tls.emplace();
  return true;
}
bool parse_starttls(Parser&, Check& check, const Token&) {
  check.tls.emplace();
  return check.peer.starttls = true;
}

constexpr auto kRedis = with_tls_words(std::to_array<Keyword<Check>>(
    {{"user", parse_user}, {"password", parse_password}, {"noauth", parse_noauth}, {"tls", parse_tls}}));
// TLS begins inside the protocol, at the client's request.
constexpr auto kMysql = with_tls_words(std::to_array<Keyword<Check>>({{"user", parse_user}, {"tls", parse_starttls}}));
constexpr auto kPostgres = with_tls_words(
    std::to_array<Keyword<Check>>({{"user", parse_user}, {"database", parse_database}, {"tls", parse_starttls}}));

bool parse_redis(Parser& p, Check& check, const Token& word) {
  check.type = CheckType::Redis;
  if (!parse_options(p, check, kRedis)) return false;
  if (!check.peer.user.empty() && check.peer.password.empty())
    return p.error(word.at, "a user of redis needs a password");
  return finish_tls(p, check, word);
}
bool parse_mysql(Parser& p, Check& check, const Token& word) {
  check.type = CheckType::Mysql;
  return parse_options(p, check, kMysql) && finish_tls(p, check, word);
}
bool parse_postgres(Parser& p, Check& check, const Token& word) {
  check.type = CheckType::Postgres;
  return parse_options(p, check, kPostgres) && finish_tls(p, check, word);
}

// One or the other, and what is asked of the server by it.
bool parse_tls_or_starttls(Parser& p, Check& check, const Token& word) {
  if (p.words_end()) return true;
  check.peer.starttls = p.peek().is_word("starttls");
  if (!p.accept("tls") && !p.accept("starttls"))
    return p.error(p.peek().at, quoted(p.peek()) + " is not a word of this check (tls, starttls)");
  check.tls.emplace();
  return parse_tls_words(p, check, word);
}

// A domain that is one of the words is put in quotes: who forgets `tls` before `verify` must not get a check without.
bool parse_smtp(Parser& p, Check& check, const Token& word) {
  constexpr std::size_t kDomainMax = 253;
  check.type = CheckType::Smtp;
  const bool option = p.peek().is_word("tls") || p.peek().is_word("starttls") ||
                      std::ranges::any_of(kTlsWords, [&](const auto& one) { return p.peek().is_word(one.word); });
  if (!option && !p.words_end() && !parse_word(p, check.peer.name, "a domain", kDomainMax)) return false;
  return parse_tls_or_starttls(p, check, word);
}
bool parse_ldap(Parser& p, Check& check, const Token& word) {
  check.type = CheckType::Ldap;
  return parse_tls_or_starttls(p, check, word);
}

constexpr auto kGrpc =
    with_tls_words(std::to_array<Keyword<Check>>({{"authority", parse_http_host}, {"tls", parse_tls}}));

bool parse_grpc(Parser& p, Check& check, const Token& word) {
  check.type = CheckType::Grpc;
  const bool option = std::ranges::any_of(kGrpc, [&](const auto& one) { return p.peek().is_word(one.word); });
  if (!option && !p.words_end() && !parse_word(p, check.peer.name, "a service", kServiceMax)) return false;
  return parse_options(p, check, kGrpc) && finish_tls(p, check, word);
}

constexpr auto kPeers = std::to_array<Keyword<Check>>({
    {"dns", parse_dns},
    {"grpc", parse_grpc},
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
  const std::string tls = word(check.tls.has_value(), "tls"), how = peer.starttls ? " starttls" : tls;
  switch (check.type) {
    case CheckType::Dns: return dns_check_text(peer);
    case CheckType::Grpc:
      return "grpc" + (peer.name.empty() ? "" : " " + quote(peer.name)) + option("authority", check.http.host) + tls;
    case CheckType::Redis:
      return "redis" + option("user", peer.user) + option("password", peer.password) + word(peer.noauth, "noauth") +
             tls;
    case CheckType::Mysql: return "mysql" + option("user", peer.user) + tls;
    case CheckType::Postgres: return "postgres" + option("user", peer.user) + option("database", peer.name) + tls;
    case CheckType::Smtp: return "smtp" + (peer.name.empty() ? "" : " " + quote(peer.name)) + how;
    case CheckType::Ldap: return "ldap" + how;
    default: return {};
  }
}

}  // namespace hcd::conf
