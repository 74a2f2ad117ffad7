#include "fastpath/pf/adopt.h"

#include "fastpath/base/text.h"
#include "fastpath/pf/list.h"
#include "fastpath/pf/parse.h"

namespace hcd::fastpath::pf {
namespace {

Result<std::map<std::string, Table>> tables_of(Pfctl& pfctl, const std::string& anchor) {
  const auto names = list_tables(pfctl, anchor);
  if (!names) return std::unexpected(names.error());
  std::map<std::string, Table> out;
  for (const std::string& name : *names) {
    auto entries = list_entries(pfctl, anchor, name);
    if (!entries) return std::unexpected(entries.error());
    auto table = make_table(name, std::move(*entries));
    if (!table) return std::unexpected(table.error());
    table->persist = true;
    out.emplace(name, std::move(*table));
  }
  return out;
}

// Of an anchor that has nothing: nothing.
Result<std::optional<Anchor>> read_anchor(Pfctl& pfctl, pfconf::Dialect dialect, const std::string& name) {
  auto tables = tables_of(pfctl, name);
  if (!tables) return std::unexpected(tables.error());
  const auto rules = list_rules(pfctl, dialect, name, Kind::Redirections);
  if (!rules) return std::unexpected(rules.error());
  auto anchor = parse_anchor(*rules, name, *tables);
  if (!anchor) return std::unexpected(anchor.error());
  anchor->tables = std::move(*tables);
  if (!anchor->rules.empty() || !anchor->tables.empty()) return std::move(*anchor);
  const auto filters = list_rules(pfctl, dialect, name, Kind::Others);
  if (!filters) return std::unexpected(filters.error());
  return trim(*filters).empty() ? std::optional<Anchor>() : Anchor();
}

}  // namespace

Result<Adopted> adopt(Pfctl& pfctl, pfconf::Dialect dialect, const std::string& prefix) {
  const auto names = list_anchors(pfctl, prefix);
  if (!names) return std::unexpected(names.error());
  Adopted out;
  for (const std::string& name : *names) {
    auto anchor = read_anchor(pfctl, dialect, name);
    if (!anchor) {
      out.faults.push_back("anchor " + name + " is not understood, and will be replaced: " + anchor.error().text);
      out.anchors[name] = {};
    } else if (*anchor) {
      out.anchors[name] = std::move(**anchor);
    }
  }
  return out;
}

}  // namespace hcd::fastpath::pf
