// The hosts, tables and services of the configuration in force, with what is known of each: the last check's result, an
// operator's switch. Hosts that a new configuration keeps (the same id and address) keep their state.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fastpath/anchor.h"
#include "hcd/conf/name_messages.h"
#include "hcd/ctl/model.h"
#include "hcd/pfe/by_id.h"
#include "hcd/pfe/certificates.h"
#include "hcd/pfe/choice.h"
#include "hcd/pfe/evidence.h"
#include "hcd/pfe/overrides.h"
#include "hcd/pfe/session_rates.h"
#include "hcd/pfe/steering.h"
#include "hcd/pfe/uptime.h"

namespace hcd::pfe {

using conf::Id;

struct Incoming {  // a configuration as the parent sends it
  std::uint32_t generation = 0;
  std::string anchor;
  std::vector<conf::Table> tables;
  std::vector<conf::Service> services;
};
// Every id that is named exists and none is given twice, no host is its own parent, each service has a virtual host.
[[nodiscard]] Status validate(const Incoming& incoming);

struct Switched {  // the last time an operator did, or the end of a wish's time
  std::uint64_t generation = 0;
  std::string by;
  std::int64_t wall_ms = 0;
};

struct HostEntry {
  conf::Host conf;
  Id table = 0;
  bool enabled = true;        // its own switch
  bool drained = false;       // checked, but given no new sessions
  std::uint16_t weight = 1;   // an operator's, or the configuration's
  std::optional<bool> told;   // what hce was last told of it by a switch
  bool kept = false;          // see HostView
  bool adopted = false;       // kept because the engine had it before there was any result
  std::uint32_t flaps = 0;    // times that it began to be held down for flapping
  ipc::HostStatus last;       // unknown, without counters, until there is a result
  Duration warm{0};           // it came up then (memory.since), but had its place all along: no slow start
  std::int64_t since_ms = 0;  // when its word last changed
  Uptime uptime;
  Evidence evidence = {};
  std::uint64_t generation = 0;
};

// A host by name that its name does not mean any more. It keeps its place until there is a result of what came in for it,
// so that a change of addresses leaves no service without a host.
struct Leaving {
  std::string name;  // as written
  Address address;
  std::uint16_t weight = 1;
  TimePoint until;  // at the latest
};

struct TableEntry {
  conf::Table conf;  // its hosts are `hosts`
  std::vector<Id> hosts;
  Latencies latencies = {};
  std::vector<Leaving> leaving = {};
  std::vector<Id> services;                                   // that name it
  std::set<std::pair<std::uint16_t, fastpath::Proto>> ports;  // at which they lead to its hosts; 0: the packet's own
  bool enabled = true;
  Latch too_few;            // hosts, by its minimum
  TimePoint warming_until;  // when the last of its slow starts ends
  std::uint64_t generation = 0;
};

struct ServiceEntry {
  conf::Service conf;
  bool enabled = true;
  ctl::ServiceWord word = ctl::ServiceWord::Down;
  std::optional<Id> wanted, in_use;  // tables: as last wanted of the engine, and as it has confirmed
  std::vector<Latch> conditions;     // as in conf
  SessionRates rates;
  std::uint64_t generation = 0;
};

class Roster {
 public:
  Roster() = default;
  // `adopted` is what the engine has in force: hosts without a result keep the place that they have there.
  Roster(Incoming incoming, const Roster& old, const Overrides& overrides, const fastpath::Ruleset& adopted,
         TimePoint now);

  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  [[nodiscard]] std::uint32_t generation() const { return generation_; }  // of the configuration
  ById<HostEntry> hosts;
  std::map<Id, TableEntry> tables;
  std::map<Id, ServiceEntry> services;
  std::map<std::pair<ctl::Kind, Id>, Switched> switched;  // what an operator has changed, ever
  std::map<Id, std::vector<Id>> children;  // of hosts that are parents: those whose state is the parent's
  std::map<std::string, std::vector<Id>, std::less<>> named;  // hosts by name, by the name in the file
  std::map<std::string, conf::NameState, std::less<>> names;  // what is said of those names
  Certificates certificates;

  [[nodiscard]] bool checked(const HostEntry& host) const;        // it and its table are enabled
  [[nodiscard]] bool in_place(const HostEntry& host) const;       // it takes new sessions
  [[nodiscard]] std::size_t live(const TableEntry& table) const;  // hosts that do
  [[nodiscard]] ctl::HostWord word(const HostEntry& host) const;
  [[nodiscard]] std::uint32_t up(const TableEntry& table) const;
  // The tables that the service may use now, in order; this is where the latches move on.
  [[nodiscard]] ServiceView view(ServiceEntry& service, TimePoint now);
  [[nodiscard]] ServiceView every_table(const ServiceEntry& service) const;  // that the service names
  [[nodiscard]] ServiceEntry* service_at(const std::string& anchor);
  // When a slow start takes a step, or a latch moves, if nothing else happens.
  [[nodiscard]] std::optional<TimePoint> next_due(TimePoint now) const;
  // The services that what is due by now concerns.
  [[nodiscard]] std::vector<Id> due(TimePoint now);
  // An override of an address that its name has no more, but may have again.
  [[nodiscard]] bool may_return(const std::string& key) const;
  [[nodiscard]] std::string name(ctl::Kind kind, Id id) const;  // "webhosts:80/10.1.1.100"; empty: none such

  // Takes a result. True when the host has got or lost its place. `started`: when this process did.
  bool record(HostEntry& host, const ipc::HostStatus& status, TimePoint now, TimePoint started);
  // Forgets state and counters, as a host that is switched off does.
  void forget(HostEntry& host);

 private:
  [[nodiscard]] TableView view(const TableEntry& table, TimePoint now) const;
  void add(conf::Table conf, const Roster& old, const Overrides& overrides);
  void add(conf::Service conf, const Roster& old, const Overrides& overrides);
  void link();
  void keep(HostEntry& host, const Roster& old);
  void keep_switched(ctl::Kind kind, Id id, const Roster& old);
  void keep_certificates(const Roster& old);
  void adopt(const fastpath::Ruleset& adopted);
  void begin_slow_start(const HostEntry& host);
  void linger(const Roster& old, const fastpath::Ruleset& adopted, TimePoint now);
  void linger(TableEntry& table, std::vector<Leaving> served);
  [[nodiscard]] const HostEntry* unresolved(const TableEntry& table) const;
  void let_go(TableEntry& table, TimePoint now);

  std::map<std::string, Id> by_anchor_;

  std::string prefix_;
  std::uint32_t generation_ = 0;
};

// What holds for an object of the roster under these overrides; and makes it hold, there alone.
[[nodiscard]] Setting setting_of(const Roster& roster, const Overrides& overrides, ctl::Kind kind, Id id);
[[nodiscard]] ctl::Override override_of(const Roster& roster, const Overrides& overrides, ctl::Kind kind, Id id);
void put(Roster& roster, ctl::Kind kind, Id id, const Setting& setting);

}  // namespace hcd::pfe
