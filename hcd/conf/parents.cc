#include "hcd/conf/parents.h"

#include <set>

namespace hcd::conf {

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

}  // namespace hcd::conf
