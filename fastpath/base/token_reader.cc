#include "fastpath/base/token_reader.h"

#include <utility>

namespace hcd {

std::string quoted(const Token& token) {
  switch (token.kind) {
    case TokenKind::Newline: return "the end of the line";
    case TokenKind::End: return "the end of the file";
    case TokenKind::String: return "\"" + printable(token.text, 64) + "\"";
    default: return "'" + printable(token.text, 64) + "'";
  }
}

Token TokenReader::take() {
  if (token_.is_symbol('{')) braces_++;
  if (token_.is_symbol('}') && braces_ > 0) braces_--;
  return std::exchange(token_, lexer_.next());
}

bool TokenReader::accept(std::string_view word) {
  if (!token_.is_word(word)) return false;
  take();
  return true;
}

bool TokenReader::accept(char symbol) {
  if (!token_.is_symbol(symbol)) return false;
  take();
  return true;
}

bool TokenReader::expect(std::string_view word) {
  return accept(word) || error(token_.at, "expected '" + std::string(word) + "', not " + quoted(token_));
}

bool TokenReader::expect(char symbol) {
  return accept(symbol) || error(token_.at, std::string("expected '") + symbol + "', not " + quoted(token_));
}

bool TokenReader::line_ends() const {
  return token_.kind == TokenKind::Newline || token_.kind == TokenKind::End || token_.is_symbol('}');
}

std::optional<Token> TokenReader::value(std::string_view what) {
  if (token_.is_value() && !token_.text.empty()) return take();
  error(token_.at, "expected " + std::string(what) + ", not " + quoted(token_));
  return std::nullopt;
}

bool TokenReader::error(Position at, std::string message) {
  diagnostics_.error(at, std::move(message));
  return false;
}

}  // namespace hcd
