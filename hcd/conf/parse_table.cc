// `table NAME { }`, and what is inside where it is hoststated's.
#include "hcd/conf/parse_table.h"

#include "hcd/conf/parse_host.h"
#include "hcd/conf/parse_table_options.h"

namespace hcd::conf {
namespace {

bool parse_host(Parser& p, ast::Table& table, const Token&) {
  const auto name = p.value("a host");
  if (!name) return false;
  ast::Host host;
  host.name = {name->text, name->at};
  if (!p.words(kHostSection, host)) return false;
  table.hosts.push_back(std::move(host));
  return true;
}

bool parse_real(Parser& p, ast::Table& table, const Token& word) {
  if (!p.expect("port")) return false;
  const auto port = p.port();
  return port && p.set(table.port, *port, {word.kind, "real port", word.at});
}

bool parse_disable(Parser&, ast::Table& table, const Token&) {
  return table.disabled = true;
}

constexpr auto kOwn = std::to_array<Keyword<ast::Table>>({
    {"host", parse_host},
    {"real", parse_real},
    {"disable", parse_disable},
});
constexpr auto kKeywords = joined(kOwn, kTableOptions<ast::Table>);

// hoststated has one block; relayd any number, with `disable` before, between or behind them. A name in brackets is of
// either vocabulary: what its first block begins with tells which.
bool parse_body(Parser& p, ast::Table& table, bool bracketed) {
  table.list = bracketed;
  for (bool first = true; first || !p.line_ends(); first = false) {
    if (p.accept("disable")) table.disabled = true;
    if (!first && p.line_ends()) break;
    const auto brace = p.peek();
    if (!p.accept('{')) {
      table.broken = true;
      return p.error(brace.at, "expected '{', not " + quoted(brace));
    }
    while (p.peek().kind == TokenKind::Newline) p.take();
    if (first && kTableSection.find(p.peek()) != nullptr) table.list = false;
    if (!table.list) return p.block_within(kTableSection, table, "table " + table.name.value, brace);
    if (!parse_host_list(p, table, brace)) return true;
  }
  return true;
}

}  // namespace

const Section<ast::Table> kTableSection = {"a table", kKeywords};

bool parse_table(Parser& p, ast::File& file, const Token&) {
  const bool bracketed = p.peek().is_symbol('<');
  auto name = p.table_name();
  if (!name) return false;
  ast::Table table;
  table.name = {name->text, name->at};
  const bool good = parse_body(p, table, bracketed);
  file.declarations.emplace_back(std::move(table));  // a broken one too: its name is known
  return good;
}

}  // namespace hcd::conf
