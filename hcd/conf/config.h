// What a configuration file means: immutable once parsed, the same for both vocabularies (CONFIG.md's hoststated and
// relayd). Everything is known by name; ids are what people type and messages carry, and stay the same across reloads.
//
// Relays and protocols will stand beside services here; routers beside tables.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fastpath/base/address.h"
#include "fastpath/base/clock.h"
#include "fastpath/guard.h"
#include "fastpath/rule.h"
#include "hcd/conf/check.h"
#include "hcd/conf/judgement.h"

namespace hcd::conf {

using Id = std::uint32_t;

inline constexpr std::size_t kHostsMax = 65536;  // in all tables, as the fast path's maps hold them
inline constexpr std::uint32_t kStatesMin = 64, kStatesMax = 1U << 28;

// How a host by DNS name comes to its address, in a byte, for hosts are many. False: the host is given by its address.
class ByName {
 public:
  struct How {
    bool all = false;  // every address of the name is a host; else one is
    bool inet = true, inet6 = true;
  };
  ByName() = default;
  explicit ByName(How how) : bits_(kNamed | (how.all ? kAll : 0) | (how.inet ? kInet : 0) | (how.inet6 ? kInet6 : 0)) {}

  [[nodiscard]] explicit operator bool() const { return bits_ != 0; }
  [[nodiscard]] bool all() const { return (bits_ & kAll) != 0; }
  [[nodiscard]] bool takes(Family family) const { return (bits_ & (family == Family::Inet ? kInet : kInet6)) != 0; }
  void fields(auto& f) { f(bits_); }
  friend bool operator==(const ByName&, const ByName&) = default;

