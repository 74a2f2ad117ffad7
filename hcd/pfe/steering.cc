#include "hcd/pfe/steering.h"

#include <algorithm>

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

// The family of the first virtual host has the service's own name; the other, where there is one, a suffix.
std::string table_name(const conf::Service& service, Family family) {
  if (family == service.virtuals.front().address.family) return service.name;
  return service.name.substr(0, fastpath::kTableNameMax - 1) + (family == Family::Inet ? "4" : "6");
}

fastpath::Rule rule_of(const std::string& prefix, const conf::Service& service, const conf::Virtual& to,
                       std::uint16_t target_port) {
  fastpath::Rule rule{.interface = to.interface,
                      .ifindex = to.ifindex,
                      .proto = to.proto == conf::Proto::Udp ? fastpath::Proto::Udp : fastpath::Proto::Tcp,
                      .to = to.address,
                      .port = to.port,
                      .label = prefix + ":" + service.name,
                      .tag = service.tag,
                      .table = table_name(service, to.address.family),
                      .target_port = target_port};
  if (to.proto == conf::Proto::Tcp) rule.established = service.session_timeout;
  if (service.mode != conf::Mode::SourceHash) return rule;
  rule.method = fastpath::Method::SourceHash;
  if (fastpath::HashKey key{}; service.key && service.key->size() == key.size()) {
    std::ranges::copy(*service.key, key.begin());
    rule.key = key;
  }
  return rule;
}

Anchor anchor_of(const std::string& prefix, const conf::Service& service, const TableView& table) {
  Anchor anchor;
  if (!table.enabled) return anchor;
  for (const auto& to : service.virtuals) {
    const std::string name = table_name(service, to.address.family);
    if (!anchor.tables.contains(name)) {
      auto entries = entries_of(table, to.address.family);
      if (entries.empty()) continue;
      anchor.tables.emplace(name, fastpath::Table{.name = name, .entries = std::move(entries), .persist = true});
    }
    anchor.rules.push_back(rule_of(prefix, service, to, table.port));
  }
  return anchor;
}

bool could_hold(const TableView& view, const Anchor& anchor) {
  for (const auto& rule : anchor.rules)
    if (rule.target_port != view.port) return false;
  if (view.open) return true;
  std::vector<Address> addresses;
  addresses.reserve(view.hosts.size());
  for (const auto& host : view.hosts) addresses.push_back(host.address);
  std::ranges::sort(addresses);
  return std::ranges::all_of(anchor.tables, [&](const auto& named) {
    return std::ranges::includes(addresses, named.second.entries, {}, {}, &fastpath::TableEntry::address);
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
    if (rule.target_port != port || table == found->second.tables.end()) continue;
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
  for (const auto& [key, table] : wanted.tables) transaction.set_table(name, table);
  transaction.set_rules(name, wanted.rules);
}

}  // namespace hcd::pfe
