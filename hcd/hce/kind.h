// What the engine must know of each kind of check, as data: kind.cc has a line for each. A new kind is a file with its
// probe, and that line.
#pragma once
#include <memory>
#include <string_view>

#include "hcd/event/loop.h"
#include "hcd/hce/plan.h"
#include "hcd/hce/probe.h"

namespace hcd::hce {

class IcmpPool;
class ScriptPool;

struct Env {  // what probes share; outlives them
  event::Loop& loop;
  IcmpPool& icmp;
  ScriptPool& scripts;
};

struct Kind {
  std::string_view name;  // in the log: "http code"
  bool port;              // it goes to the table's port, so there must be one
  Status (*prepare)(const conf::Check& check,
                    Plan&);              // null: nothing is prepared; else refuses, or makes the Plan's rest
  std::unique_ptr<Probe> (*make)(Env&);  // null: nothing is run, and the host held for up
  std::string_view alpn = {};            // over TLS, what the server must agree to, unless the check says what
};

[[nodiscard]] const Kind& kind_of(conf::CheckType type);

// For the lines of probes that need nothing of Env.
template <class P>
std::unique_ptr<Probe> make_probe(Env&) {
  return std::make_unique<P>();
}

}  // namespace hcd::hce
