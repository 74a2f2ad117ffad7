#include "fastpath/pf/render.h"

#include <algorithm>
#include <set>

namespace hcd::fastpath::pf {
namespace {

std::vector<std::string> in_anchor(const std::string& anchor, std::vector<std::string> rest) {
  std::vector<std::string> out{"-q", "-a", anchor};
  std::ranges::move(rest, std::back_inserter(out));
  return out;
}

// What its translation cannot say, a rule before OpenBSD 4.7 says of the packets that it has translated.
Result<std::string> filter_text(const Rule& rule) {
  if (rule.host_port() == 0 && rule.target_range) {
    return fail(Code::Unsupported, "rule for " + destination_text(rule) +
                                       ": pf before OpenBSD 4.7 has no label for a range that is moved");
  }
  std::string out = "pass in quick";
  if (!rule.interface.empty()) out += " on " + rule.interface;
  out += rule.to.family == Family::Inet6 ? " inet6" : " inet";
  out += rule.proto == Proto::Udp ? " proto udp" : " proto tcp";
  out += " from any to <" + rule.table + ">";
  if (rule.host_port() != 0) out += " port = " + std::to_string(rule.host_port());
  if (rule.proto == Proto::Tcp) out += " flags S/SA";
  out += " keep state";
  if (rule.established.count() != 0) out += " (tcp.established " + std::to_string(rule.established.count()) + ")";
  if (!rule.label.empty()) out += " label \"" + rule.label + "\"";
  if (!rule.tag.empty()) out += " tagged " + rule.tag;
  return out;
}

// The rule without what filter_text says of it.
Rule translated(Rule rule) {
  rule.label.clear();
  rule.established = Seconds(0);
  return rule;
}

Result<std::vector<Command>> table_commands(const TableSet& set, Dialect dialect) {
  const auto& entries = set.table.entries;
  const bool weighted = std::ranges::any_of(entries, [](const TableEntry& entry) { return entry.weight != 1; });
  if (weighted) {  // -T replace has no word for weights
    Table table = set.table;
    table.persist = true;
    auto text = pfconf::print(table, dialect);
    if (!text) return std::unexpected(text.error());
    return std::vector<Command>{{in_anchor(set.anchor, {"-T", "load", "-f", "-"}), *text + "\n"}};
  }
  std::string addresses;
  for (const TableEntry& entry : entries) addresses += entry.text() + "\n";
  return std::vector<Command>{
      {in_anchor(set.anchor, {"-t", set.table.name, "-T", "replace", "-f", "-"}), std::move(addresses)}};
}

}  // namespace

Result<std::string> rules_text(const std::vector<Rule>& rules, Dialect dialect) {
  std::set<std::string> tables;
  for (const Rule& rule : rules) {
    for (const std::string* name : rule.tables()) tables.insert(*name);
  }
  tables.erase("");
  std::string out, filters;
  for (const std::string& name : tables) out += "table <" + name + "> persist\n";
  for (const Rule& rule : rules) {
    const auto line = pfconf::print(dialect == Dialect::Old ? translated(rule) : rule, dialect);
    if (!line) return std::unexpected(line.error());
    out += *line + "\n";
    if (dialect != Dialect::Old || translated(rule) == rule) continue;
    const auto filter = filter_text(rule);
    if (!filter) return std::unexpected(filter.error());
    filters += *filter + "\n";
  }
  return out + filters;
}

Result<std::vector<Command>> commands_for(const Change& change, const std::vector<Rule>& rules, Dialect dialect) {
  if (const auto* set = std::get_if<TableSet>(&change)) return table_commands(*set, dialect);
  if (const auto* set = std::get_if<RulesSet>(&change)) {
    auto text = rules_text(rules, dialect);
    if (!text) return std::unexpected(text.error());
    return std::vector<Command>{{in_anchor(set->anchor, {"-f", "-"}), std::move(*text)}};
  }
  if (const auto* gone = std::get_if<TableRemoved>(&change)) {
    return std::vector<Command>{{in_anchor(gone->anchor, {"-t", gone->table, "-T", "kill"}), ""}};
  }
  const std::string& anchor = std::get<AnchorRemoved>(change).anchor;
  std::vector<Command> out;
  if (dialect == Dialect::Old) out.push_back({in_anchor(anchor, {"-F", "nat"}), ""});
  out.push_back({in_anchor(anchor, {"-F", "rules"}), ""});
  out.push_back({in_anchor(anchor, {"-F", "Tables"}), ""});
  return out;
}

}  // namespace hcd::fastpath::pf
