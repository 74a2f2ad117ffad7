// `table <web> persist const file "web" { 10.0.0.1 weight 3, 10.1/16, !10.1.2.3 }`
#include "fastpath/hosts.h"
#include "fastpath/pfconf/parser.h"

namespace hcd::fastpath::pfconf {
namespace {

constexpr std::size_t kFileMax = 16 << 20;
constexpr std::size_t kEntriesMax = 1 << 20;

bool parse_file(Parser& parser, const Token& name, ast::Table& table) {
  const auto text = parser.options().files.read(name.text, kFileMax);
  if (!text) return parser.error(name.at, "file " + quoted(name) + ": " + text.error().text);
  std::vector<TableEntry> entries;
  if (const auto added = add_entries(*text, kEntriesMax, entries); !added)
    return parser.error(name.at, "file " + quoted(name) + ", " + added.error().text);
  for (const TableEntry& entry : entries) table.entries.push_back({entry, name.at});
  return true;
}

bool parse_option(Parser& parser, ast::Table& table) {
  const Token word = parser.peek();
  if (word.is_symbol('{')) return parser.list([&] { return parse_entry(parser, table.entries); }, true);
  if (parser.accept("persist")) return table.persist = true;
  if (parser.accept("const")) return table.constant = true;
  if (parser.accept("counters")) return true;  // they are always kept
  if (!parser.accept("file")) {
    return parser.error(word.at, quoted(word) + " is no word of a table (persist, const, counters, file, '{')");
  }
  const auto name = parser.value("the name of a file in quotes");
  return name && parse_file(parser, *name, table);
}

}  // namespace

bool parse_entry(Parser& parser, std::vector<At<TableEntry>>& out) {
  const Position at = parser.peek().at;
  bool negated = false;
  while (parser.accept('!')) negated = !negated;
  const auto token = parser.value("an address or a network");
  if (!token) return false;
  const auto network = parse_network(parser, *token);
  if (!network) return false;
  TableEntry entry{.address = network->address, .negated = negated};
  if (network->length != 8 * network->address.size()) entry.length = network->length;
  if (parser.accept("weight")) {
    const auto weight = parser.number<std::uint16_t>("weight", 1, kWeightMax);
    if (!weight) return false;
    entry.weight = static_cast<std::uint16_t>(*weight);
  }
  out.push_back({entry, at});
  return true;
}

bool parse_table(Parser& parser, ast::Table& table) {
  table.name.at = parser.peek().at;
  auto name = parser.table_name();
  if (!name) return false;
  table.name.value = std::move(*name);
  while (!parser.line_ends()) {
    if (!parse_option(parser, table)) return false;
  }
  return true;
}

}  // namespace hcd::fastpath::pfconf
