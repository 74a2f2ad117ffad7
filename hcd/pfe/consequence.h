// What a change by an operator does to tables and services: measured before it and after it, on the roster alone.
//
// A host that is enabled has no place yet, for nobody has checked it; a service's choice is foretold as the roster is now,
// though `for` may put it off. So what is said is what is certain: the worst.
#pragma once
#include <functional>
#include <set>
#include <vector>

#include "hcd/ctl/change.h"
#include "hcd/pfe/roster.h"

namespace hcd::pfe {

class Measure {
 public:
  using Sessions = std::function<std::uint64_t(Id host)>;  // there now

  // Of what a change of these objects can touch.
  Measure(const Roster& roster, ctl::Kind kind, const std::vector<Id>& ids, const Sessions& sessions);
  // Fills in tables and services, once the roster is as it will be.
  void compare(const Roster& roster, ctl::Consequence& out) const;

 private:
  struct TableBefore {
    ctl::TableEffect effect;
    std::vector<std::pair<Id, std::uint64_t>> live;  // hosts that took new sessions, and what they have
    std::set<Id> changed;
  };
  struct ServiceBefore {
    Id id = 0;
    ctl::ServiceWord word{};  // as it would be by now
    std::optional<Id> use;
  };
  void add_table(const Roster& roster, Id id, const Sessions& sessions);
  [[nodiscard]] static std::optional<Id> foretold(const Roster& roster, const ServiceEntry& service);

  std::map<Id, TableBefore> tables_;
  std::vector<ServiceBefore> services_;
  std::map<Id, std::uint64_t> sessions_;  // of services
};

}  // namespace hcd::pfe
