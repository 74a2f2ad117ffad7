#include "fastpath/pfconf/parser.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "fastpath/refusal.h"

namespace hcd::fastpath::pfconf {
namespace {

constexpr unsigned kDepthMax = 64;  // an anchor's name has no room for more

// What begins a statement of pf.conf(5) that this packet path cannot carry out.
constexpr std::array kRefusals = {
    Refusal{"antispoof", "nothing is filtered here"},
    Refusal{"binat", "only rdr is carried out here"},
    Refusal{"binat-anchor", "only rdr is carried out here"},
    Refusal{"block", "nothing is filtered here: what no rule redirects passes untouched"},
    Refusal{"load", "give each anchor its file with -a and -f"},
    Refusal{"match", "the first rule that matches has the packet here: write 'pass in quick'"},
    Refusal{"nat", "only rdr is carried out here"},
    Refusal{"nat-anchor", "only rdr is carried out here"},
    Refusal{"no",
            "an exception from redirection cannot be made here: let the rule's source say it, as in 'from ! <table>'"},
    Refusal{"altq", "nothing is queued here"},
    Refusal{"queue", "nothing is queued here"},
    Refusal{"scrub", "packets are not normalised here"},
};

std::string_view refusal(const Token& token) {
  return token.kind == TokenKind::Word ? why_not(kRefusals, token.text) : std::string_view();
}

constexpr std::array kStatements = {"anchor", "pass", "rdr", "rdr-anchor", "set", "table"};

}  // namespace

std::optional<Token> Parser::name(std::string_view what) {
  return parse_plain_name(*this, what);
}

std::optional<std::string> Parser::table_name() {
  return parse_table_name(*this);
}

bool Parser::once(std::set<std::string>& given, const Token& word) {
  return given.insert(word.text).second || error(word.at, quoted(word) + " is given twice");
}

bool Parser::speaks(Grammar grammar, const Token& word) {
  if (!grammar_) grammar_ = At<Grammar>{grammar, word.at};
  if (grammar_->value == grammar) return true;
  const bool newer = grammar == Grammar::Since47;
  return error(word.at, quoted(word) + " is of the grammar " + (newer ? "since" : "before") +
                            " OpenBSD 4.7, but line " + std::to_string(grammar_->at.line) + " is of the " +
                            (newer ? "older" : "newer") + " one");
}

ast::File Parser::parse() {
  file_.anchors.push_back({.name = {options_.anchor, {}}});
  names_.insert(options_.anchor);
  block(0, false, {});
  check_weights();
  return std::move(file_);
}

void Parser::check_weights() {
  if (!grammar_ || grammar_->value != Grammar::Before47) return;
  const auto check = [&](const std::vector<At<TableEntry>>& entries) {
    for (const auto& [entry, at] : entries) {
      if (entry.weight != 1) error(at, "pf before OpenBSD 4.7 has no weights");
    }
  };
  for (const ast::Anchor& anchor : file_.anchors) {
    for (const ast::Table& table : anchor.tables) check(table.entries);
    for (const ast::Rule& rule : anchor.rules) check(rule.pool.addresses);
  }
}

// To the '}' of a nested one, or to the end.
void Parser::block(std::size_t anchor, bool nested, const Token& opening) {
  while (!diagnostics_.full()) {
    if (token_.kind == TokenKind::End) {
      if (nested) error(opening.at, "the '{' of anchor \"" + file_.anchors[anchor].name.value + "\" is not closed");
      return;
    }
    if (token_.kind == TokenKind::Newline) {
      take();
    } else if (token_.is_symbol('}')) {
      if (nested) return static_cast<void>(take());
      error(take().at, "this '}' closes nothing");
    } else {
      const unsigned depth = braces_;
      if (statement(anchor) && !line_ends()) error(token_.at, quoted(token_) + " is too much on this line");
      recover(depth);
    }
  }
}

void Parser::recover(unsigned depth) {
  if (std::exchange(cut_, false)) {
    braces_ = depth;
    return;
  }
  while (token_.kind != TokenKind::End && (braces_ != depth || !line_ends())) take();
}

bool Parser::begins_statement() const {
  return std::ranges::any_of(kStatements, [&](const char* word) { return token_.is_word(word); }) ||
         !refusal(token_).empty();
}

bool Parser::statement(std::size_t anchor) {
  if (const auto why = refusal(token_); !why.empty())
    return error(token_.at, "'" + token_.text + "': " + std::string(why));
  const Token word = take();
  if (word.is_word("anchor")) return this->anchor(anchor, word);
  if (word.is_word("rdr-anchor")) return speaks(Grammar::Before47, word) && anchor_call(word);
  if (word.is_word("set")) {
    if (!in_main(anchor)) return error(word.at, "'set' is for the main ruleset: it stands in no anchor");
    return parse_set(*this, file_.settings);
  }
  if (word.is_word("table")) {
    ast::Table table;
    const bool sound = parse_table(*this, table);
    if (table.name.value.empty()) return false;
    if (in_main(anchor))
      return error(word.at, "a table stands in an anchor: name it with -a, or write anchor \"name\" { }");
    // Even half a table: its rules need not be told that it is missing.
    file_.anchors[anchor].tables.push_back(std::move(table));
    return sound;
  }
  if (!word.is_word("pass") && !word.is_word("rdr")) {
    return error(word.at, quoted(word) + " begins no statement (pass, rdr, table, anchor, rdr-anchor, set)");
  }
  ast::Rule rule{.at = word.at};
  if (!(word.text == "pass" ? parse_pass(*this, rule, word) : parse_rdr(*this, rule, word))) return false;
  if (in_main(anchor))
    return error(word.at, "a rule stands in an anchor: name it with -a, or write anchor \"name\" { }");
  file_.anchors[anchor].rules.push_back(std::move(rule));
  return true;
}

// A call of anchors, which here takes place anyway; or the anchor itself, in braces.
bool Parser::anchor(std::size_t parent, const Token& word) {
  const Token name = token_;
  if (!name.is_value() || name.text.empty()) return error(name.at, "an anchor needs a name, not " + quoted(name));
  take();
  const bool sound = anchor_conditions(word);
  const Token opening = token_;
  if (!accept('{')) return sound;
  const std::size_t opened = open_anchor(parent, name);
  if (depth_ == kDepthMax) return error(opening.at, "anchors are nested deeper than " + std::to_string(kDepthMax));
  depth_++;
  block(opened, true, opening);
  depth_--;
  return sound;
}

bool Parser::anchor_call(const Token& word) {
  return value("the anchor's name") && anchor_conditions(word);
}

// Reads on to a '{' that ends the line, so that the block behind a bad head is read too.
bool Parser::anchor_conditions(const Token& word) {
  accept("all");
  if (line_ends() || token_.is_symbol('{')) return true;
  error(token_.at,
        quoted(token_) + ": conditions of the " + word.text + " are not carried out: give them to its rules");
  while (!line_ends() && !token_.is_symbol('{')) take();
  return false;
}

std::size_t Parser::open_anchor(std::size_t parent, const Token& name) {
  std::string own = name.text;
  if (own.ends_with("/*")) own.resize(own.size() - 2);
  const std::string& above = file_.anchors[parent].name.value;
  file_.anchors[parent].parent = true;
  At<std::string> whole{above.empty() ? own : above + "/" + own, name.at};
  if (const auto ok = check_anchor_name(whole.value); !ok) error(name.at, ok.error().text);
  if (!names_.insert(whole.value).second) error(name.at, "anchor \"" + printable(whole.value) + "\" is given twice");
  file_.anchors.push_back({.name = std::move(whole)});
  return file_.anchors.size() - 1;
}

}  // namespace hcd::fastpath::pfconf
