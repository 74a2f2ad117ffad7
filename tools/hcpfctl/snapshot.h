// What the maps say, as plain data: taken once, then only rendered. Everything has names and numbers of its own, no index.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "fastpath/base/clock.h"
#include "fastpath/bpf/endpoint.h"
#include "fastpath/bpf/guard.h"
#include "fastpath/table.h"

namespace hcd::hcpfctl {

using abi::hcd_stats;

struct RuleLine {
  std::string anchor;
  std::uint32_t number = 0;
  fastpath::Rule rule;
  std::size_t entries = 0;  // in its table
  hcd_stats stats{};
  std::uint32_t states = 0;   // now
  unsigned pid = 0, uid = 0;  // of who loaded it
};

struct AddressLine {
  fastpath::TableEntry entry;
  std::uint64_t cleared = 0;  // seconds since the epoch
  hcd_stats stats{};
  std::uint32_t states = 0;
};

struct TableLine {
  std::string anchor, name;
  bool referenced = false;  // by a rule
  bool persist = false, constant = false;
  std::vector<AddressLine> addresses;
};

struct StateLine {
  std::uint64_t id = 0;
  std::uint32_t creator = 0;  // of these maps
  fastpath::Endpoint host, virtual_at;
  Address client;
  std::uint16_t port = 0;
  unsigned char client_side = 0, server_side = 0;  // enum hcd_tcp_state
  Seconds age{0}, idle{0}, expires{0};
  std::uint64_t packets[2] = {}, bytes[2] = {};  // [0] from the client
  bool sticky = false;
  std::string anchor;  // empty where its rule has gone
  std::uint32_t rule = 0;
};

struct SourceLine {
  Address client;
  Address host;  // of no family: it leads nowhere
  std::uint32_t states = 0, connections = 0;
  std::uint32_t rate = 0;  // thousandths
  Seconds rate_seconds{0};
  Seconds age{0}, expires{0};
  std::string anchor;  // empty: of all rules that track globally, or its rule has gone
  std::uint32_t rule = 0;
  bool global = false;
};

struct Info {
  bool enabled = true;        // on some interface
  std::uint64_t seconds = 0;  // since the maps were made
  std::size_t states = 0, half_open = 0;
  std::size_t sources = 0;  // nodes
  fastpath::Reasons reasons{};
  fastpath::Guard guard;
  fastpath::Pressure pressure;  // without its counters
  unsigned pid = 0;             // of the daemon, 0: none runs
};

struct Limits {  // what the maps were made for
  std::size_t states = 0, sources = 0, anchors = 0, tables = 0, table_entries = 0;
};

struct TimeoutLine {  // of rules that do not say another
  std::string name;
  std::uint64_t value = 0;
  bool states = false;  // the value counts states, not seconds
};

struct Snapshot {
  std::vector<std::string> anchors;  // ascending
  std::vector<RuleLine> rules;       // by anchor, in order of evaluation
  std::vector<TableLine> tables;     // by anchor and name
  std::vector<StateLine> states;
  std::vector<SourceLine> sources;
  Info info;
  Limits limits;
  std::vector<TimeoutLine> timeouts;
  std::vector<std::string> faults;
};

// States are listed only when wanted: there may be millions.
[[nodiscard]] Result<Snapshot> take_snapshot(const fastpath::Maps& maps, const Clock& clock, bool with_states);

// The pid of the daemon that keeps the rules, 0: none runs.
[[nodiscard]] unsigned running_daemon(const fastpath::Views& views);

}  // namespace hcd::hcpfctl
