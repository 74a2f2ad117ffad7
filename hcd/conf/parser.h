// Recursive descent over the Lexer's tokens. A section (global, table, service, redirect) is a table of keywords, each with
// the function that reads its line or with the sentence that refuses it; parse_SECTION.cc holds both. Nothing is skipped in
// silence: an error is reported where it stands, then the parser goes on with the next line, so one run finds them all.
#pragma once
#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "fastpath/base/token_reader.h"
#include "hcd/conf/ast.h"
#include "hcd/conf/resolver.h"

namespace hcd::conf {

class Parser;

template <class Target>
struct Keyword {
  std::string_view word;
  bool (*parse)(Parser&, Target&, const Token& word);  // false: refused and reported
  std::string_view refusal = {};                       // instead of parse: why this known word is not taken
};

template <class Target>
struct Section {
  std::string_view kind;  // "a table"
  std::span<const Keyword<Target>> keywords;

  [[nodiscard]] const Keyword<Target>* find(const Token& token) const {
    const auto found = std::ranges::find_if(keywords, [&](const auto& one) { return token.is_word(one.word); });
    return found == keywords.end() ? nullptr : &*found;
  }
};

// The files' sections, each in its own parse_SECTION.cc.
extern const Section<ast::File> kGlobalSection;
extern const Section<ast::Table> kTableSection;
extern const Section<ast::Service> kServiceSection, kRedirectSection;

template <class Word, std::size_t N, std::size_t M>
constexpr std::array<Word, N + M> joined(const std::array<Word, N>& first, const std::array<Word, M>& second) {
  std::array<Word, N + M> all{};
  std::ranges::copy(second, std::ranges::copy(first, all.begin()).out);
  return all;
}

inline constexpr std::size_t kNameMax = 31;       // of a table or service: pf's for a table
inline constexpr std::size_t kInterfaceMax = 15;  // of an interface or a group of them

class Parser : public TokenReader {
 public:
  Parser(Lexer& lexer, Diagnostics& diagnostics, const Resolver& resolver, const Files& files)
      : TokenReader(lexer, diagnostics), resolver_(resolver), files_(files) {}

  [[nodiscard]] ast::File parse();

  // What the sections' functions read with, besides.
  [[nodiscard]] const Files& files() const { return files_; }
  // Reads the file of certificates that a check names, unless it is read already; empty: the system's.
  [[nodiscard]] Status read_authorities(const std::string& path);
  [[nodiscard]] std::optional<Token> label(std::string_view what, std::size_t limit);  // letters, digits and "_-."
  [[nodiscard]] std::optional<Token> name(std::string_view what);                      // a label that is not an id
  [[nodiscard]] std::optional<Token> table_name();                                     // bare, quoted or <name>
  [[nodiscard]] std::optional<std::uint16_t> port();
  [[nodiscard]] std::optional<std::uint16_t> port_in(const Token& token, std::string_view text);  // a piece of it
  [[nodiscard]] std::optional<Token> whole_path(std::string_view what, std::string_view thing);   // "/etc/ca.pem"
  [[nodiscard]] std::optional<Milliseconds> duration(std::string_view what, Milliseconds low, Milliseconds high);
  [[nodiscard]] std::optional<Seconds> seconds(std::string_view what, Seconds low, Seconds high);  // whole ones
  [[nodiscard]] std::optional<Milliseconds> interval(std::string_view what = "interval");
  [[nodiscard]] std::optional<Milliseconds> timeout();
  template <class Target>
  bool block(const Section<Target>& section, Target& target, std::string_view name);
  template <class Target>  // of which the brace is taken
  bool block_within(const Section<Target>& section, Target& target, std::string_view name, const Token& brace);
  template <class Target>  // one of the section, with what belongs to it
  bool word(const Section<Target>& section, Target& target);
  // The rest of the line, or what stands before the word `until`: words of the section, each with what belongs to it.
  template <class Target>
  bool words(const Section<Target>& section, Target& target, std::string_view until = {});
  void no_effect(const Token& word, std::string_view why);  // a warning: taken, but nothing acts on it
  // Where what may have no value, or any number of words, ends: with the line, or among words() at the next of those.
  [[nodiscard]] bool words_end() const { return line_ends() || (among_ && among_(token_)); }
  [[nodiscard]] bool begins_section() const;
  bool unclosed(const Token& brace, std::string_view name);  // reports it; what follows is a section of its own
  // To the end of the line, or before the '}' of this block; what is opened on the way, and `depth` braces that are open
  // already, is skipped whole.
  void recover(unsigned depth = 0);

