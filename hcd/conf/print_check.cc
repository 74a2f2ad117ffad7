#include "fastpath/base/text.h"
#include "hcd/conf/escape.h"
#include "hcd/conf/parse_check_peers.h"
#include "hcd/conf/print.h"

namespace hcd::conf {
namespace {

std::string http_text(const Check& check) {
  const HttpCheck& http = check.http;
  std::string out = (check.tls ? "https " : "http ") + quote(http.path);
  if (!http.host.empty()) out += " host " + quote(http.host);
  if (check.type == CheckType::HttpDigest) return out + " digest " + quote(to_hex(http.digest));
  out += " code ";
  return out + std::to_string(http.codes.empty() ? 0 : http.codes.front().low);
}

std::string exchange_text(const ExchangeCheck& exchange) {
  const auto data = [&](const std::string& bytes) { return exchange.binary ? quote(to_hex(bytes)) : escape(bytes); };
  std::string out = exchange.binary ? "binary send " : "send ";
  out += exchange.send.empty() ? "nothing" : data(exchange.send);
  return out + " expect " + (exchange.binary ? data(exchange.expect) : escape_glob(exchange.expect));
}

std::string tls_word(const Check& check) {
  return check.tls ? " tls" : "";
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
    case CheckType::Tls: return "tls";
    case CheckType::SendExpect: return exchange_text(check.exchange) + tls_word(check);
    case CheckType::HttpCode:
    case CheckType::HttpDigest: return http_text(check);
    default: return peer_check_text(check);
  }
}

}  // namespace hcd::conf
