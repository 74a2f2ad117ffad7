#include "fastpath/pfconf/stage.h"

#include <set>

namespace hcd::fastpath::pfconf {
namespace {

std::set<std::string> tables_named(const Anchor& anchor) {
  std::set<std::string> out;
  for (const Rule& rule : anchor.rules) {
    for (const std::string* name : rule.tables()) out.insert(*name);
  }
  return out;
}

}  // namespace

void stage(const Conf& conf, const Ruleset& in_force, Transaction& transaction) {
  for (const auto& [name, anchor] : conf.anchors) {
    const auto named = tables_named(anchor);
    const auto now = in_force.find(name);
    if (now != in_force.end()) {
      for (const auto& [key, table] : now->second.tables) {
        if (anchor.tables.contains(key) || table.persist || named.contains(key)) continue;
        transaction.remove_table(name, key);
      }
    }
    for (const auto& [key, table] : anchor.tables) transaction.set_table(name, table);
    transaction.set_rules(name, anchor.rules);
  }
}

}  // namespace hcd::fastpath::pfconf