 private:
  static constexpr std::uint8_t kNamed = 1, kAll = 2, kInet = 4, kInet6 = 8;
  std::uint8_t bits_ = 0;
};

struct Host {
  Id id = 0;
  // As written: an address or a DNS name. Of each host that `all` makes of a name, the name, '@' and its address.
  std::string name;
  Address address;          // family None: of a name that has none yet
  std::uint16_t retry = 0;  // failed checks that are tolerated
  std::uint16_t weight = 1;
  bool disabled = false;
  std::uint8_t ttl = 0;  // of what checks send to it; 0: as the system has it
  ByName by_name;
  std::optional<Id> parent;  // the host whose state is its own: it is not checked itself
  void fields(auto& f) { f(id, name, address, retry, weight, disabled, ttl, by_name, parent); }
  friend bool operator==(const Host&, const Host&) = default;
};

struct Table {
  Id id = 0;
  // "webhosts", or "webhosts:80" for an instance of a table that has no port of its own; "webhosts:80:2" for the second one
  // of a list with other options at that port.
  std::string name;
  std::uint16_t port = 0;  // the hosts' real port; 0 only in a template
  Check check;
  Milliseconds timeout{200};  // of one check; below interval
  Milliseconds interval{10000};
  bool disabled = false;
  std::string demote;  // group; empty: none
  Pace pace;
  Judgement judgement;
  Seconds slow_start{0};      // in which a host that has come up gets to its full weight; 0: at once
  std::uint32_t minimum = 0;  // hosts up below which no service uses the table
  Seconds minimum_for{0};     // for how long they must have been too few, or enough again
  std::vector<Host> hosts;
  void fields(auto& f) {
    f(id, name, port, check, timeout, interval, disabled, demote, pace, judgement, slow_start, minimum, minimum_for,
      hosts);
  }
  friend bool operator==(const Table&, const Table&) = default;
};

enum class Proto : std::uint8_t { Tcp, Udp };
constexpr Proto last_of(Proto) {
  return Proto::Udp;
}

struct Virtual {  // `virtual host ADDR [tcp|udp] port P|P:P2|any [interface IF]`
  Address address;
  Proto proto = Proto::Tcp;
  std::uint16_t port = 0;       // 0: any
  std::uint16_t last_port = 0;  // of a range that begins with port; 0: port alone
  std::string interface;        // empty: any
  unsigned ifindex = 0;         // of that interface: the parent asks the kernel at load, a parsed file has 0
  void fields(auto& f) { f(address, proto, port, last_port, interface, ifindex); }
  friend bool operator==(const Virtual&, const Virtual&) = default;
};

struct Condition {  // `use table X when Y below N%|N hosts [for T]`
  Id use = 0, watch = 0;
  std::uint32_t below = 0;
  bool percent = false;  // of all hosts of the table; else hosts
  Seconds hold{0};       // how long it must have been so, or no longer so
  void fields(auto& f) { f(use, watch, below, percent, hold); }
  friend bool operator==(const Condition&, const Condition&) = default;
};

// Of a redirect of relayd.conf that says nothing else, as relayd has it.
inline constexpr Seconds kRedirectSessionTimeout{600};

struct Service {
  Id id = 0;
  std::string name;               // also the pf table's name: at most 31 characters
  std::vector<Virtual> virtuals;  // 1 to 16
  Id table = 0;
  std::vector<Id> backups;            // in their order
  std::vector<Condition> conditions;  // the first that holds comes before `table`
  bool reset_on_down = false;         // the connections of a host that goes down are cut
  // What its rules (rules.h) have in common: from, tag, method, key, limits, timeouts and so on. No destination, no table.
  fastpath::Rule rule;
  bool disabled = false;
  void fields(auto& f) {
    f(id, name, virtuals, table, backups, conditions, rule.from, rule.tag, rule.established, rule.timeouts, rule.limits,
      rule.sloppy, rule.method, rule.key, rule.sticky, rule.keep_ttl, reset_on_down, disabled);
  }
  friend bool operator==(const Service&, const Service&) = default;
};

enum class LogChecks : std::uint8_t { Off, Updates, All };
constexpr LogChecks last_of(LogChecks) {
  return LogChecks::All;
}

enum class FastpathMode : std::uint8_t { Auto, Xdp, Tc, Pf, None };
constexpr FastpathMode last_of(FastpathMode) {
  return FastpathMode::None;
}

enum class PfDialect : std::uint8_t { Auto, New, Old };  // Auto: pfctl is asked
constexpr PfDialect last_of(PfDialect) {
  return PfDialect::Old;
}

struct PfUse {  // `fastpath pf`
  PfDialect dialect = PfDialect::Auto;
  std::string pfctl = "/sbin/pfctl";
  friend bool operator==(const PfUse&, const PfUse&) = default;
};

struct NameServer {
  Address address;
  std::uint16_t port = 53;
  void fields(auto& f) { f(address, port); }
  friend bool operator==(const NameServer&, const NameServer&) = default;
};

struct Endpoint {
  Address address;
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct Lookup {                          // `resolver`
  std::vector<NameServer> servers;       // none: the system's, and its file of hosts
  Seconds ttl_least{5}, ttl_most{3600};  // how long an answer may count
  friend bool operator==(const Lookup&, const Lookup&) = default;
};

struct Global {
  Milliseconds interval{10000};
  Milliseconds timeout{200};
  LogChecks log = LogChecks::Off;
  std::optional<unsigned> prefork;
  std::string demote;
  unsigned script_limit = 32;  // scripts of checks that run at the same time
  std::string socket;          // of control; empty: the usual one
  FastpathMode fastpath = FastpathMode::Auto;
  PfUse pf;
  std::vector<std::string> interfaces;  // `fastpath MODE on { IF ... }`; empty: every Ethernet-like one
  std::uint32_t states_limit = 0;       // of the kernel's table; 0: as it is made without a word
  fastpath::Guard guard;                // `states when full`, `syn guard`
  Lookup lookup;
  std::optional<Endpoint> metrics;  // where they are served over HTTP; none: nowhere
  friend bool operator==(const Global&, const Global&) = default;
};

// What the file of certificates held that a check's `ca` names, as it was when the configuration was read.
struct Authorities {
  std::string path;  // empty: the system's
  std::string pem;   // at least one certificate
  void fields(auto& f) { f(path, pem); }
  friend bool operator==(const Authorities&, const Authorities&) = default;
};

struct Config {
  Global global;
  std::vector<Authorities> authorities;  // each path once
  std::vector<Table>
      templates;              // hoststated's without a port: only their instances are used; they take ids all the same
  std::vector<Table> tables;  // by id
  std::vector<Service> services;
  friend bool operator==(const Config&, const Config&) = default;

  [[nodiscard]] const Table* table(Id id) const {
    for (const auto& t : tables)
      if (t.id == id) return &t;
    return nullptr;
  }
};

}  // namespace hcd::conf
