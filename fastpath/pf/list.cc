#include "fastpath/pf/list.h"

#include "fastpath/pf/ask.h"

namespace hcd::fastpath::pf {

Result<std::vector<std::string>> list_anchors(Pfctl& pfctl, const std::string& prefix) {
  const auto text = ask(pfctl, {"-a", prefix, "-s", "Anchors"});
  if (!text) return std::unexpected(text.error());
  return read_anchors(*text, prefix);
}

Result<std::vector<std::string>> list_tables(Pfctl& pfctl, const std::string& anchor) {
  const auto text = ask(pfctl, {"-a", anchor, "-s", "Tables"});
  if (!text) return std::unexpected(text.error());
  return read_names(*text);
}

Result<std::vector<TableEntry>> list_entries(Pfctl& pfctl, const std::string& anchor, const std::string& table) {
  const auto text = ask(pfctl, {"-a", anchor, "-t", table, "-vv", "-T", "show"});
  if (!text) return std::unexpected(text.error());
  return read_entries(*text);
}

Result<std::string> list_rules(Pfctl& pfctl, pfconf::Dialect dialect, const std::string& anchor, Kind kind) {
  const bool older = dialect == pfconf::Dialect::Old;
  if (!older && kind == Kind::Others) return std::string();
  return ask(pfctl, {"-a", anchor, "-s", older && kind == Kind::Redirections ? "nat" : "rules"});
}

}  // namespace hcd::fastpath::pf
