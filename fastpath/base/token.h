// What a configuration file is made of, each piece with the place it was read from.
#pragma once
#include <cstdint>
#include <string>

namespace hcd {

struct Position {
  std::uint32_t file = 0;    // index in Sources
  std::uint32_t line = 0;    // from 1
  std::uint32_t column = 0;  // from 1, in bytes
  friend auto operator<=>(const Position&, const Position&) = default;
};

enum class TokenKind : std::uint8_t {
  Word,     // bare: a keyword, a name, a number, an address
  String,   // quoted: never a keyword
  Symbol,   // one of { } ( ) < > ! = ,
  Macro,    // $name, text is the name; only the Scanner gives it, the Lexer replaces it
  Newline,  // ends a directive
  End,
};

struct Token {
  TokenKind kind = TokenKind::End;
  std::string text;
  Position at;

  [[nodiscard]] bool is_word(std::string_view word) const { return kind == TokenKind::Word && text == word; }
  [[nodiscard]] bool is_symbol(char symbol) const { return kind == TokenKind::Symbol && text[0] == symbol; }
  [[nodiscard]] bool is_value() const { return kind == TokenKind::Word || kind == TokenKind::String; }
};

// A value and the place that an error about it points to.
template <class T>
struct At {
  T value{};
  Position at;
};

}  // namespace hcd
