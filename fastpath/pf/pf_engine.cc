#include "fastpath/pf/pf_engine.h"

#include <algorithm>
#include <functional>

#include "fastpath/base/text.h"

namespace hcd::fastpath::pf {
namespace {

Result<PfctlOutput> checked(Pfctl& pfctl, const std::vector<std::string>& arguments, const std::string& input) {
  auto output = pfctl.run(arguments, input);
  if (!output || output->status == 0) return output;
  const std::string_view said = trim(output->err);
  const std::string why = said.empty() ? "exit status " + std::to_string(output->status) : printable(said);
  return fail(Code::System, "pfctl " + join(arguments, " ") + ": " + why);
}

Result<std::string> output_of(Pfctl& pfctl, const std::vector<std::string>& arguments, const std::string& input) {
  auto output = checked(pfctl, arguments, input);
  if (!output) return std::unexpected(output.error());
  return std::move(output->out);
}

using RulesOf = std::function<std::vector<Rule>(const std::string& anchor)>;

Result<std::vector<Command>> commands_for_all(const std::vector<Change>& changes, const RulesOf& rules_of,
                                              Dialect dialect) {
  std::vector<Command> out;
  for (const Change& change : changes) {
    const std::string& anchor = std::visit([](const auto& it) -> const std::string& { return it.anchor; }, change);
    auto some = commands_for(change, rules_of(anchor), dialect);
    if (!some) return std::unexpected(some.error());
    std::ranges::move(*some, std::back_inserter(out));
  }
  return out;
}

}  // namespace

Result<Dialect> probe_dialect(Pfctl& pfctl) {
  const auto reads = [&](const char* rule) { return output_of(pfctl, {"-n", "-f", "-"}, rule); };
  if (reads("pass in quick inet proto tcp from any to 192.0.2.1 port = 80 rdr-to 192.0.2.2\n")) return Dialect::New;
  const auto older = reads("rdr inet proto tcp from any to 192.0.2.1 port = 80 -> 192.0.2.2\n");
  if (older) return Dialect::Old;
  return fail(older.error().code, "pfctl reads neither dialect of redirection: " + older.error().text);
}

std::string PfEngine::name() const {
  return dialect_ == Dialect::Old ? "pf (before OpenBSD 4.7)" : "pf";
}

Status PfEngine::commit(const Transaction& transaction) {
  const auto changes = transaction.changes();
  if (!changes) return std::unexpected(changes.error());
  if (changes->empty()) return {};
  const auto rules_after = [&](const std::string& anchor) {
    const auto view = transaction.find(anchor);
    return view ? view->rules() : std::vector<Rule>();
  };
  const auto commands = commands_for_all(*changes, rules_after, dialect_);
  if (!commands) return std::unexpected(commands.error());
  const auto done = run(*commands);
  if (done) {
    transaction.apply(ruleset_);
    note_labels(*changes);
    return {};
  }
  std::set<std::string> anchors;
  for (const Change& change : *changes) std::visit([&](const auto& it) { anchors.insert(it.anchor); }, change);
  if (const auto undone = undo(anchors, transaction.after()); !undone) {
    return fail(Code::System, done.error().text + "; and what it had done could not be undone: " + undone.error().text);
  }
  return done;
}

Status PfEngine::run(const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    if (const auto done = ask(command.arguments, command.input); !done) return std::unexpected(done.error());
  }
  return {};
}

