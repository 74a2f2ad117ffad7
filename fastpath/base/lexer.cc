#include "fastpath/base/lexer.h"

#include <algorithm>
#include <filesystem>

namespace hcd {
namespace {

std::string beside(const std::string& including, const std::string& path) {
  return (std::filesystem::path(including).parent_path() / path).lexically_normal().string();
}

}  // namespace

bool is_macro_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

Status Lexer::open(const std::string& path) {
  const auto file = sources_.load(path);
  if (!file) return fail_in(path, file.error());
  frames_.push_back({Scanner(sources_.text(*file), *file, diagnostics_, comments_), *file, {}, {}});
  return {};
}

// The next token as it stands in the files; the end of an included file ends its last line.
Token Lexer::raw() {
  for (;;) {
    if (expansion_) {
      auto token = expansion_->next();
      if (token.kind != TokenKind::End) return token;
      expansion_.reset();
      continue;
    }
    if (frames_.empty()) return {};
    if (!frames_.back().pending.empty()) {
      include_next();
      continue;
    }
    auto token = frames_.back().scanner.next();
    if (token.kind != TokenKind::End || frames_.size() == 1) return token;
    frames_.pop_back();
    token.kind = TokenKind::Newline;
    return token;
  }
}

Token Lexer::next() {
  for (;;) {
    auto token = raw();
    const bool first = line_begins_;
    line_begins_ = token.kind == TokenKind::Newline;
    if (token.kind == TokenKind::Macro) {
      line_begins_ = first;
      expand(token);
    } else if (first && token.kind == TokenKind::Word && !expansion_ && frames_.back().scanner.before_equals()) {
      define(token);
    } else if (first && token.is_word("include")) {
      include(token.at);
    } else {
      return token;
    }
  }
}

const std::string* Lexer::value_of(const Token& macro) const {
  for (const auto* macros : {&overrides_, &macros_})
    if (const auto found = macros->find(macro.text); found != macros->end()) return &found->second;
  return nullptr;
}

void Lexer::expand(const Token& macro) {
  if (macro.text.empty()) return;  // the scanner has said why
  if (expansion_) return diagnostics_.error(macro.at, "the value of this macro uses macro '" + macro.text + "'");
  const auto* value = value_of(macro);
  if (value == nullptr) return diagnostics_.error(macro.at, "macro '" + macro.text + "' is not defined");
  if (value->size() > kExpandedMax - expanded_)
    return diagnostics_.error(macro.at, "macros expand to more than " + std::to_string(kExpandedMax) + " bytes");
  expanded_ += value->size();
  value_ = *value;
  expansion_.emplace(value_, macro.at, diagnostics_);
}

void Lexer::define(const Token& name) {
  static_cast<void>(raw());  // the equals sign
  if (!is_macro_name(name.text))
    diagnostics_.error(name.at, "a macro's name is letters, digits and underscores: '" + name.text + "' is not");
  std::string value;
  bool given = false;
  for (auto token = raw();; token = raw()) {
    line_begins_ = token.kind == TokenKind::Newline;
    if (line_begins_ || token.kind == TokenKind::End) break;
    const auto* part = token.kind == TokenKind::Macro ? value_of(token) : &token.text;
    if (part == nullptr || token.kind == TokenKind::Symbol) {
      diagnostics_.error(token.at, part == nullptr ? "macro '" + token.text + "' is not defined"
                                                   : "'" + token.text + "' in a macro's value: put it in quotes");
      return skip_line();
    }
    value += (given ? " " : "") + *part;
    given = true;
    if (value.size() <= kValueMax) continue;
    diagnostics_.error(token.at, "the macro's value is longer than " + std::to_string(kValueMax) + " bytes");
    return skip_line();
  }
  if (!given) return diagnostics_.error(name.at, "macro '" + name.text + "' has no value");
  macros_[name.text] = value;
}

void Lexer::include(Position at) {
  const auto name = raw();
  if (name.kind != TokenKind::String || name.text.empty()) {
    diagnostics_.error(at, "include needs the name of a file in quotes");
    line_begins_ = name.kind == TokenKind::Newline;
    return line_begins_ ? void() : skip_line();
  }
  auto& frame = frames_.back();
  const auto path = beside(sources_.path(frame.file), name.text);
  const bool pattern = path.find_first_of("*?[") != std::string::npos;
  frame.pending = pattern ? sources_.files().match(path) : std::vector{path};
  std::ranges::reverse(frame.pending);
  frame.included_at = name.at;
}

void Lexer::include_next() {
  const Position at = frames_.back().included_at;
  const auto path = std::move(frames_.back().pending.back());
  frames_.back().pending.pop_back();
  line_begins_ = true;
  for (const auto& frame : frames_)
    if (std::filesystem::path(sources_.path(frame.file)).lexically_normal() == path)
      return diagnostics_.error(at, "include \"" + path + "\": this file is being read already");
  if (frames_.size() == kDepthMax)
    return diagnostics_.error(at, "includes are nested deeper than " + std::to_string(kDepthMax));
  if (const auto ok = open(path); !ok) diagnostics_.error(at, "include " + ok.error().text);
}

void Lexer::skip_line() {
  for (auto token = raw();; token = raw()) {
    if (token.kind == TokenKind::Newline || token.kind == TokenKind::End) break;
  }
  line_begins_ = true;
}

}  // namespace hcd
