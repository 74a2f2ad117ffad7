#include "hcd/conf/parse_check.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "hcd/conf/parse_check_parts.h"
#include "hcd/conf/parse_check_peers.h"

namespace hcd::conf {
namespace {

constexpr std::size_t kPathMax = 1024;
constexpr std::size_t kHostMax = 253;  // a DNS name's

bool parse_icmp(Parser&, Check& check, const Token&) {
  check.type = CheckType::Icmp;
  return true;
}

bool parse_tcp(Parser&, Check& check, const Token&) {
  check.type = CheckType::Tcp;
  return true;
}

// The path goes into the request line as it is, so whatever could end that line or its parts is refused.
bool parse_path(Parser& p, Check& check) {
  const auto path = p.value("the path to ask for");
  if (!path) return false;
  const bool visible = std::ranges::all_of(path->text, [](char c) { return c > ' ' && c < 0x7f; });
  if (path->text[0] != '/') return p.error(path->at, "a path begins with '/', unlike " + quoted(*path));
  if (!visible) return p.error(path->at, "a path holds no blank and only visible ASCII: write %XX for other bytes");
  if (path->text.size() > kPathMax)
    return p.error(path->at, "the path is longer than " + std::to_string(kPathMax) + " characters");
  check.http.path = path->text;
  return true;
}

bool parse_host_name(Parser& p, Check& check) {
  const auto host = p.value("the name for the Host header");
  if (!host) return false;
  const bool valid = std::ranges::all_of(host->text, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view(".-_:[]").contains(static_cast<char>(c));
  });
  if (!valid || host->text.size() > kHostMax) return p.error(host->at, quoted(*host) + " cannot be a Host header");
  check.http.host = host->text;
  return true;
}

bool parse_code(Parser& p, Check& check) {
  const auto code = p.number<std::uint16_t>("code", 100, 599);
  if (!code) return false;
  check.type = CheckType::HttpCode;
  check.http.codes.push_back({*code, *code});
  return true;
}

bool parse_digest(Parser& p, Check& check) {
  const auto digest = p.value("a digest");
  if (!digest) return false;
  const auto bytes = from_hex(digest->text);
  if (!bytes) return p.error(digest->at, "a digest is written in hexadecimal digits, unlike " + quoted(*digest));
  constexpr std::array kTypes = {std::pair{16, DigestType::Md5}, std::pair{20, DigestType::Sha1},
                                 std::pair{32, DigestType::Sha256}};
  for (const auto& [size, type] : kTypes) {
    if (bytes->size() != static_cast<std::size_t>(size)) continue;
    check.type = CheckType::HttpDigest;
    check.http.digest_type = type;
    check.http.digest = *bytes;
    return true;
  }
  return p.error(digest->at, "a digest has 32 (MD5), 40 (SHA1) or 64 (SHA256) hexadecimal digits, not " +
                                 std::to_string(digest->text.size()));
}

bool parse_http(Parser& p, Check& check, const Token& word) {
  if (word.text == "https") check.tls.emplace();
  if (!parse_path(p, check)) return false;
  if (p.accept("host") && !parse_host_name(p, check)) return false;
  if (p.accept("code")) return parse_code(p, check);
  if (p.accept("digest")) return parse_digest(p, check);
  return p.error(p.peek().at, "expected 'code' or 'digest', not " + quoted(p.peek()));
}

constexpr auto kChecks = std::to_array<Keyword<Check>>({
    {"icmp", parse_icmp},
    {"tcp", parse_tcp},
    {"http", parse_http},
    {"https", parse_http},
    {"ssl", parse_tls_check},
    {"tls", parse_tls_check},
    {"send", parse_send},
    {"binary", parse_binary},
    {"script", nullptr, "a check by script is not supported"},
});

}  // namespace

std::optional<Check> parse_check_line(Parser& p) {
  std::string known;
  for (const auto keywords : {std::span<const Keyword<Check>>(kChecks), peer_checks()})
    for (const auto& keyword : keywords) {
      if (keyword.refusal.empty()) known += (known.empty() ? "" : ", ") + std::string(keyword.word);
      if (!p.peek().is_word(keyword.word)) continue;
      Check check;
      if (!keyword.refusal.empty()) return p.error(p.peek().at, std::string(keyword.refusal)), std::nullopt;
      const auto word = p.take();
      if (!keyword.parse(p, check, word)) return std::nullopt;
      return check;
    }
  p.error(p.peek().at, quoted(p.peek()) + " is not a kind of check (" + known + ")");
  return std::nullopt;
}

}  // namespace hcd::conf
