// What a service's anchor must be, from the configuration, the hosts' states and the operators' switches. Pure: it only
// computes; Enforcer applies it.
//
//   - A host takes new sessions when it is enabled, not drained, and up. A host that is not checked yet takes none,
//     unless it had its place in the engine before (`kept`): a restart or a reload must not take away what works.
//   - A service uses the first of its tables, in the order of choice.h, that has a host which takes sessions; when none
//     has, its anchor is removed, so that packets pass as if there had been no rule.
//   - A host that is warming up (ramp.h) has a part of its weight while another of its table has more.
//
// An anchor holds the service's rules (hcd/conf/rules.h), a table named after it, and those that its sources are in, whose
// contents are left to whoever fills them. pf's tables may mix families and a rule takes what it can use; ours are of one
// family each, so a service of both has a second table.
#pragma once
#include <string>
#include <vector>

#include "fastpath/transaction.h"
#include "hcd/conf/config.h"
#include "hcd/ipc/messages.h"
#include "hcd/pfe/ramp.h"

namespace hcd::pfe {

struct HostView {
  Address address;
  std::uint16_t weight = 1;
  ipc::HostState state = ipc::HostState::Unknown;
  bool enabled = true;
  bool kept = false;  // had its place before its first result
  bool drained = false;
  unsigned step = kRampSteps;  // of its slow start
};
[[nodiscard]] bool takes_sessions(const HostView& host);

struct TableView {
  conf::Id id = 0;
  std::uint16_t port = 0;
  bool enabled = true;
  std::vector<HostView> hosts;
  bool open = false;  // it may have had hosts that it does not know now
};

struct ServiceView {
  const conf::Service& conf;
  bool enabled;
  std::vector<TableView> tables;  // in the order in which they are to be tried
};

struct Steering {
  std::optional<conf::Id> use;  // the table
  fastpath::Anchor anchor;      // without rules when nothing is to be used
};
// `prefix` is the anchors' common first part, "hcd".
[[nodiscard]] Steering steer(const std::string& prefix, const ServiceView& service);

[[nodiscard]] std::string anchor_name(const std::string& prefix, const conf::Service& service);  // "hcd/www"

// Which of the tables an anchor that an engine has in force uses: the first that can be.
[[nodiscard]] std::optional<conf::Id> use_in_force(const fastpath::Ruleset& ruleset, const std::string& prefix,
                                                   const ServiceView& service);

// Whether the engine has this address, at this port, in the anchor.
[[nodiscard]] bool has_place(const fastpath::Ruleset& ruleset, const std::string& anchor, const Address& address,
                             std::uint16_t port);

// Edits the transaction so that the anchor becomes what is wanted; an anchor without rules is removed.
void bring_about(fastpath::Transaction& transaction, const std::string& name, const fastpath::Anchor& wanted);

}  // namespace hcd::pfe
