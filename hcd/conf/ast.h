// What a file says, before names are looked up: the parser's result, the builder's input. Every value that a later
// check may refuse keeps its place.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fastpath/base/token.h"
#include "hcd/conf/config.h"

namespace hcd::conf::ast {

struct Global {
  std::optional<At<Milliseconds>> interval;
  std::optional<At<Milliseconds>> timeout;
  std::optional<At<LogChecks>> log;
  std::optional<At<unsigned>> prefork;
  std::optional<At<std::string>> demote;
  std::optional<At<unsigned>> script_limit;
  std::optional<At<std::string>> socket;
  std::optional<At<FastpathMode>> fastpath;
  PfUse pf;
  std::vector<std::string> interfaces;
  std::optional<At<std::uint32_t>> states_limit;
  std::optional<At<fastpath::WhenFull>> when_full;
  std::optional<At<std::uint32_t>> syn_guard;
  std::vector<At<NameServer>> name_servers;
  std::optional<At<std::pair<Seconds, Seconds>>> name_ttl;  // least, most
  std::optional<At<Endpoint>> metrics;
};

struct Host {
  At<std::string> name;
  std::optional<At<bool>> all;  // true
  std::optional<At<Family>> family;
  std::uint16_t retry = 0;
  std::uint16_t weight = 1;
  bool disabled = false;
  std::optional<At<std::uint8_t>> ttl;
  std::optional<At<std::string>> parent;  // a host's id, its name in this table, or table/name
};

struct Flap {
  std::uint16_t changes = 0;
  Seconds within{0}, hold{0};
};
struct Passive {
  std::uint16_t failures = 0;
  Seconds within{0};
};
struct Minimum {
  std::uint32_t hosts = 0;
  Seconds hold{0};
};

// How hosts are checked and what becomes of the results: lines of a table, or words where a redirect uses a list of hosts.
struct TableOptions {
  std::optional<At<Check>> check;
  std::optional<At<Milliseconds>> timeout;
  std::optional<At<Milliseconds>> interval, interval_down, interval_changing;
  std::optional<At<std::uint8_t>> jitter;
  std::optional<At<std::uint16_t>> rise, fall;
  std::optional<At<Flap>> flap;
  std::optional<At<Passive>> passive;
  std::optional<At<Seconds>> slow_start;
  std::optional<At<Minimum>> minimum;
  std::optional<At<std::string>> demote;
};

struct Table : TableOptions {
  At<std::string> name;
  std::vector<Host> hosts;
  std::optional<At<std::uint16_t>> port;
  bool list = false;  // relayd's: hosts and no options
  bool disabled = false;
  bool broken = false;  // a line of it was refused: what seems to be missing may have stood there
};

// A table where a service or redirect uses it. The options are those of a list's hosts.
struct Use : TableOptions {
  At<std::string> name;
  std::optional<At<std::uint16_t>> port;
};

struct Virtual {
  At<std::string> host;
  Proto proto = Proto::Tcp;
  std::uint16_t port = 0, last_port = 0;
  std::string interface;
};

struct Condition {
  Use use;
  At<std::string> watch;
  At<std::uint32_t> below;
  bool percent = false;
  Seconds hold{0};
};

struct Service {
  At<std::string> name;
  bool redirect = false;  // relayd's
  std::vector<Virtual> virtuals;
  std::optional<Use> table;
  std::vector<Use> backups;
  std::vector<Condition> conditions;
  fastpath::Rule rule;  // what follows is taken into it; these say where it stands
  std::optional<At<std::string>> tag;
  std::optional<At<fastpath::Method>> mode;
  std::optional<At<bool>> from, sticky, state, keep_ttl;
  std::optional<At<bool>> on_down;  // reset; else keep
  std::optional<At<Seconds>> session_timeout;
  bool disabled = false;
  bool broken = false;
};

using Declaration = std::variant<Table, Service>;  // relays, protocols and routers will stand here too

struct File {
  Global global;
  std::vector<Authorities> authorities;
  std::vector<Declaration> declarations;  // in their order: ids follow it
};

}  // namespace hcd::conf::ast
