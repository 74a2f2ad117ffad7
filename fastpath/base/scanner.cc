#include "fastpath/base/scanner.h"

#include <cctype>

#include "fastpath/base/text.h"

namespace hcd {
namespace {

constexpr std::string_view kSymbols = "{}()<>!=,";

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f';
}

bool is_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// What a bare word is made of: any visible ASCII that has no meaning of its own.
bool is_word(char c) {
  return c > ' ' && c < 0x7f && kSymbols.find(c) == std::string_view::npos && c != '#' && c != '"' && c != '\'';
}

}  // namespace

char Scanner::step() {
  const char c = text_[offset_++];
  if (used_) return c;
  at_.column = c == '\n' ? 1 : at_.column + 1;
  if (c == '\n') at_.line++;
  return c;
}

bool Scanner::skip_continuation() {
  if (here() != '\\') return false;
  if (text_.substr(offset_).starts_with("\\\n")) {
    step(), step();
    return true;
  }
  if (!text_.substr(offset_).starts_with("\\\r\n")) return false;
  step(), step(), step();
  return true;
}

void Scanner::skip_comment() {
  while (!done() && here() != '\n') {
    if (comments_ == Comments::EndWithLine || !skip_continuation()) step();
  }
}

void Scanner::skip_blanks() {
  while (!done()) {
    if (is_blank(here()))
      step();
    else if (here() == '#')
      skip_comment();
    else if (!skip_continuation())
      return;
  }
}

void Scanner::refuse_long_line() {
  diagnostics_->error(at_, "the line is longer than " + std::to_string(kLineMax) + " bytes");
  while (!done() && here() != '\n') step();
}

bool Scanner::before_equals() const {
  Scanner ahead = *this;
  while (!ahead.done() && (ahead.here() == ' ' || ahead.here() == '\t')) ahead.step();
  return !ahead.done() && ahead.here() == '=';
}

Token Scanner::next() {
  for (;;) {
    skip_blanks();
    if (!used_ && at_.column > kLineMax) refuse_long_line();
    const Position at = at_;
    if (done()) return {TokenKind::End, {}, at};
    const char c = here();
    if (c == '\n') return step(), Token{TokenKind::Newline, {}, at};
    if (kSymbols.find(c) != std::string_view::npos) return step(), Token{TokenKind::Symbol, std::string(1, c), at};
    if (c == '"' || c == '\'') return quoted(at);
    if (c == '$') return macro(at);
    if (is_word(c)) return word(at);
    diagnostics_->error(at, "byte " + printable({&c, 1}) + " outside of quotes");
    while (!done() && !is_word(here()) && here() != '\n' && !is_blank(here())) step();
  }
}

Token Scanner::word(Position at) {
  Token token{TokenKind::Word, {}, at};
  while (!done() && is_word(here()) && !skip_continuation()) {
    if (here() == '$' && offset_ + 1 < text_.size() && is_name(text_[offset_ + 1]))
      diagnostics_->error(at_, "a macro cannot be part of a word: write it alone");
    token.text += step();
  }
  return token;
}

Token Scanner::macro(Position at) {
  step();
  Token token{TokenKind::Macro, {}, at};
  while (!done() && is_name(here())) token.text += step();
  if (token.text.empty()) diagnostics_->error(at, "'$' without a macro's name after it");
  if (done() || !is_word(here()) || skip_continuation()) return token;
  diagnostics_->error(at_, "a macro cannot be part of a word: write it alone");
  while (!done() && is_word(here())) step();
  return token;
}

// The byte that a backslash stands before; nothing for a continued line. A backslash before any other byte is itself,
// as in pf.conf(5).
std::optional<char> Scanner::escaped(char quote) {
  if (skip_continuation()) return std::nullopt;
  const char backslash = step();
  if (done()) return backslash;
  const char c = here();
  return c == quote || c == '\\' ? step() : backslash;
}

Token Scanner::quoted(Position at) {
  const char quote = step();
  Token token{TokenKind::String, {}, at};
  while (!done() && here() != '\n') {
    if (here() == quote) return step(), token;
    if (here() == '\\') {
      if (const auto c = escaped(quote)) token.text += *c;
      continue;
    }
    const char c = step();
    if (static_cast<unsigned char>(c) < ' ' && c != '\t')
      diagnostics_->error(at, "control byte " + printable({&c, 1}) + " in a string");
    token.text += c;
  }
  diagnostics_->error(at, "the string is not closed on its line");
  return token;
}

}  // namespace hcd
