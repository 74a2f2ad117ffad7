#include "fastpath/transaction.h"

#include <algorithm>
#include <utility>

namespace hcd::fastpath {
namespace {

const std::vector<Rule> kNoRules;

void add_rules(Claims& claims, const std::string& name, const std::vector<Rule>& rules, bool only_if_claimed) {
  for (const Rule& rule : rules) only_if_claimed ? claims.add_if_claimed(name, rule) : claims.add(name, rule);
}

}  // namespace

const std::vector<Rule>& AnchorView::rules() const {
  if (edit_ != nullptr && edit_->rules) return *edit_->rules;
  return base_ == nullptr ? kNoRules : base_->rules;
}

const Table* AnchorView::table(const std::string& name) const {
  if (edit_ != nullptr) {
    const auto edited = edit_->tables.find(name);
    if (edited != edit_->tables.end()) return edited->second ? &*edited->second : nullptr;
  }
  if (base_ == nullptr) return nullptr;
  const auto found = base_->tables.find(name);
  return found == base_->tables.end() ? nullptr : &found->second;
}

std::vector<std::string> AnchorView::tables() const {
  std::vector<std::string> out;
  if (edit_ != nullptr) {
    for (const auto& [name, table] : edit_->tables) {
      if (table) out.push_back(name);
    }
  }
  if (base_ != nullptr) {
    for (const auto& [name, table] : base_->tables) {
      if (edit_ == nullptr || !edit_->tables.contains(name)) out.push_back(name);
    }
  }
  std::ranges::sort(out);
  return out;
}

void Transaction::set_rules(const std::string& anchor, std::vector<Rule> rules) {
  edits_[anchor].rules = std::move(rules);
}

void Transaction::set_table(const std::string& anchor, Table table) {
  std::string name = table.name;
  edits_[anchor].tables.insert_or_assign(std::move(name), std::move(table));
}

void Transaction::remove_table(const std::string& anchor, const std::string& table) {
  edits_[anchor].tables.insert_or_assign(table, std::nullopt);
}

void Transaction::remove_anchor(const std::string& anchor) {
  edits_[anchor] = {.removed = true, .rules = {}, .tables = {}};
}

// What of the ruleset still counts for the anchor.
const Anchor* Transaction::base_of(const std::string& anchor) const {
  const auto edit = edits_.find(anchor);
  if (edit != edits_.end() && edit->second.removed) return nullptr;
  const auto base = now_->find(anchor);
  return base == now_->end() ? nullptr : &base->second;
}

std::optional<AnchorView> Transaction::find(const std::string& anchor) const {
  const Anchor* base = base_of(anchor);
  const auto found = edits_.find(anchor);
  const AnchorEdit* edit = found == edits_.end() ? nullptr : &found->second;
  if (base == nullptr && (edit == nullptr || (!edit->rules && edit->tables.empty()))) return std::nullopt;
  return AnchorView(base, edit);
}

void Transaction::apply(Ruleset& ruleset) const {
  for (const auto& [name, edit] : edits_) {
    if (!find(name)) {
      ruleset.erase(name);
      continue;
    }
    Anchor& anchor = ruleset[name];
    if (edit.removed) anchor = {};
    if (edit.rules) anchor.rules = *edit.rules;
    for (const auto& [key, table] : edit.tables) {
      if (table) {
        anchor.tables.insert_or_assign(key, *table);
      } else {
        anchor.tables.erase(key);
      }
    }
  }
}

Ruleset Transaction::after() const {
  Ruleset out = *now_;
  apply(out);
  return out;
}

// Rules that did not change are sound but for their tables, where those did.
Status Transaction::check_edit(const std::string& name, const AnchorEdit& edit, bool rules_differ) const {
  const AnchorView view = *find(name);
  for (const auto& [key, table] : edit.tables) {
    if (!table) continue;
    if (const auto sound = check_table(key, *table); !sound) return sound;
  }
  const auto find_table = [&view](const std::string& table) { return view.table(table); };
  const auto touched = [&edit](const std::string* table) { return edit.tables.contains(*table); };
  for (const Rule& rule : view.rules()) {
    if (rules_differ) {
      if (const auto sound = check_rule(rule, find_table); !sound) return sound;
    } else if (std::ranges::any_of(rule.tables(), touched)) {
      if (const auto sound = check_rule_tables(rule, find_table); !sound) return sound;
    }
  }
  return {};
}

Status Transaction::check_claims(const std::vector<std::string>& edited) const {
  Claims claims;
  for (const std::string& name : edited) add_rules(claims, name, find(name)->rules(), false);
  if (claims.empty()) return {};
  claims.close();
  for (const auto& [name, anchor] : *now_) {
    if (std::ranges::binary_search(edited, name) || base_of(name) == nullptr) continue;
    add_rules(claims, name, anchor.rules, true);
  }
  return claims.check();
}

Result<std::vector<Change>> Transaction::changes() const {
  std::vector<Change> out, removals;
  std::vector<std::string> with_rules;  // whose rules differ
  for (const auto& [name, edit] : edits_) {
    const auto old = now_->find(name);
    const Anchor* before = old == now_->end() ? nullptr : &old->second;
    const auto view = find(name);
    if (!view) {
      if (before != nullptr) removals.emplace_back(AnchorRemoved{name});
      continue;
    }
    const bool differ = view->rules() != (before == nullptr ? kNoRules : before->rules);
    if (before == nullptr) {
      if (const auto sound = check_anchor_name(name); !sound) return std::unexpected(sound.error());
    }
    // Tables that went with the anchor are missed by rules that stay the same.
    if (const auto sound = check_edit(name, edit, differ || edit.removed); !sound) {
      return fail_in("anchor \"" + name + "\"", sound.error());
    }
    for (const auto& [key, table] : edit.tables) {
      const bool known = before != nullptr && before->tables.contains(key);
      if (table && (!known || before->tables.at(key) != *table)) out.emplace_back(TableSet{name, *table});
      if (!table && known) removals.emplace_back(TableRemoved{name, key});
    }
    if (edit.removed && before != nullptr) {
      for (const auto& [key, table] : before->tables) {
        if (!edit.tables.contains(key)) removals.emplace_back(TableRemoved{name, key});
      }
    }
    // An anchor that is new and empty must still come into being: its rules are set to none.
    if (differ || (before == nullptr && edit.tables.empty())) out.emplace_back(RulesSet{name});
    if (differ) with_rules.push_back(name);
  }
  if (const auto sound = check_claims(with_rules); !sound) return std::unexpected(sound.error());
  std::ranges::move(removals, std::back_inserter(out));
  return out;
}

}  // namespace hcd::fastpath
