// `check send` and `check binary send`.
#include "fastpath/base/glob.h"
#include "hcd/conf/escape.h"
#include "hcd/conf/parse_check_parts.h"

namespace hcd::conf {
namespace {

constexpr std::size_t kSendMax = 4096, kExpectMax = Glob::kSizeMax;

std::optional<std::string> parse_hex(Parser& p, std::string_view what, std::size_t limit) {
  const auto token = p.value(what);
  if (!token) return std::nullopt;
  auto bytes = from_hex(token->text);
  if (!bytes)
    p.error(token->at, std::string(what) + " are an even number of hexadecimal digits, unlike " + quoted(*token));
  else if (bytes->size() > limit)
    p.error(token->at, std::string(what) + " are more than " + std::to_string(limit) + " bytes");
  else
    return bytes;
  return std::nullopt;
}

std::optional<std::string> parse_data(Parser& p) {
  if (p.peek().kind == TokenKind::String && p.peek().text.empty()) return p.take().text;  // as `nothing`
  const auto token = p.value("what to send, or 'nothing'");
  if (!token) return std::nullopt;
  auto bytes = unescape(token->text);
  if (!bytes)
    p.error(token->at, bytes.error().text);
  else if (bytes->size() > kSendMax)
    p.error(token->at, "what is sent is longer than " + std::to_string(kSendMax) + " bytes");
  else
    return std::move(*bytes);
  return std::nullopt;
}

std::optional<std::string> parse_glob(Parser& p) {
  const auto token = p.value("the pattern to expect");
  if (!token) return std::nullopt;
  auto pattern = unescape_glob(token->text);
  const auto glob = pattern ? Glob::compile(*pattern) : std::unexpected(pattern.error());
  if (glob) return std::move(*pattern);
  p.error(token->at, glob.error().text);
  return std::nullopt;
}

bool parse_exchange(Parser& p, Check& check, const Token& word, bool binary) {
  check.type = CheckType::SendExpect;
  check.exchange.binary = binary;
  if (!p.accept("nothing")) {
    auto send = binary ? parse_hex(p, "the bytes to send", kSendMax) : parse_data(p);
    if (!send) return false;
    check.exchange.send = std::move(*send);
  }
  if (!p.expect("expect")) return false;
  auto expect = binary ? parse_hex(p, "the bytes to expect", kExpectMax) : parse_glob(p);
  if (!expect) return false;
  check.exchange.expect = std::move(*expect);
  if (!p.accept("ssl") && !p.accept("tls")) return true;
  check.tls.emplace();
  return parse_tls_words(p, check, word);
}

}  // namespace

bool parse_send(Parser& p, Check& check, const Token& word) {
  return parse_exchange(p, check, word, false);
}

bool parse_binary(Parser& p, Check& check, const Token& word) {
  return p.expect("send") && parse_exchange(p, check, word, true);
}

}  // namespace hcd::conf
