#include "fastpath/pf/adopt.h"

#include "fastpath/base/text.h"
#include "fastpath/pf/ask.h"
#include "fastpath/pf/parse.h"
#include "fastpath/pf/read.h"

namespace hcd::fastpath::pf {
namespace {

Result<std::map<std::string, Table>> tables_of(Pfctl& pfctl, const std::string& anchor) {
  const auto names = ask(pfctl, {"-a", anchor, "-s", "Tables"});
  if (!names) return std::unexpected(names.error());
  std::map<std::string, Table> out;
  for (const std::string& name : read_names(*names)) {
    const auto shown = ask(pfctl, {"-a", anchor, "-t", name, "-vv", "-T", "show"});
    if (!shown) return std::unexpected(shown.error());
    auto entries = read_entries(*shown);
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
  const bool older = dialect == pfconf::Dialect::Old;
  auto tables = tables_of(pfctl, name);
  if (!tables) return std::unexpected(tables.error());
  const auto rules = ask(pfctl, {"-a", name, "-s", older ? "nat" : "rules"});
  if (!rules) return std::unexpected(rules.error());
  auto anchor = parse_anchor(*rules, name, *tables);
  if (!anchor) return std::unexpected(anchor.error());
  anchor->tables = std::move(*tables);
  if (!anchor->rules.empty() || !anchor->tables.empty()) return std::move(*anchor);
  const auto filters = older ? ask(pfctl, {"-a", name, "-s", "rules"}) : Result<std::string>();
  if (!filters) return std::unexpected(filters.error());
  return trim(*filters).empty() ? std::optional<Anchor>() : Anchor();
}

}  // namespace

Result<Adopted> adopt(Pfctl& pfctl, pfconf::Dialect dialect, const std::string& prefix) {
  const auto list = ask(pfctl, {"-a", prefix, "-s", "Anchors"});
  if (!list) return std::unexpected(list.error());
  Adopted out;
  for (const std::string& name : read_anchors(*list, prefix)) {
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
