#include "fastpath/pf/render.h"

#include <algorithm>
#include <map>

namespace hcd::fastpath::pf {
namespace {

std::vector<std::string> in_anchor(const std::string& anchor, std::vector<std::string> rest) {
  std::vector<std::string> out{"-q", "-a", anchor};
  std::ranges::move(rest, std::back_inserter(out));
  return out;
}

// The rule without what filter_text says of it.
Rule translated(Rule rule) {
  rule.label.clear();
  rule.established = Seconds(0);
  return rule;
}

bool is_weighted(const Table& table) {
  return std::ranges::any_of(table.entries, [](const TableEntry& entry) { return entry.weight != 1; });
}

Command replace(const std::string& anchor, const std::string& table, const std::vector<TableEntry>& entries) {
  Command command{in_anchor(anchor, {"-t", table, "-T", "replace", "-f", "-"}), ""};
  for (const TableEntry& entry : entries) command.input += entry.text() + "\n";
  return command;
}

// Of the entries that were there before: those that are as they were, and those whose weight is another one now.
struct Compared {
  std::vector<TableEntry> same, changed;
};
Compared compare(const Table& before, const Table& after) {
  Compared out;
  for (const TableEntry& entry : after.entries) {
    const auto known = std::ranges::lower_bound(before.entries, entry.place(), {}, &TableEntry::place);
    if (known == before.entries.end() || known->place() != entry.place()) continue;
    (*known == entry ? out.same : out.changed).push_back(entry);
  }
  return out;
}

class Commands {
 public:
  Commands(const Ruleset& before, const RulesOf& rules_of, Dialect dialect)
      : before_(before), rules_of_(rules_of), dialect_(dialect) {}

  Status add(const TableSet& set) {
    const Table none, *before = table_before(set);
    if (before == nullptr) before = &none;
    if (set.table.entries.empty() || (!is_weighted(set.table) && !is_weighted(*before))) {
      commands_.push_back(replace(set.anchor, set.table.name, set.table.entries));
      return {};
    }
    defined_[set.anchor].push_back(set.table);
    return take_out(set, compare(*before, set.table));
  }
  Status add(const RulesSet& set) { return load(set.anchor); }
  Status add(const TableRemoved& gone) {
    if (auto done = load_rest(); !done) return done;
    commands_.push_back({in_anchor(gone.anchor, {"-t", gone.table, "-T", "kill"}), ""});
    return {};
  }
  Status add(const AnchorRemoved& gone) {
    if (auto done = load_rest(); !done) return done;
    if (dialect_ == Dialect::Old) commands_.push_back({in_anchor(gone.anchor, {"-F", "nat"}), ""});
    commands_.push_back({in_anchor(gone.anchor, {"-F", "rules"}), ""});
    commands_.push_back({in_anchor(gone.anchor, {"-F", "Tables"}), ""});
    return {};
  }
  // Tables that are to be defined where the rules stay as they are.
  Status load_rest() {
    while (!defined_.empty())
      if (auto done = load(defined_.begin()->first); !done) return done;
    return {};
  }
  [[nodiscard]] std::vector<Command> take() { return std::move(commands_); }

 private:
  [[nodiscard]] const Table* table_before(const TableSet& set) const {
    const auto anchor = before_.find(set.anchor);
    if (anchor == before_.end()) return nullptr;
    const auto table = anchor->second.tables.find(set.table.name);
    return table == anchor->second.tables.end() ? nullptr : &table->second;
  }
  // Where all weights change, one host waits until the others are there with theirs: pf drops what meets an empty table.
  Status take_out(const TableSet& set, const Compared& compared) {
    if (compared.changed.empty()) return {};
    if (!compared.same.empty() || set.table.entries.size() == 1) {
      commands_.push_back(replace(set.anchor, set.table.name, compared.same));
      return {};
    }
    std::vector<TableEntry> others = set.table.entries;
    std::erase(others, compared.changed.front());
    commands_.push_back(replace(set.anchor, set.table.name, {compared.changed.front()}));
    if (auto done = define(set.anchor); !done) return done;
    commands_.push_back(replace(set.anchor, set.table.name, others));
    return {};
  }
  Status define(const std::string& anchor) {
    auto text = rules_text(rules_of_(anchor), dialect_, defined_[anchor]);
    if (!text) return std::unexpected(text.error());
    commands_.push_back({in_anchor(anchor, {"-f", "-"}), std::move(*text)});
    return {};
  }
  Status load(const std::string& anchor) {
    auto done = define(anchor);
    defined_.erase(std::string(anchor));
    return done;
  }

  const Ruleset& before_;
  const RulesOf& rules_of_;
  const Dialect dialect_;
  std::vector<Command> commands_;
  std::map<std::string, std::vector<Table>> defined_;  // by the anchor whose rules are still to be loaded with them
};

}  // namespace

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

Result<std::string> rules_text(const std::vector<Rule>& rules, Dialect dialect, const std::vector<Table>& defined) {
  std::map<std::string, Table> tables;
  for (const Table& table : defined) tables.emplace(table.name, table);
  for (const Rule& rule : rules) {
    for (const std::string* name : rule.tables())
      if (!name->empty()) tables.try_emplace(*name, Table{.name = *name, .entries = {}});
  }
  std::string out, filters;
  for (auto& [name, table] : tables) {
    table.persist = true;
    const auto line = pfconf::print(table, dialect);
    if (!line) return std::unexpected(line.error());
    out += *line + "\n";
  }
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

Result<std::vector<Command>> commands_for(const std::vector<Change>& changes, const Ruleset& before,
                                          const RulesOf& rules_of, Dialect dialect) {
  Commands commands(before, rules_of, dialect);
  for (const Change& change : changes)
    if (auto done = std::visit([&](const auto& it) { return commands.add(it); }, change); !done)
      return std::unexpected(done.error());
  if (auto done = commands.load_rest(); !done) return std::unexpected(done.error());
  return commands.take();
}

}  // namespace hcd::fastpath::pf
