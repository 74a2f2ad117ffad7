// The tokens of a configuration: one stream over all its files, with macros replaced and includes followed, so that the
// parser sees neither. `name = value` and `include "file"` are taken wherever a line begins.
//
// The work is linear in the size of the files: a macro's value is not expanded again, and kExpandedMax bounds what all
// uses together may add.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "fastpath/base/diagnostics.h"
#include "fastpath/base/scanner.h"
#include "fastpath/base/source.h"

namespace hcd {

[[nodiscard]] bool is_macro_name(std::string_view name);  // letters, digits and underscores

using Macros = std::map<std::string, std::string, std::less<>>;

class Lexer {
 public:
  static constexpr std::size_t kDepthMax = 16;
  static constexpr std::size_t kValueMax = 4096;
  static constexpr std::size_t kExpandedMax = 1 << 20;

  // `overrides` win over what the files define (-D).
  Lexer(Sources& sources, Diagnostics& diagnostics, Macros overrides, Comments comments = Comments::EndWithLine)
      : sources_(sources), diagnostics_(diagnostics), overrides_(std::move(overrides)), comments_(comments) {}

  [[nodiscard]] Status open(const std::string& path);
  [[nodiscard]] Token next();

 private:
  struct Frame {
    Scanner scanner;
    std::uint32_t file;
    std::vector<std::string> pending;  // files that its last include has yet to read, the next one last
    Position included_at;              // where that include stands
  };

  [[nodiscard]] Token raw();
  [[nodiscard]] const std::string* value_of(const Token& macro) const;
  void expand(const Token& macro);
  void define(const Token& name);
  void include(Position at);
  void include_next();
  void skip_line();

  Sources& sources_;
  Diagnostics& diagnostics_;
  const Macros overrides_;
  const Comments comments_;
  Macros macros_;
  std::vector<Frame> frames_;  // the file being read, on top of those that included it
  std::string value_;          // of the macro being expanded
  std::optional<Scanner> expansion_;
  std::size_t expanded_ = 0;
  bool line_begins_ = true;
};

}  // namespace hcd
