// What every parser over the Lexer's tokens reads with: it sees one token ahead. A false or an empty optional has been
// reported where it stands.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "fastpath/base/diagnostics.h"
#include "fastpath/base/lexer.h"
#include "fastpath/base/text.h"

namespace hcd {

[[nodiscard]] std::string quoted(const Token& token);  // how a message names it: 'word', "string", the end of the line

class TokenReader {
 public:
  TokenReader(Lexer& lexer, Diagnostics& diagnostics)
      : lexer_(lexer), diagnostics_(diagnostics), token_(lexer.next()) {}

  [[nodiscard]] const Token& peek() const { return token_; }
  Token take();
  bool accept(std::string_view word);
  bool accept(char symbol);
  bool expect(std::string_view word);
  bool expect(char symbol);
  [[nodiscard]] bool line_ends() const;
  [[nodiscard]] std::optional<Token> value(std::string_view what);  // a word or a string
  template <class T>
  [[nodiscard]] std::optional<T> number(std::string_view what, T low, T high);
  bool error(Position at, std::string message);  // false

 protected:
  Lexer& lexer_;
  Diagnostics& diagnostics_;
  Token token_;
  unsigned braces_ = 0;  // taken and open
};

template <class T>
std::optional<T> TokenReader::number(std::string_view what, T low, T high) {
  const auto token = value("a number for '" + std::string(what) + "'");
  if (!token) return std::nullopt;
  if (const auto number = parse_number<T>(token->text, low, high)) return number;
  error(token->at, std::string(what) + " is a number from " + std::to_string(low) + " to " + std::to_string(high) +
                       ", not " + quoted(*token));
  return std::nullopt;
}

}  // namespace hcd
