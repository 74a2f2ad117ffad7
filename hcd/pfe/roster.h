// The hosts, tables and services of the configuration in force, with what is known of each: the last check's result, an
// operator's switch. Hosts that a new configuration keeps (the same id and address) keep their state.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fastpath/anchor.h"
#include "hcd/ctl/model.h"
#include "hcd/pfe/overrides.h"
#include "hcd/pfe/session_rates.h"
#include "hcd/pfe/steering.h"

namespace hcd::pfe {

using conf::Id;

struct Incoming {  // a configuration as the parent sends it
  std::uint32_t generation = 0;
  std::string anchor;
  std::vector<conf::Table> tables;
  std::vector<conf::Service> services;
};
// Every id that is named exists and none is given twice, each service has a virtual host.
[[nodiscard]] Status validate(const Incoming& incoming);

struct Switched {  // the last time an operator did
  std::uint64_t generation = 0;
  std::string by;
};

struct HostEntry {
  conf::Host conf;
  Id table = 0;
  bool enabled = true;        // its own switch
  std::optional<bool> told;   // what hce was last told of it by a switch
  ipc::HostStatus last;       // unknown, without counters, until there is a result
  bool kept = false;          // see HostView
  std::int64_t since_ms = 0;  // when its word last changed
  std::uint64_t generation = 0;
  Switched switched;
};

struct TableEntry {
  conf::Table conf;  // its hosts are `hosts`
  std::vector<Id> hosts;
  bool enabled = true;
  std::uint64_t generation = 0;
  Switched switched;
};

struct ServiceEntry {
  conf::Service conf;
  bool enabled = true;
  ctl::ServiceWord word = ctl::ServiceWord::Down;
  SessionRates rates;
  std::uint64_t generation = 0;
  Switched switched;
};

class Roster {
 public:
  Roster() = default;
  // `adopted` is what the engine has in force: hosts without a result keep the place that they have there.
  Roster(Incoming incoming, const Roster& old, const Overrides& overrides, const fastpath::Ruleset& adopted);

  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  [[nodiscard]] std::uint32_t generation() const { return generation_; }  // of the configuration
  std::map<Id, HostEntry> hosts;
  std::map<Id, TableEntry> tables;
  std::map<Id, ServiceEntry> services;

  [[nodiscard]] bool checked(const HostEntry& host) const;  // it and its table are enabled
  [[nodiscard]] ctl::HostWord word(const HostEntry& host) const;
  [[nodiscard]] std::uint32_t up(const TableEntry& table) const;
  [[nodiscard]] ServiceView view(const ServiceEntry& service) const;
  [[nodiscard]] std::vector<Id> services_of(Id table) const;    // as primary or backup
  [[nodiscard]] std::string name(ctl::Kind kind, Id id) const;  // "webhosts:80/10.1.1.100"; empty: none such

  // Takes a result. True when the host has got or lost its place.
  bool record(HostEntry& host, const ipc::HostStatus& status) const;
  // Forgets state and counters, as a host that is switched off does.
  static void forget(HostEntry& host);

 private:
  [[nodiscard]] TableView view(Id table) const;
  void keep(HostEntry& host, const Roster& old);
  void adopt(const fastpath::Ruleset& adopted);

  std::string prefix_;
  std::uint32_t generation_ = 0;
};

// What the overrides make of a name whose configuration says `disabled`.
[[nodiscard]] bool enabled_by(const Overrides& overrides, ctl::Kind kind, const std::string& name, bool disabled);

}  // namespace hcd::pfe