  // Stores the value once; a second is refused at `at`.
  template <class T>
  bool set(std::optional<At<T>>& field, std::type_identity_t<T> value, const Token& word);

 private:
  template <class Target>
  bool directive(const Section<Target>& section, Target& target);
  template <class Target>
  std::string unknown(const Section<Target>& section) const;
  template <class Target>
  [[nodiscard]] bool begins_another(const Section<Target>& section) const;

  const Resolver& resolver_;
  const Files& files_;
  std::vector<Authorities> authorities_;
  bool cut_ = false;  // a block ended where the next section begins, without its '}'
  std::function<bool(const Token&)> among_;
};

template <class T>
bool Parser::set(std::optional<At<T>>& field, std::type_identity_t<T> value, const Token& word) {
  if (field)
    return error(word.at, "'" + word.text + "' is given twice, first on line " + std::to_string(field->at.line));
  field = At<T>{std::move(value), word.at};
  return true;
}

template <class Target>
std::string Parser::unknown(const Section<Target>& section) const {
  std::string words;
  for (const auto& keyword : section.keywords)
    if (keyword.refusal.empty()) words += (words.empty() ? "" : ", ") + std::string(keyword.word);
  return quoted(token_) + " is not a word of " + std::string(section.kind) + " (" + words + ")";
}

// A word that begins a section, where it is no word of this one: a '}' is missing, and the rest is not lost.
template <class Target>
bool Parser::begins_another(const Section<Target>& section) const {
  return section.find(token_) == nullptr && begins_section();
}

template <class Target>
bool Parser::word(const Section<Target>& section, Target& target) {
  const auto* keyword = section.find(token_);
  if (keyword == nullptr) return error(token_.at, unknown(section));
  if (!keyword->refusal.empty()) return error(token_.at, std::string(keyword->refusal));
  const auto word = take();
  return keyword->parse(*this, target, word);
}

template <class Target>
bool Parser::directive(const Section<Target>& section, Target& target) {
  if (!word(section, target)) return false;
  return std::exchange(cut_, false) || line_ends() || error(token_.at, quoted(token_) + " is too much on this line");
}

template <class Target>
bool Parser::words(const Section<Target>& section, Target& target, std::string_view until) {
  among_ = [&](const Token& token) { return section.find(token) != nullptr || token.is_word(until); };
  bool good = true;
  while (good && !line_ends() && !token_.is_word(until)) good = word(section, target);
  among_ = nullptr;
  return good;
}

template <class Target>
bool Parser::block(const Section<Target>& section, Target& target, std::string_view name) {
  const auto brace = token_;
  if (accept('{')) return block_within(section, target, name, brace);
  target.broken = true;
  return error(token_.at, "expected '{', not " + quoted(token_));
}

template <class Target>
bool Parser::block_within(const Section<Target>& section, Target& target, std::string_view name, const Token& brace) {
  while (!diagnostics_.full()) {
    if (accept('}')) return true;
    if (token_.kind == TokenKind::End || begins_another(section)) {
      target.broken = true;
      return unclosed(brace, name);
    }
    if (token_.kind == TokenKind::Newline) {
      take();
    } else if (!directive(section, target)) {
      target.broken = true;
      recover();
    }
  }
  return true;
}

}  // namespace hcd::conf
