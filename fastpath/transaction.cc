#include "fastpath/transaction.h"

#include <utility>

namespace hcd::fastpath {
namespace {

void compare_anchor(const std::string& name, const Anchor& before, const Anchor& after, std::vector<Change>& out) {
  for (const auto& [key, table] : after.tables) {
    const auto old = before.tables.find(key);
    if (old == before.tables.end() || old->second != table) out.emplace_back(TableSet{name, table});
  }
  if (before.rules != after.rules) out.emplace_back(RulesSet{name, after.rules});
}

void drop_tables(const std::string& name, const Anchor& before, const Anchor& after, std::vector<Change>& out) {
  for (const auto& [key, table] : before.tables) {
    if (!after.tables.contains(key)) out.emplace_back(TableRemoved{name, key});
  }
}

}  // namespace

void Transaction::set_rules(const std::string& anchor, std::vector<Rule> rules) {
  after_[anchor].rules = std::move(rules);
}

void Transaction::set_table(const std::string& anchor, Table table) {
  std::string name = table.name;
  after_[anchor].tables.insert_or_assign(std::move(name), std::move(table));
}

void Transaction::remove_anchor(const std::string& anchor) {
  after_.erase(anchor);
}

Result<std::vector<Change>> Transaction::changes() const {
  if (const auto sound = validate(after_); !sound) return std::unexpected(sound.error());
  std::vector<Change> out;
  static const Anchor kNone;
  for (const auto& [name, anchor] : after_) {
    const auto old = before_.find(name);
    // An anchor that is new and empty must still come into being: its rules are set to none.
    if (old == before_.end() && anchor == kNone) out.emplace_back(RulesSet{name, {}});
    compare_anchor(name, old == before_.end() ? kNone : old->second, anchor, out);
  }
  for (const auto& [name, anchor] : before_) {
    const auto now = after_.find(name);
    if (now == after_.end()) {
      out.emplace_back(AnchorRemoved{name});
    } else {
      drop_tables(name, anchor, now->second, out);
    }
  }
  return out;
}

}  // namespace hcd::fastpath
