#include "hcd/conf/escape.h"

#include <array>
#include <optional>

#include "fastpath/base/text.h"

namespace hcd::conf {
namespace {

constexpr std::array kLetters = {std::pair{'r', '\r'}, std::pair{'n', '\n'}, std::pair{'t', '\t'}};
constexpr std::string_view kSpecial = "*?[]!^-\\";  // of a shell pattern

// What the escape at the front of `text` stands for, and how much of it that takes; nothing if it is none.
struct Escape {
  char byte;
  std::size_t size;
};
std::optional<Escape> read(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  for (const auto& [letter, byte] : kLetters)
    if (text[1] == letter) return Escape{byte, 2};
  if (text[1] != 'x') return std::nullopt;
  const auto byte = from_hex(text.substr(2, 2));
  if (!byte || byte->empty()) return std::nullopt;
  return Escape{byte->front(), 4};
}

std::unexpected<Error> no_escape(std::string_view text) {
  return fail(Code::Invalid,
              "'" + printable(text.substr(0, 2)) + "' stands for nothing (\\r, \\n, \\t, \\\\ and \\xHH do)");
}

void write(std::string& out, char c) {
  for (const auto& [letter, byte] : kLetters)
    if (c == byte) {
      out += {'\\', letter};
      return;
    }
  if (c == '"') out += '\\';
  if (c >= ' ' && c < 0x7f)
    out += c;
  else
    out += "\\x" + to_hex({&c, 1});
}

}  // namespace

Result<std::string> unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.front() != '\\') {
      out += text.front();
      text.remove_prefix(1);
    } else if (const auto escape = read(text)) {
      out += escape->byte;
      text.remove_prefix(escape->size);
    } else if (text.starts_with("\\\\")) {
      out += '\\';
      text.remove_prefix(2);
    } else {
      return no_escape(text);
    }
  }
  return out;
}

std::string escape(std::string_view bytes) {
  std::string out = "\"";
  for (const char c : bytes) {
    if (c == '\\')
      out += R"(\\\\)";
    else
      write(out, c);
  }
  return out + '"';
}

Result<std::string> unescape_glob(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const bool escaped = text.front() == '\\';
    if (escaped && text.size() == 1) return fail(Code::Invalid, "the pattern ends with a backslash");
    const auto escape = escaped ? read(text) : std::nullopt;
    const char byte = escape ? escape->byte : escaped ? text[1] : text.front();
    if (escaped && kSpecial.contains(byte)) out += '\\';
    out += byte;
    text.remove_prefix(escape ? escape->size : escaped ? 2 : 1);
  }
  return out;
}

std::string escape_glob(std::string_view pattern) {
  std::string out = "\"";
  for (std::size_t i = 0; i < pattern.size(); i++) {
    if (pattern[i] != '\\')
      write(out, pattern[i]);
    else if (i + 1 < pattern.size() && pattern[++i] == '\\')
      out += R"(\\\\)";
    else
      out += {'\\', pattern[i]};
  }
  return out + '"';
}

}  // namespace hcd::conf
