#include "fastpath/pfconf/build.h"

#include <algorithm>
#include <set>

#include "fastpath/base/text.h"
#include "fastpath/pfconf/expand.h"

namespace hcd::fastpath::pfconf {

Conf Builder::build(const ast::File& file) {
  std::vector<Building> all;
  all.reserve(file.anchors.size());
  for (const ast::Anchor& from : file.anchors) {
    if (from.name.value.empty()) continue;
    // Who only holds others is replaced where it held something of its own before.
    const bool empty = from.rules.empty() && from.tables.empty();
    const bool first = &from == file.anchors.data();
    if (empty && from.parent && !first && !options_.in_force.contains(from.name.value)) continue;
    Building& building = all.emplace_back(Building{.name = from.name.value});
    for (const ast::Table& table : from.tables) build_table(building, table);
    for (const ast::Rule& rule : from.rules) build_rules(building, rule);
    check_tables(building);
  }
  if (!diagnostics_.failed()) check_claims(all);
  Conf out{.settings = file.settings};
  for (Building& building : all) out.anchors.insert_or_assign(building.name, std::move(building.anchor));
  return out;
}

void Builder::build_table(Building& building, const ast::Table& table) {
  const std::string& name = table.name.value;
  if (building.anchor.tables.contains(name)) {
    return diagnostics_.error(table.name.at, "table <" + name + "> is given twice");
  }
  std::vector<TableEntry> entries;
  std::set<Network> seen;
  entries.reserve(table.entries.size());
  for (const auto& [entry, at] : table.entries) {
    if (seen.insert(entry.network()).second) {
      entries.push_back(entry);
    } else {
      diagnostics_.error(at, entry.network().text() + " is given twice in table <" + name + ">");
    }
  }
  auto made = make_table(name, std::move(entries));
  if (!made) return diagnostics_.error(table.name.at, made.error().text);
  made->persist = table.persist;
  made->constant = table.constant;
  building.anchor.tables.emplace(name, std::move(*made));
}

bool Builder::resolve_interface(const At<std::string>& name, Rule& rule) {
  if (name.value.empty()) return true;
  const auto index = options_.surroundings.interface_index(name.value);
  if (!index) {
    diagnostics_.error(name.at, "interface " + printable(name.value, 64) + " does not exist");
    return false;
  }
  rule.interface = name.value;
  rule.ifindex = *index;
  return true;
}

// `port 8000:*` moves with the rule's range, `port 8000:8099` says where that ends.
bool Builder::resolve_target(const ast::Pool& pool, Rule& rule) {
  rule.target_port = pool.port;
  rule.target_range = pool.range && rule.last_port != 0;
  if (pool.last_port == 0) return true;
  const int wanted = rule.last_port == 0 ? 0 : rule.last_port - rule.port;
  if (pool.last_port - pool.port != wanted) {
    diagnostics_.error(pool.port_at, "the range of the hosts' ports is not as long as the rule's");
    return false;
  }
  rule.target_range = wanted != 0;
  return true;
}

// A pool's addresses become a table; the same addresses the same one.
std::optional<std::string> Builder::pool_table(Building& building, const ast::Pool& pool, Family family) {
  if (!pool.table.empty()) return pool.table;
  std::vector<TableEntry> entries;
  std::set<Address> seen;
  for (const auto& [entry, at] : pool.addresses) {
    if (entry.address.family != family) continue;
    if (seen.insert(entry.address).second) {
      entries.push_back(entry);
    } else {
      diagnostics_.error(at, entry.address.text() + " is given twice");
    }
  }
  if (entries.empty()) {
    diagnostics_.error(pool.at, std::string("no address to redirect to is of the destination's family, ") +
                                    (family == Family::Inet ? "inet" : "inet6"));
    return std::nullopt;
  }
  std::ranges::sort(entries);
  const auto known = building.pools.find(entries);
  if (known != building.pools.end()) return known->second;
  std::string name;
  do {
    name = "__pool_" + std::to_string(building.next_pool++);
  } while (building.anchor.tables.contains(name));
  auto made = make_table(name, entries);
  if (!made) {
    diagnostics_.error(pool.at, made.error().text);
    return std::nullopt;
  }
  building.anchor.tables.emplace(name, std::move(*made));
  building.pools.emplace(std::move(entries), name);
  return name;
}

bool Builder::add_rule(Building& building, const ast::Rule& from, Rule rule) {
  if (++rules_ > kRulesMax) {
    diagnostics_.error(from.at, "more than " + std::to_string(kRulesMax) + " rules");
    return false;
  }
  if (!resolve_target(from.pool, rule)) return false;
  auto table = pool_table(building, from.pool, rule.to.family);
  if (!table) return false;
  rule.table = std::move(*table);
  if (const auto sound = validate(rule); !sound) {
    diagnostics_.error(from.at, sound.error().text);
    return false;
  }
  building.anchor.rules.push_back(std::move(rule));
  building.rules_at.push_back(from.at);
  building.rules_of.push_back(&from);
  return true;
}

void Builder::build_rules(Building& building, const ast::Rule& rule) {
  if (diagnostics_.full()) return;
  const At<std::string> any_interface;
  bool some = false;
  const auto interfaces = rule.interfaces.empty() ? std::vector{any_interface} : rule.interfaces;
  for (const auto& interface : interfaces) {
    Rule base = rule.options;
    if (!resolve_interface(interface, base)) return;
    const bool sound = for_each_match(rule, base, [&](Rule one) {
      some = true;
      return add_rule(building, rule, std::move(one));
    });
    if (!sound) return;
  }
  if (!some) diagnostics_.error(rule.at, "the rule's address families fit in no combination of its lists");
}

const Table* Builder::find_table(const Building& building, const std::string& name) const {
  if (const auto own = building.anchor.tables.find(name); own != building.anchor.tables.end()) return &own->second;
  const auto now = options_.in_force.find(building.name);
  if (now == options_.in_force.end()) return nullptr;
  const auto kept = now->second.tables.find(name);
  return kept == now->second.tables.end() ? nullptr : &kept->second;
}

void Builder::check_tables(const Building& building) {
  const ast::Rule* last = nullptr;
  const auto find = [&](const std::string& name) { return find_table(building, name); };
  for (std::size_t i = 0; i < building.anchor.rules.size(); i++) {
    if (building.rules_of[i] == last) continue;  // of the same statement: said once
    const auto sound = check_rule_tables(building.anchor.rules[i], find);
    if (sound) continue;
    last = building.rules_of[i];
    diagnostics_.error(building.rules_at[i], sound.error().text);
  }
}

// Each rule that claims what another has is told, and then taken as not being there.
void Builder::check_claims(const std::vector<Building>& all) {
  std::map<const Rule*, Position> places;
  std::set<std::string_view> replaced;
  std::set<const Rule*> refused;
  for (const Building& building : all) {
    replaced.insert(building.name);
    for (std::size_t i = 0; i < building.anchor.rules.size(); i++) {
      places[&building.anchor.rules[i]] = building.rules_at[i];
    }
  }
  while (!diagnostics_.full()) {
    Claims claims;
    for (const Building& building : all) {
      for (const Rule& rule : building.anchor.rules) {
        if (!refused.contains(&rule)) claims.add(building.name, rule);
      }
    }
    claims.close();
    for (const auto& [name, anchor] : options_.in_force) {
      if (replaced.contains(name)) continue;
      for (const Rule& rule : anchor.rules) claims.add_if_claimed(name, rule);
    }
    const auto clash = claims.find_clash();
    if (!clash) return;
    const Rule* ours = places.contains(clash->later) ? clash->later : clash->earlier;
    if (!places.contains(ours)) return;  // what is in force is not for this file to mend
    diagnostics_.error(places.at(ours), clash->error.text);
    refused.insert(ours);
  }
}

}  // namespace hcd::fastpath::pfconf
