#include <algorithm>
#include <array>
#include <cctype>

#include "hcd/conf/parse_check_parts.h"
#include "hcd/conf/parse_options.h"

namespace hcd::conf {
namespace {

constexpr std::size_t kNameLimit = 253, kAlpnLimit = 255;

// A name as a certificate has it, or an address.
bool parse_server_name(Parser& p, std::string& out, const Token& word) {
  const auto name = p.value("a name");
  if (!name) return false;
  if (!out.empty()) return p.error(word.at, quoted(word) + " is given twice");
  const bool valid = std::ranges::all_of(name->text, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view(".-_:").contains(static_cast<char>(c));
  });
  if (!valid || name->text.size() > kNameLimit) return p.error(name->at, quoted(*name) + " is no server's name");
  out = name->text;
  return true;
}

TlsCheck* over_tls(Parser& p, Check& check, const Token& word) {  // null: it is not, which is reported
  if (check.tls) return &*check.tls;
  p.error(word.at, quoted(word) + " is for a check over TLS");
  return nullptr;
}

}  // namespace

bool parse_tls_verify(Parser& p, Check& check, const Token& word) {
  TlsCheck* tls = over_tls(p, check, word);
  if (tls == nullptr) return false;
  tls->verify = true;
  return true;
}

bool parse_tls_ca(Parser& p, Check& check, const Token& word) {
  TlsCheck* tls = over_tls(p, check, word);
  if (tls == nullptr) return false;
  const auto path = p.whole_path("a file of certificates", "a file of certificates");
  if (!path) return false;
  if (!tls->ca.empty()) return p.error(word.at, "'ca' is given twice");
  if (const auto done = p.read_authorities(path->text); !done)
    return p.error(path->at, "file " + quoted(*path) + " " + done.error().text);
  tls->ca = path->text;
  tls->verify = true;
  return true;
}

bool parse_tls_name(Parser& p, Check& check, const Token& word) {
  TlsCheck* tls = over_tls(p, check, word);
  if (tls == nullptr) return false;
  tls->verify = true;
  return parse_server_name(p, tls->name, word);
}

bool parse_tls_sni(Parser& p, Check& check, const Token& word) {
  TlsCheck* tls = over_tls(p, check, word);
  if (tls == nullptr) return false;
  const auto at = p.peek().at;
  if (!parse_server_name(p, tls->sni, word)) return false;
  return !Address::parse(tls->sni) || p.error(at, "SNI holds a name, not an address");
}

bool parse_tls_alpn(Parser& p, Check& check, const Token& word) {
  TlsCheck* tls = over_tls(p, check, word);
  if (tls == nullptr) return false;
  const auto protocol = p.value("a protocol's name");
  if (!protocol) return false;
  if (!tls->alpn.empty()) return p.error(word.at, "'alpn' is given twice");
  const bool plain = std::ranges::all_of(protocol->text, [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (!plain || protocol->text.size() > kAlpnLimit)
    return p.error(protocol->at, quoted(*protocol) + " is no protocol's name");
  tls->alpn = protocol->text;
  return true;
}

bool parse_tls_expiry(Parser& p, Check& check, const Token& word) {
  constexpr auto kDay = std::chrono::hours(24);
  TlsCheck* tls = over_tls(p, check, word);
  if (tls == nullptr) return false;
  if (tls->expiry) return p.error(word.at, "'expiry' is given twice");
  tls->expiry = p.accept("off") ? Seconds(0) : p.seconds("expiry", kDay, 3650 * kDay);
  return tls->expiry.has_value();
}

bool finish_tls(Parser& p, const Check& check, const Token& word) {
  if (!check.tls || !check.tls->verify || !check.tls->ca.empty()) return true;
  const auto done = p.read_authorities({});
  return done || p.error(word.at, "the system's file of certificates " + done.error().text + ": name one with 'ca'");
}

bool parse_tls_words(Parser& p, Check& check, const Token& word) {
  return parse_keywords(p, check, kTlsWords) && finish_tls(p, check, word);
}

bool parse_tls_check(Parser& p, Check& check, const Token& word) {
  check.type = CheckType::Tls;
  check.tls.emplace();
  return parse_tls_words(p, check, word);
}

}  // namespace hcd::conf
