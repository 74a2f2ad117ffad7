// Cuts a text into tokens; knows nothing of macros' values, files or meaning. Blanks, comments and continued lines
// vanish here.
#pragma once
#include <optional>
#include <string_view>

#include "fastpath/base/diagnostics.h"
#include "fastpath/base/token.h"

namespace hcd {

// Whether a backslash at a comment's end continues it on the next line, as in pf.conf(5).
enum class Comments : std::uint8_t { EndWithLine, Continue };

class Scanner {
 public:
  static constexpr std::uint32_t kLineMax = 64 << 10;

  // The text of a file.
  Scanner(std::string_view text, std::uint32_t file, Diagnostics& diagnostics, Comments comments)
      : text_(text), at_{file, 1, 1}, comments_(comments), diagnostics_(&diagnostics) {}
  // The value of a macro: every token of it stands where the macro was used.
  Scanner(std::string_view text, Position used, Diagnostics& diagnostics)
      : text_(text), at_(used), used_(true), diagnostics_(&diagnostics) {}

  [[nodiscard]] Token next();
  // Whether the next bytes, after blanks, are an equals sign: tells `name = value` from a directive.
  [[nodiscard]] bool before_equals() const;

 private:
  [[nodiscard]] bool done() const { return offset_ == text_.size(); }
  [[nodiscard]] char here() const { return text_[offset_]; }
  char step();
  void skip_blanks();
  void skip_comment();
  void refuse_long_line();
  [[nodiscard]] bool skip_continuation();
  Token word(Position at);
  Token quoted(Position at);
  Token macro(Position at);
  std::optional<char> escaped(char quote);

  std::string_view text_;
  std::size_t offset_ = 0;
  Position at_;
  bool used_ = false;
  Comments comments_ = Comments::EndWithLine;
  Diagnostics* diagnostics_;
};

}  // namespace hcd
