#include "hcd/pfe/steering.h"

#include <algorithm>

#include "hcd/conf/rules.h"

namespace hcd::pfe {
namespace {

using fastpath::Anchor;

std::vector<fastpath::TableEntry> entries_of(const TableView& table, Family family) {
  std::vector<const HostView*> live;
  for (const auto& host : table.hosts)
    if (takes_sessions(host) && host.address.family == family) live.push_back(&host);
  Ramp ramp;
  for (const auto* host : live) ramp.add(host->weight, host->step);
  std::vector<fastpath::TableEntry> out;
  out.reserve(live.size());
  for (const auto* host : live) out.push_back({host->address, ramp.weight(host->weight, host->step)});
  std::ranges::sort(out);
  return out;
}

// Tables of sources begin empty, and are filled by the packet path or by hand.
void add_sources(Anchor& anchor, const fastpath::Rule& rule) {
  for (const std::string* name : {&rule.from.table, &rule.limits.overload})
    if (!name->empty())
      anchor.tables.try_emplace(*name, fastpath::Table{.name = *name, .entries = {}, .persist = true});
}

Anchor anchor_of(const std::string& prefix, const conf::Service& service, const TableView& table) {
  Anchor anchor;
  if (!table.enabled) return anchor;
  for (auto& rule : conf::rules_of(service, table.port)) {
    rule.table = conf::table_name(service, rule.to.family);
    rule.label = prefix + ":" + service.name;
    if (!anchor.tables.contains(rule.table)) {
      auto entries = entries_of(table, rule.to.family);
      if (entries.empty()) continue;
      anchor.tables.emplace(rule.table,
                            fastpath::Table{.name = rule.table, .entries = std::move(entries), .persist = true});
    }
    add_sources(anchor, rule);
    anchor.rules.push_back(std::move(rule));
  }
  return anchor;
}

bool is_pool(const Anchor& anchor, const std::string& table) {
  return std::ranges::any_of(anchor.rules, [&](const auto& rule) { return rule.table == table; });
}

bool could_hold(const TableView& view, const Anchor& anchor) {
  for (const auto& rule : anchor.rules)
    if (!conf::leads_to(rule, view.port)) return false;
  if (view.open) return true;
  std::vector<Address> addresses;
  addresses.reserve(view.hosts.size());
  for (const auto& host : view.hosts) addresses.push_back(host.address);
  std::ranges::sort(addresses);
  return std::ranges::all_of(anchor.tables, [&](const auto& named) {
    return !is_pool(anchor, named.first) ||
           std::ranges::includes(addresses, named.second.entries, {}, {}, &fastpath::TableEntry::address);
  });
}

}  // namespace

bool takes_sessions(const HostView& host) {
  if (!host.enabled || host.drained) return false;
  return host.state == ipc::HostState::Up || (host.state == ipc::HostState::Unknown && host.kept);
}

Steering steer(const std::string& prefix, const ServiceView& service) {
  if (!service.enabled) return {};
  for (const auto& table : service.tables)
    if (Anchor anchor = anchor_of(prefix, service.conf, table); !anchor.rules.empty())
      return {table.id, std::move(anchor)};
  return {};
}

std::string anchor_name(const std::string& prefix, const conf::Service& service) {
  return prefix + "/" + service.name;
}

std::optional<conf::Id> use_in_force(const fastpath::Ruleset& ruleset, const std::string& prefix,
                                     const ServiceView& service) {
  const auto anchor = ruleset.find(anchor_name(prefix, service.conf));
  if (anchor == ruleset.end() || anchor->second.rules.empty()) return std::nullopt;
  for (const auto& table : service.tables)
    if (could_hold(table, anchor->second)) return table.id;
  return service.tables.back().id;  // hosts that no table has any more: the last was what was left
}

bool has_place(const fastpath::Ruleset& ruleset, const std::string& anchor, const Address& address,
               std::uint16_t port) {
  const auto found = ruleset.find(anchor);
  if (found == ruleset.end()) return false;
  for (const auto& rule : found->second.rules) {
    const auto table = found->second.tables.find(rule.table);
    if (!conf::leads_to(rule, port) || table == found->second.tables.end()) continue;
    if (std::ranges::binary_search(table->second.entries, address, {}, &fastpath::TableEntry::address)) return true;
  }
  return false;
}

void bring_about(fastpath::Transaction& transaction, const std::string& name, const Anchor& wanted) {
  if (const auto now = transaction.find(name)) {
    const bool stale =
        std::ranges::any_of(now->tables(), [&](const auto& table) { return !wanted.tables.contains(table); });
    if (stale || wanted.rules.empty()) transaction.remove_anchor(name);
  }
  if (wanted.rules.empty()) return;
  const auto now = transaction.find(name);
  for (const auto& [key, table] : wanted.tables)
    if (is_pool(wanted, key) || !now || now->table(key) == nullptr) transaction.set_table(name, table);
  transaction.set_rules(name, wanted.rules);
}

}  // namespace hcd::pfe
