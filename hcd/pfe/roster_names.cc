// Hosts by name: those that leave when their name has other addresses.
#include <set>
#include <string>

#include "hcd/pfe/roster.h"

namespace hcd::pfe {
namespace {

// Long enough to find out how the one that came in is.
Duration linger_most(const conf::Table& table) {
  return Seconds(10) + table.interval * (table.judgement.rise + 1);
}

// Long enough for a name server to come back, and no longer, for nobody checks what lingers so.
constexpr Seconds kUnresolvedMost{60};

// The names, as written, with a host that came in and of which nothing is known, though there will be.
std::set<std::string> awaited(const Roster& roster, const TableEntry& table) {
  std::set<std::string> out;
  for (const Id id : table.hosts) {
    const HostEntry& host = roster.hosts.at(id);
    if (host.conf.by_name && host.last.state == ipc::HostState::Unknown && !host.kept && roster.checked(host))
      out.insert(conf::written_name(host.conf));
  }
  return out;
}

}  // namespace

const HostEntry* Roster::unresolved(const TableEntry& table) const {
  for (const Id id : table.hosts)
    if (const HostEntry& host = hosts.at(id); host.conf.address.size() == 0) return &host;
  return nullptr;
}

// From the configuration before; or, where there was none, from what another daemon left in the engine, while names that it
// knew are still looked up.
void Roster::linger(const Roster& old, const fastpath::Ruleset& adopted, TimePoint now) {
  for (auto& [id, table] : tables) {
    const auto was = old.tables.find(id);
    if (was == old.tables.end() || was->second.conf.port != table.conf.port) continue;
    std::vector<Leaving> served = was->second.leaving;
    for (const Id host_id : was->second.hosts) {
      const HostEntry& host = old.hosts.at(host_id);
      if (!host.conf.by_name || !old.in_place(host)) continue;
      served.push_back({.name = conf::written_name(host.conf),
                        .address = host.conf.address,
                        .weight = host.weight,
                        .until = now + linger_most(table.conf)});
    }
    linger(table, std::move(served));
  }
  if (!old.prefix_.empty()) return;
  for (const auto& [id, service] : services) {
    const auto anchor = adopted.find(anchor_name(prefix_, service.conf));
    if (!service.in_use || anchor == adopted.end()) continue;
    TableEntry& table = tables.at(*service.in_use);
    const HostEntry* host = unresolved(table);
    if (host == nullptr) continue;
    std::vector<Leaving> served;
    for (const auto& [name, left] : anchor->second.tables)
      for (const auto& entry : left.entries)
        served.push_back({.name = host->conf.name,
                          .address = entry.address,
                          .weight = entry.weight,
                          .until = now + kUnresolvedMost});
    linger(table, std::move(served));
  }
}

// Those whose address the table has not any more, each once.
void Roster::linger(TableEntry& table, std::vector<Leaving> served) {
  if (served.empty()) return;
  const auto who = awaited(*this, table);
  std::set<Address> here;
  for (const Id id : table.hosts) here.insert(hosts.at(id).conf.address);
  for (const auto& host : table.leaving) here.insert(host.address);
  for (auto& host : served)
    if (who.contains(host.name) && here.insert(host.address).second) table.leaving.push_back(std::move(host));
}

// "host webhosts/www.example.org@10.0.0.1": no other key has that sign. Overrides are few.
bool Roster::may_return(const std::string& key) const {
  const auto at = key.find('@');
  if (at == std::string::npos) return false;
  bool known = false;
  for (const auto& [id, host] : hosts) {
    if (!host.conf.by_name.all()) continue;
    const std::string& table = tables.at(host.table).conf.name;
    if (key == Overrides::key(ctl::Kind::Host, table + "/" + host.conf.name)) return false;
    known |= key.starts_with(Overrides::key(ctl::Kind::Host, table + "/" + conf::written_name(host.conf) + "@"));
  }
  return known;
}

void Roster::let_go(TableEntry& table, TimePoint now) {
  if (table.leaving.empty()) return;
  const auto who = awaited(*this, table);
  std::erase_if(table.leaving, [&](const Leaving& host) { return host.until <= now || !who.contains(host.name); });
}

}  // namespace hcd::pfe
