// `check http|https PATH` and what is asked of the answer. The words after the path come in any order.
#include <algorithm>
#include <array>
#include <cctype>

#include "hcd/conf/http_words.h"
#include "hcd/conf/parse_check_parts.h"
#include "hcd/conf/parse_options.h"
#include "hcd/conf/regex.h"

namespace hcd::conf {
namespace {

constexpr std::size_t kPathMax = 1024;
constexpr std::size_t kHostMax = 253;  // a DNS name's
constexpr std::size_t kCodesMax = 32, kHeadersMax = 16, kHeaderMax = 1024, kExpectMax = 16;

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

bool parse_method(Parser& p, Check& check, const Token& word) {
  const auto method = p.value("a method");
  if (!method) return false;
  if (check.http.method != HttpMethod::Auto) return p.error(word.at, "'method' is given twice");
  for (const auto known : {HttpMethod::Get, HttpMethod::Head, HttpMethod::Post, HttpMethod::Options})
    if (method->text == method_text(known)) {
      check.http.method = known;
      return true;
    }
  return p.error(method->at, "a method is GET, HEAD, POST or OPTIONS, not " + quoted(*method));
}

bool parse_header(Parser& p, Check& check, const Token& word) {
  const auto header = p.value("a header as \"Name: value\"");
  if (!header) return false;
  if (check.http.headers.size() == kHeadersMax)
    return p.error(word.at, "a request has at most " + std::to_string(kHeadersMax) + " headers of its own");
  if (header->text.size() > kHeaderMax)
    return p.error(header->at, "the header is longer than " + std::to_string(kHeaderMax) + " bytes");
  if (const auto problem = header_problem(header->text); !problem.empty()) return p.error(header->at, problem);
  check.http.headers.push_back(header->text);
  return true;
}

// "200" or "200-299".
std::optional<CodeRange> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto low = parse_number<std::uint16_t>(text.substr(0, dash), 100, 599);
  const auto high = dash == std::string_view::npos ? low : parse_number<std::uint16_t>(text.substr(dash + 1), 100, 599);
  if (!low || !high || *high < *low) return std::nullopt;
  return CodeRange{*low, *high};
}

// Commas stand between ranges, in a string or bare.
bool parse_code(Parser& p, Check& check, const Token& word) {
  if (check.type != CheckType::None) return p.error(word.at, "a check has one 'code' or 'digest'");
  check.type = CheckType::HttpCode;
  do {
    const auto token = p.value("a status code");
    if (!token) return false;
    for (const auto part : split(token->text, ',')) {
      const auto range = parse_range(part);
      if (!range)
        return p.error(token->at, "a code is a number from 100 to 599, or a range of them as 200-299, not '" +
                                      printable(part, 64) + "'");
      if (check.http.codes.size() == kCodesMax)
        return p.error(token->at, "more than " + std::to_string(kCodesMax) + " codes and ranges");
      check.http.codes.push_back(*range);
    }
  } while (p.accept(','));
  return true;
}

bool parse_digest(Parser& p, Check& check, const Token& word) {
  const auto digest = p.value("a digest");
  if (!digest) return false;
  if (check.type != CheckType::None) return p.error(word.at, "a check has one 'code' or 'digest'");
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

std::optional<std::string> parse_regex(Parser& p) {
  const auto pattern = p.value("a regular expression");
  if (!pattern) return std::nullopt;
  if (const auto regex = compile_regex(pattern->text); !regex) {
    p.error(pattern->at, regex.error().text);
    return std::nullopt;
  }
  return pattern->text;
}

// expect header NAME REGEX | expect body REGEX
bool parse_expect(Parser& p, Check& check, const Token& word) {
  if (p.accept("body")) {
    if (!check.http.expect_body.empty()) return p.error(word.at, "'expect body' is given twice");
    auto regex = parse_regex(p);
    if (regex) check.http.expect_body = std::move(*regex);
    return regex.has_value();
  }
  if (!p.accept("header")) return p.error(p.peek().at, "expected 'header' or 'body', not " + quoted(p.peek()));
  const auto name = p.value("a header's name");
  if (!name) return false;
  if (!is_header_name(name->text)) return p.error(name->at, quoted(*name) + " cannot be a header's name");
  if (check.http.expect_headers.size() == kExpectMax)
    return p.error(word.at, "a check expects at most " + std::to_string(kExpectMax) + " headers");
  auto regex = parse_regex(p);
  if (regex) check.http.expect_headers.push_back({name->text, std::move(*regex)});
  return regex.has_value();
}

constexpr auto kWords = with_tls_words(std::to_array<Keyword<Check>>({
    {"host", parse_http_host},
    {"method", parse_method},
    {"header", parse_header},
    {"code", parse_code},
    {"digest", parse_digest},
    {"expect", parse_expect},
}));

}  // namespace

bool parse_http_host(Parser& p, Check& check, const Token& word) {
  const auto host = p.value("the name for the Host header");
  if (!host) return false;
  if (!check.http.host.empty()) return p.error(word.at, quoted(word) + " is given twice");
  const bool valid = std::ranges::all_of(host->text, [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view(".-_:[]").contains(static_cast<char>(c));
  });
  if (!valid || host->text.size() > kHostMax) return p.error(host->at, quoted(*host) + " cannot be a Host header");
  check.http.host = host->text;
  return true;
}

bool parse_http(Parser& p, Check& check, const Token& word) {
  if (word.text == "https") check.tls.emplace();
  if (!parse_path(p, check)) return false;
  if (!parse_keywords(p, check, kWords)) return false;
  if (check.type == CheckType::None)
    return p.error(p.peek().at, "expected 'code' or 'digest', not " + quoted(p.peek()));
  if (check.type == CheckType::HttpDigest && !check.http.expect_body.empty())
    return p.error(word.at, "a digest is of the whole body: 'expect body' goes with 'code'");
  const bool body = check.type == CheckType::HttpDigest || !check.http.expect_body.empty();
  if (body && check.http.method == HttpMethod::Head)
    return p.error(word.at, "the answer to HEAD has no body to be judged");
  return finish_tls(p, check, word);
}

}  // namespace hcd::conf
