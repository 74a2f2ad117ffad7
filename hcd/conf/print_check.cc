#include "fastpath/base/text.h"
#include "hcd/conf/duration.h"
#include "hcd/conf/escape.h"
#include "hcd/conf/http_words.h"
#include "hcd/conf/parse_check_peers.h"
#include "hcd/conf/print.h"

namespace hcd::conf {
namespace {

std::string codes_text(const std::vector<CodeRange>& codes) {
  std::vector<std::string> parts;
  for (const auto& [low, high] : codes)
    parts.push_back(std::to_string(low) + (high == low ? "" : "-" + std::to_string(high)));
  return join(parts, ",");
}

std::string tls_text(const Check& check) {
  if (!check.tls) return {};
  const TlsCheck& tls = *check.tls;
  std::string out = tls.verify ? " verify" : "";
  if (!tls.ca.empty()) out += " ca " + quote(tls.ca);
  if (!tls.name.empty()) out += " name " + quote(tls.name);
  if (!tls.sni.empty()) out += " sni " + quote(tls.sni);
  if (!tls.alpn.empty()) out += " alpn " + quote(tls.alpn);
  if (tls.expiry) out += " expiry " + (tls.expiry->count() == 0 ? "off" : brief_text(*tls.expiry));
  return out;
}

std::string http_text(const Check& check) {
  const HttpCheck& http = check.http;
  std::string out = (check.tls ? "https " : "http ") + quote(http.path);
  if (!http.host.empty()) out += " host " + quote(http.host);
  if (http.method != HttpMethod::Auto) out += " method " + std::string(method_text(http.method));
  for (const auto& header : http.headers) out += " header " + quote(header);
  if (check.type == CheckType::HttpDigest)
    out += " digest " + quote(to_hex(http.digest));
  else
    out += " code " + codes_text(http.codes);
  for (const auto& expected : http.expect_headers)
    out += " expect header " + quote(expected.name) + " " + quote(expected.pattern);
  if (!http.expect_body.empty()) out += " expect body " + quote(http.expect_body);
  return out + tls_text(check);
}

std::string exchange_text(const ExchangeCheck& exchange) {
  const auto data = [&](const std::string& bytes) { return exchange.binary ? quote(to_hex(bytes)) : escape(bytes); };
  std::string out = exchange.binary ? "binary send " : "send ";
  out += exchange.send.empty() ? "nothing" : data(exchange.send);
  return out + " expect " + (exchange.binary ? data(exchange.expect) : escape_glob(exchange.expect));
}

}  // namespace

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

std::string check_text(const Check& check) {
  switch (check.type) {
    case CheckType::None: return "none";
    case CheckType::Icmp: return "icmp";
    case CheckType::Tcp: return "tcp";
    case CheckType::Tls: return "tls" + tls_text(check);
    case CheckType::Script: return "script " + quote(check.script.path);
    case CheckType::SendExpect: return exchange_text(check.exchange) + (check.tls ? " tls" : "") + tls_text(check);
    case CheckType::HttpCode:
    case CheckType::HttpDigest: return http_text(check);
    default: return peer_check_text(check) + tls_text(check);
  }
}

}  // namespace hcd::conf
