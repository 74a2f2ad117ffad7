#include "fastpath/pf/pf_engine.h"

#include <algorithm>

#include "fastpath/pf/adopt.h"
#include "fastpath/pf/ask.h"

namespace hcd::fastpath::pf {
namespace {

const std::string& anchor_of(const Change& change) {
  return std::visit([](const auto& it) -> const std::string& { return it.anchor; }, change);
}

bool is_of_table(const Change& change) {
  return std::holds_alternative<TableSet>(change) || std::holds_alternative<TableRemoved>(change);
}

RulesOf rules_of(const Ruleset& ruleset) {
  return [&ruleset](const std::string& anchor) {
    const auto found = ruleset.find(anchor);
    return found == ruleset.end() ? std::vector<Rule>() : found->second.rules;
  };
}

// pf knows an interface by its name, and keeps the key that it has drawn as long as the rules are not loaded anew.
bool same_to_pf(const std::vector<Rule>& now, const std::vector<Rule>& wanted) {
  return std::ranges::equal(now, wanted, [](Rule one, const Rule& other) {
    one.ifindex = other.ifindex;
    if (!other.key) one.key.reset();
    return one == other;
  });
}

}  // namespace

Result<Dialect> probe_dialect(Pfctl& pfctl) {
  const auto reads = [&](std::string_view rule) { return ask(pfctl, {"-n", "-f", "-"}, std::string(rule)); };
  if (reads(kProbeNew)) return Dialect::New;
  const auto older = reads(kProbeOld);
  if (older) return Dialect::Old;
  return fail(older.error().code, "pfctl reads neither dialect of redirection: " + older.error().text);
}

std::string PfEngine::name() const {
  return dialect_ == Dialect::Old ? "pf (before OpenBSD 4.7)" : "pf";
}

Result<std::vector<std::string>> PfEngine::adopt(const std::string& prefix) {
  auto adopted = pf::adopt(pfctl_, dialect_, prefix);
  if (!adopted) return std::unexpected(adopted.error());
  ruleset_ = std::move(adopted->anchors);
  for (const auto& [name, anchor] : ruleset_) note_labels(name);
  return std::move(adopted->faults);
}

Status PfEngine::commit(const Transaction& transaction) {
  auto changes = transaction.changes();
  if (!changes) return std::unexpected(changes.error());
  const RulesOf before = rules_of(ruleset_);
  const RulesOf after = [&transaction](const std::string& anchor) {
    const auto view = transaction.find(anchor);
    return view ? view->rules() : std::vector<Rule>();
  };
  std::erase_if(*changes, [&](const Change& change) {
    const auto* set = std::get_if<RulesSet>(&change);
    return set != nullptr && ruleset_.contains(set->anchor) && same_to_pf(before(set->anchor), after(set->anchor));
  });
  const auto commands = commands_for(*changes, ruleset_, after, dialect_);
  if (!commands) return std::unexpected(commands.error());
  std::set<std::string> anchors;
  for (const Change& change : *changes) anchors.insert(anchor_of(change));
  const auto done = run_all(*commands);
  if (done) {
    transaction.apply(ruleset_);
    for (const Change& change : *changes)
      if (!is_of_table(change)) lookout_.forget(anchor_of(change));
    for (const std::string& anchor : anchors) {
      note_labels(anchor);
      counted_.erase(anchor);
    }
    return {};
  }
  if (const auto undone = undo(anchors, transaction.after()); !undone) {
    return fail(Code::System, done.error().text + "; and what it had done could not be undone: " + undone.error().text);
  }
  return done;
}

Result<bool> PfEngine::refresh() {
  disturbed_.clear();
  auto found = lookout_.look(pfctl_, dialect_, ruleset_, clock_.now());
  if (!found) return std::unexpected(found.error());
  std::optional<Lookout::Finding>& finding = *found;
  if (!finding) return false;
  counted_.erase(finding->name);
  disturbed_.push_back(finding->name);
  ruleset_[finding->name] = std::move(finding->anchor);
  return true;
}

Status PfEngine::run_all(const std::vector<Command>& commands) {
  for (const Command& command : commands) {
    if (const auto done = ask(pfctl_, command.arguments, command.input); !done) return std::unexpected(done.error());
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
  const auto commands = commands_for(back, failed, rules_of(ruleset_), dialect_);
  if (!commands) return std::unexpected(commands.error());
  if (auto done = run_all(*commands); !done) return done;
  // Whether such a table was made already is not known: that it is not there is what is wanted.
  for (const std::string& name : anchors) {
    const auto now = ruleset_.find(name);
    const auto other = failed.find(name);
    if (now == ruleset_.end() || other == failed.end()) continue;
    for (const auto& [key, table] : other->second.tables) {
      if (now->second.tables.contains(key)) continue;
      const auto kill = commands_for({TableRemoved{name, key}}, failed, rules_of(ruleset_), dialect_);
      if (kill) static_cast<void>(run_all(*kill));
    }
  }
  return {};
}

bool PfEngine::may_ask(TimePoint now) const {
  constexpr Duration kApart = Duration(Seconds(1)) / kAsksEachSecond;
  if (next_ask_ > now + Seconds(1) - kApart) return false;
  next_ask_ = std::max(next_ask_, now) + kApart;
  return true;
}

// Anchors have their turn one after the other where there are more than can be asked for: who was last is old enough then.
Result<Counters> PfEngine::rule_counters(const std::string& anchor) const {
  if (!ruleset_.contains(anchor)) return fail(Code::NotFound, "anchor \"" + anchor + "\" does not exist");
  constexpr Duration kFresh = Milliseconds(500);
  const TimePoint now = clock_.now();
  Counted& counted = counted_[anchor];
  const bool fresh = now - counted.at < std::max(kFresh, Duration(Seconds(ruleset_.size())) / kAsksEachSecond);
  if (counted.last && fresh) return *counted.last;
  if (!may_ask(now)) {
    if (counted.last) return *counted.last;
    return fail(Code::Limit, "anchor \"" + anchor + "\" is not counted yet");
  }
  const auto text = ask(pfctl_, {"-a", anchor, "-s", "labels"});
  if (!text) return std::unexpected(text.error());
  auto counters = read_labels(*text);
  if (counters) counted = {*counters, now};
  return counters;
}

Result<std::vector<AddressCounters>> PfEngine::table_counters(const std::string& anchor,
                                                              const std::string& table) const {
  const auto found = ruleset_.find(anchor);
  if (found == ruleset_.end()) return fail(Code::NotFound, "anchor \"" + anchor + "\" does not exist");
  if (!found->second.tables.contains(table)) return fail(Code::NotFound, "table " + table + " does not exist");
  const auto text = ask(pfctl_, {"-a", anchor, "-t", table, "-vv", "-T", "show"});
  if (!text) return std::unexpected(text.error());
  return read_table(*text);
}

// They go on meaning the sessions of rules that are gone.
void PfEngine::note_labels(const std::string& anchor) {
  const auto found = ruleset_.find(anchor);
  if (found == ruleset_.end()) return;
  auto& labels = labels_[anchor];
  labels.clear();
  for (const Rule& rule : found->second.rules)
    if (!rule.label.empty()) labels.insert(rule.label);
}

Result<std::size_t> PfEngine::kill(const std::vector<std::string>& arguments) {
  const auto output = run(pfctl_, arguments);
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
  const auto text = ask(pfctl_, {"-s", "states"});
  if (!text) return std::unexpected(text.error());
  return read_states(*text);
}

}  // namespace hcd::fastpath::pf
