// One host under check: what the engine keeps of it, about 450 bytes.
#pragma once
#include <memory>
#include <string>

#include "fastpath/base/address.h"
#include "hcd/hce/host.h"
#include "hcd/hce/plan.h"
#include "hcd/hce/probe.h"
#include "hcd/hce/scheduler.h"

namespace hcd::hce {

struct Subject : Turn {
  Subject(const conf::Host& host, const Plan& its_plan)
      : id(host.id),
        name(host.name),
        address(host.address),
        ttl(host.ttl),
        plan(&its_plan),
        machine(host.retry),
        parent(host.parent) {}

  // By itself: not one whose state is another's, or whose name has no address yet.
  [[nodiscard]] bool checkable() const { return !parent && address.family != Family::None; }

  // The small ones fill the gap that an address leaves: there may be very many hosts.
  conf::Id id;
  std::string name;
  Address address;
  std::uint8_t ttl;              // of the packets of its checks; 0: as the system has it
  bool configured = true;        // as the configuration says
  bool enabled = false;          // as an operator may have changed it since; only an enabled host has turns
  bool asked = false;            // for a check at once, which has not begun
  bool answering = false;        // the check in flight is the one that was asked for
  bool certificate_told = true;  // pfe knows it
  bool accused : 1 = false;      // `last` came from outside, and not of a check
  bool told : 1 = false;         // pfe knows all of it but the numbers of ipc::CheckResult
  const Plan* plan;
  HostMachine machine;
  std::optional<conf::Id> parent;  // whose state it has: it is not checked itself
  std::uint32_t seen = 0;          // the generation that last named it
  std::uint32_t certificate = 0;   // when the one ends that it showed last (tls::expiry_of); 0: it has shown none
  std::vector<Subject*> children;  // of which it is the parent
  std::unique_ptr<Probe> probe;    // its check in flight
  Verdict last;
  Duration latency{0};
};

}  // namespace hcd::hce
