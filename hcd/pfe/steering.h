// What a service's anchor must be, from the configuration, the hosts' states and the operators' switches. Pure: it only
// computes; Enforcer applies it.
//
//   - A host takes new sessions when it is enabled and up. A host that is not checked yet takes none, unless it had its
//     place in the engine before (`kept`): a restart or a reload must not take away what works.
//   - A service uses its table; when no host of that takes sessions, its backup; when none of that does either, its
//     anchor is removed, so that packets pass as if there had been no rule.
//
// An anchor holds one rdr rule for each virtual host, and a table named after the service. pf's tables may mix families
// and a rule takes what it can use; ours are of one family each, so a service of both has a second table.
#pragma once
#include <string>
#include <vector>

#include "fastpath/transaction.h"
#include "hcd/conf/config.h"
#include "hcd/ipc/messages.h"

namespace hcd::pfe {

struct HostView {
  Address address;
  std::uint16_t weight = 1;
  ipc::HostState state = ipc::HostState::Unknown;
  bool enabled = true;
  bool kept = false;  // had its place before its first result
};
[[nodiscard]] bool takes_sessions(const HostView& host);

struct TableView {
  std::uint16_t port = 0;
  bool enabled = true;
  std::vector<HostView> hosts;
};

struct ServiceView {
  const conf::Service& conf;
  bool enabled;
  TableView table;
  std::optional<TableView> backup;
};

enum class Use : std::uint8_t { None, Table, Backup };

struct Steering {
  Use use = Use::None;
  fastpath::Anchor anchor;  // without rules when nothing is to be used
};
// `prefix` is the anchors' common first part, "hcd".
[[nodiscard]] Steering steer(const std::string& prefix, const ServiceView& service);

[[nodiscard]] std::string anchor_name(const std::string& prefix, const conf::Service& service);  // "hcd/www"

// Which table an anchor that an engine has in force uses: the primary, unless that cannot be.
[[nodiscard]] Use use_in_force(const fastpath::Ruleset& ruleset, const std::string& prefix, const ServiceView& service);

// Whether the engine has this address, at this port, in the anchor.
[[nodiscard]] bool has_place(const fastpath::Ruleset& ruleset, const std::string& anchor, const Address& address,
                             std::uint16_t port);

// Edits the transaction so that the anchor becomes what is wanted; an anchor without rules is removed.
void bring_about(fastpath::Transaction& transaction, const std::string& name, const fastpath::Anchor& wanted);

}  // namespace hcd::pfe
