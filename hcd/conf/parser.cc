#include "hcd/conf/parser.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "hcd/conf/authorities.h"
#include "hcd/conf/duration.h"

namespace hcd::conf {
namespace {

bool is_name(std::string_view text) {
  return std::ranges::all_of(text,
                             [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.'; });
}

bool is_number(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

ast::File Parser::parse() {
  ast::File file;
  while (token_.kind != TokenKind::End && !diagnostics_.full()) {
    if (token_.kind == TokenKind::Newline) {
      take();
    } else if (token_.is_symbol('}')) {
      error(take().at, "this '}' closes nothing");
    } else if (!directive(kGlobalSection, file)) {
      recover();
    }
  }
  file.authorities = std::move(authorities_);
  return file;
}

Status Parser::read_authorities(const std::string& path) {
  if (std::ranges::find(authorities_, path, &Authorities::path) != authorities_.end()) return {};
  auto pem = conf::read_authorities(files_, path);
  if (!pem) return std::unexpected(pem.error());
  std::size_t sum = pem->size();
  for (const auto& other : authorities_) sum += other.pem.size();
  if (sum > kAuthoritiesSum)
    return fail(Code::Limit, "is too much: all such files may have " + std::to_string(kAuthoritiesSum) + " bytes");
  authorities_.push_back({.path = path, .pem = std::move(*pem)});
  return {};
}

void Parser::no_effect(const Token& word, std::string_view why) {
  diagnostics_.warning(word.at, quoted(word) + " has no effect: " + std::string(why));
}

std::optional<Token> Parser::label(std::string_view what, std::size_t limit) {
  auto token = value((what[0] == 'i' ? "an " : "a ") + std::string(what));
  if (!token) return std::nullopt;
  const std::string subject = std::string(what) + " " + quoted(*token);
  std::string problem;
  if (token->text.size() > limit) problem = subject + " is longer than " + std::to_string(limit) + " characters";
  if (!is_name(token->text)) problem = subject + " may hold only letters, digits, '_', '-' and '.'";
  if (token->text == "." || token->text == "..") problem = subject + " is not a name";
  if (problem.empty()) return token;
  error(token->at, problem);
  return std::nullopt;
}

std::optional<Token> Parser::name(std::string_view what) {
  auto token = label(what, kNameMax);
  if (!token || !is_number(token->text)) return token;
  error(token->at, std::string(what) + " " + quoted(*token) + " is a number, which would be taken for an id");
  return std::nullopt;
}

std::optional<Token> Parser::table_name() {
  const bool bracket = accept('<');
  auto token = name("table name");
  if (!token || !bracket || accept('>')) return token;
  error(token_.at, "expected '>' after the table's name, not " + quoted(token_));
  return std::nullopt;
}

std::optional<std::uint16_t> Parser::port() {
  const auto token = value("a port");
  return token ? port_in(*token, token->text) : std::nullopt;
}

std::optional<std::uint16_t> Parser::port_in(const Token& token, std::string_view text) {
  const std::string name = text == token.text ? quoted(token) : "'" + printable(text, 64) + "'";
  if (text.empty() || !is_number(text)) {
    if (const auto port = resolver_.port(std::string(text))) return port;
    error(token.at, "port " + name + " is neither a number nor a name of services(5)");
    return std::nullopt;
  }
  const auto port = parse_number<std::uint16_t>(text, 1, 65535);
  if (!port) error(token.at, "a port is a number from 1 to 65535, not " + name);
  return port;
}

std::optional<Token> Parser::whole_path(std::string_view what, std::string_view thing) {
  constexpr std::size_t kPathMax = 1023;
  auto path = value(what);
  if (!path) return std::nullopt;
  const bool plain = std::ranges::all_of(path->text, [](unsigned char c) { return c >= ' ' && c != 0x7f; });
  if (path->text[0] == '/' && plain && path->text.size() <= kPathMax) return path;
  error(path->at, std::string(thing) + " is given by its whole path, which begins with '/', unlike " + quoted(*path));
  return std::nullopt;
}

std::optional<Milliseconds> Parser::duration(std::string_view what, Milliseconds low, Milliseconds high) {
  const auto token = value("a time for '" + std::string(what) + "'");
  if (!token) return std::nullopt;
  const auto duration = parse_duration(token->text);
  if (duration && *duration >= low && *duration <= high) return duration;
  error(token->at, std::string(what) + " is a time from " + brief_text(low) + " to " + brief_text(high) +
                       ", in seconds or with a unit (ms, s, m, h, d), not " + quoted(*token));
  return std::nullopt;
}

std::optional<Seconds> Parser::seconds(std::string_view what, Seconds low, Seconds high) {
  const auto at = token_.at;
  const auto time = duration(what, low, high);
  if (!time) return std::nullopt;
  if (*time % Seconds(1) == Milliseconds(0)) return std::chrono::duration_cast<Seconds>(*time);
  error(at, std::string(what) + " is a time in whole seconds");
  return std::nullopt;
}

std::optional<Milliseconds> Parser::interval(std::string_view what) {
  return duration(what, kIntervalMin, kIntervalMax);
}

std::optional<Milliseconds> Parser::timeout() {
  return number<std::uint32_t>("timeout", 1, 86400000).transform([](auto count) { return Milliseconds(count); });
}

bool Parser::begins_section() const {
  constexpr std::array kWords = {"table", "service", "redirect", "relay", "protocol", "router"};
  return std::ranges::any_of(kWords, [this](const char* word) { return token_.is_word(word); });
}

bool Parser::unclosed(const Token& brace, std::string_view name) {
  error(brace.at, "the '{' of " + std::string(name) + " is not closed");
  return cut_ = true;
}

void Parser::recover(unsigned depth) {
  while (token_.kind != TokenKind::End) {
    if (depth == 0 && line_ends()) return;
    if (token_.is_symbol('{')) depth++;
    if (token_.is_symbol('}')) depth--;
    take();
  }
}

}  // namespace hcd::conf
