// One host under check: what the engine keeps of it, about 350 bytes.
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
      : id(host.id), name(host.name), address(host.address), plan(&its_plan), machine(host.retry) {}

  conf::Id id;
  std::string name;
  Address address;
  const Plan* plan;
  HostMachine machine;
  bool configured = true;        // as the configuration says
  bool enabled = false;          // as an operator may have changed it since; only an enabled host has turns
  std::uint32_t seen = 0;        // the generation that last named it
  std::unique_ptr<Probe> probe;  // its check in flight
  Verdict last;
  Duration latency{0};
};

}  // namespace hcd::hce
