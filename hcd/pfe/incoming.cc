// Whether a configuration that the parent sends is sound in itself.
#include <set>

#include "hcd/conf/parents.h"
#include "hcd/pfe/roster.h"

namespace hcd::pfe {
Status validate(const Incoming& incoming) {
  std::set<Id> tables, services;
  conf::Parents parents;
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
  return conf::check_parents(parents);
}

}  // namespace hcd::pfe