// Says all of these anchors anew as they are in force, and takes away what only the failed change would have had.
Status PfEngine::undo(const std::set<std::string>& anchors, const Ruleset& failed) {
  std::vector<Change> back;
  for (const std::string& name : anchors) {
    const auto now = ruleset_.find(name);
    if (now == ruleset_.end()) {
      back.emplace_back(AnchorRemoved{name});
      continue;
    }
    for (const auto& [key, table] : now->second.tables) back.emplace_back(TableSet{name, table});
    back.emplace_back(RulesSet{name});
  }
  const auto rules_of = [this](const std::string& anchor) {
    const auto now = ruleset_.find(anchor);
    return now == ruleset_.end() ? std::vector<Rule>() : now->second.rules;
  };
  const auto commands = commands_for_all(back, rules_of, dialect_);
  if (!commands) return std::unexpected(commands.error());
  if (auto done = run(*commands); !done) return done;
  // Whether such a table was made already is not known: that it is not there is what is wanted.
  for (const std::string& name : anchors) {
    const auto now = ruleset_.find(name);
    const auto other = failed.find(name);
    if (now == ruleset_.end() || other == failed.end()) continue;
    for (const auto& [key, table] : other->second.tables) {
      if (!now->second.tables.contains(key)) {
        const auto kill = commands_for(TableRemoved{name, key}, {}, dialect_);
        if (kill) static_cast<void>(run(*kill));
      }
    }
  }
  return {};
}

Result<std::string> PfEngine::ask(const std::vector<std::string>& arguments, const std::string& input) const {
  return output_of(pfctl_, arguments, input);
}

Result<Counters> PfEngine::rule_counters(const std::string& anchor) const {
  if (!ruleset_.contains(anchor)) return fail(Code::NotFound, "anchor \"" + anchor + "\" does not exist");
  const auto text = ask({"-a", anchor, "-s", "labels"});
  if (!text) return std::unexpected(text.error());
  return read_labels(*text);
}

Result<std::vector<AddressCounters>> PfEngine::table_counters(const std::string& anchor,
                                                              const std::string& table) const {
  const auto found = ruleset_.find(anchor);
  if (found == ruleset_.end()) return fail(Code::NotFound, "anchor \"" + anchor + "\" does not exist");
  if (!found->second.tables.contains(table)) return fail(Code::NotFound, "table " + table + " does not exist");
  const auto text = ask({"-a", anchor, "-t", table, "-vv", "-T", "show"});
  if (!text) return std::unexpected(text.error());
  return read_table(*text);
}

void PfEngine::note_labels(const std::vector<Change>& changes) {
  for (const Change& change : changes) {
    const auto* set = std::get_if<RulesSet>(&change);
    if (set == nullptr) continue;
    auto& labels = labels_[set->anchor];
    labels.clear();
    for (const Rule& rule : ruleset_.at(set->anchor).rules)
      if (!rule.label.empty()) labels.insert(rule.label);
  }
}

Result<std::size_t> PfEngine::kill(const std::vector<std::string>& arguments) {
  const auto output = checked(pfctl_, arguments, "");
  if (!output) return std::unexpected(output.error());
  return read_killed(output->err);  // where pfctl says what it did
}

Result<std::size_t> PfEngine::cut(const std::vector<Sessions>& which) {
  std::size_t cut = 0;
  const auto add = [&](const std::vector<std::string>& arguments) -> Status {
    const auto killed = kill(arguments);
    if (!killed) return std::unexpected(killed.error());
    cut += *killed;
    return {};
  };
  for (const Sessions& one : which) {
    if (one.host) {
      const char* any = one.host->family == Family::Inet6 ? "::/0" : "0.0.0.0/0";
      if (auto done = add({"-k", any, "-k", one.host->text()}); !done) return std::unexpected(done.error());
      continue;
    }
    if (dialect_ == Dialect::Old) return fail(Code::Unsupported, "pf before OpenBSD 4.7 has no labels on redirections");
    for (const std::string& label : labels_[one.anchor])
      if (auto done = add({"-k", "label", "-k", label}); !done) return std::unexpected(done.error());
  }
  return cut;
}

Result<std::vector<PfState>> PfEngine::states() const {
  const auto text = ask({"-s", "states"});
  if (!text) return std::unexpected(text.error());
  return read_states(*text);
}

}  // namespace hcd::fastpath::pf
