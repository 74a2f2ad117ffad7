// Whether a configuration that the parent sends is sound in itself.
#include <map>
#include <set>

#include "hcd/pfe/roster.h"

namespace hcd::pfe {
namespace {

using Parents = std::map<Id, std::optional<Id>>;  // of every host

Status check_parents(const Parents& parents) {
  std::set<Id> sound;
  for (const auto& [start, first] : parents) {
    std::set<Id> walked;
    for (Id at = start; !sound.contains(at);) {
      if (!walked.insert(at).second) return fail(Code::Protocol, "a configuration with a host that is its own parent");
      const auto host = parents.find(at);
      if (host == parents.end()) return fail(Code::Protocol, "a configuration with a host without its parent");
      if (!host->second) break;
      at = *host->second;
    }
    sound.merge(walked);
  }
  return {};
}

}  // namespace

Status validate(const Incoming& incoming) {
  std::set<Id> tables, services;
  Parents parents;
  for (const auto& table : incoming.tables) {
    if (!tables.insert(table.id).second) return fail(Code::Protocol, "a configuration with a table twice");
    for (const auto& host : table.hosts)
      if (!parents.emplace(host.id, host.parent).second)
        return fail(Code::Protocol, "a configuration with a host twice");
  }
  for (const auto& service : incoming.services) {
    if (!services.insert(service.id).second) return fail(Code::Protocol, "a configuration with a service twice");
    if (service.virtuals.empty()) return fail(Code::Protocol, "a configuration with a service without an address");
    for (const Id table : tables_named(service))
      if (!tables.contains(table)) return fail(Code::Protocol, "a configuration with a service without its table");
  }
  return check_parents(parents);
}

}  // namespace hcd::pfe
