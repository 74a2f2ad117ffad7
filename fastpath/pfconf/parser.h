// Recursive descent over the Lexer's tokens: a statement is a line, and an error costs no more than its line, so that one run
// finds them all. Each kind of statement is read in its own parse_KIND.cc.
#pragma once
#include <initializer_list>
#include <set>

#include "fastpath/base/token_reader.h"
#include "fastpath/pfconf/ast.h"
#include "fastpath/state_words.h"

namespace hcd::fastpath::pfconf {

// Which grammar a statement belongs to; a file is in one of them.
enum class Grammar : unsigned char { Since47, Before47 };

class Parser : public TokenReader {
 public:
  Parser(Lexer& lexer, Diagnostics& diagnostics, const LoadOptions& options)
      : TokenReader(lexer, diagnostics), options_(options) {}

  [[nodiscard]] ast::File parse();

  // What the statements' functions read with, besides.
  [[nodiscard]] std::optional<Token> name(std::string_view what);  // that can be written without quotes
  [[nodiscard]] std::optional<std::string> table_name();           // <web>
  // Stores where a word stands that may be given once.
  bool once(std::set<std::string>& given, const Token& word);
  // `item` once, or in braces any number of times, with commas and newlines between as they please.
  template <class Item>
  bool list(const Item& item, bool may_be_empty = false);
  bool speaks(Grammar grammar, const Token& word);

  [[nodiscard]] const LoadOptions& options() const { return options_; }

 private:
  void block(std::size_t anchor, bool nested, const Token& opening);
  bool statement(std::size_t anchor);
  bool anchor(std::size_t parent, const Token& word);
  bool anchor_call(const Token& word);
  bool anchor_conditions(const Token& word);
  std::size_t open_anchor(std::size_t parent, const Token& name);
  void recover(unsigned depth);
  void check_weights();
  [[nodiscard]] bool begins_statement() const;
  [[nodiscard]] bool in_main(std::size_t anchor) const { return file_.anchors[anchor].name.value.empty(); }

  const LoadOptions& options_;
  ast::File file_;
  std::set<std::string> names_;  // of its anchors
  std::optional<At<Grammar>> grammar_;
  unsigned depth_ = 0;  // of anchors
  bool cut_ = false;    // a list ended where the next statement begins, without its '}'
};

// parse_rule.cc: `pass in quick ... rdr-to ...` and `rdr ... -> ...`, behind their first word.
[[nodiscard]] bool parse_pass(Parser& parser, ast::Rule& rule, const Token& word);
[[nodiscard]] bool parse_rdr(Parser& parser, ast::Rule& rule, const Token& word);
// parse_hosts.cc: `on`, address family, `proto`, `from` and `to`; and `port`.
[[nodiscard]] bool parse_match(Parser& parser, ast::Rule& rule);
[[nodiscard]] std::optional<std::uint16_t> port_named(Parser& parser, const Token& token, std::string_view text);
[[nodiscard]] std::optional<Network> parse_network(Parser& parser, const Token& token);
// parse_pool.cc: behind `rdr-to` or `->`.
[[nodiscard]] bool parse_pool(Parser& parser, ast::Rule& rule, Grammar grammar);
// parse_table.cc, behind `table`; an address of a table or a pool, with its weight.
[[nodiscard]] bool parse_table(Parser& parser, ast::Table& table);
[[nodiscard]] bool parse_entry(Parser& parser, std::vector<At<TableEntry>>& out);
// parse_set.cc, behind `set`.
[[nodiscard]] bool parse_set(Parser& parser, Settings& settings);

template <class Item>
bool Parser::list(const Item& item, bool may_be_empty) {
  const Token opening = token_;
  if (!accept('{')) return item();
  bool any = may_be_empty;
  for (;;) {
    bool line_began = false;
    while (token_.is_symbol(',') || token_.kind == TokenKind::Newline) line_began = take().kind == TokenKind::Newline;
    if (accept('}')) return any || error(opening.at, "the list is empty");
    cut_ = token_.kind == TokenKind::End || (line_began && begins_statement());
    if (cut_) return error(opening.at, "the '{' is not closed");
    if (diagnostics_.full() || !item()) return false;
    any = true;
  }
}

}  // namespace hcd::fastpath::pfconf
