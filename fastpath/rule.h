// A rule: which packets, and to which table's hosts they are redirected. Today's only kind is rdr; the words are
// pf.conf(5)'s.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/address.h"
#include "fastpath/base/clock.h"
#include "fastpath/base/error.h"

namespace hcd::fastpath {

enum class Proto : std::uint8_t { Tcp = 6, Udp = 17 };

// RoundRobin is exact over a turn of the weights; SourceHash and Hash (of addresses, ports and protocol) are consistent: a
// lost host's flows move and hardly any other; LeastStates takes the least states for its weight.
enum class Method : std::uint8_t { RoundRobin, SourceHash, Random, LeastStates, Hash };
constexpr Method last_of(Method) {
  return Method::Hash;
}
using HashKey = std::array<std::uint8_t, 16>;

struct Network {  // "10.0.0.0/8"; a host has the whole length
  Address address;
  std::uint8_t length = 0;                 // bits
  [[nodiscard]] std::string text() const;  // without the length where it is whole, as pfctl prints it
  void fields(auto& f) { f(address, length); }
  friend auto operator<=>(const Network&, const Network&) = default;
};

struct From {  // `from any`, `from 10/8`, `from { a b }`, `from <table>`, each also with `!` before it
  std::vector<Network> networks;
  std::string table;  // in the same anchor; instead of networks
  bool negated = false;
  [[nodiscard]] bool any() const { return networks.empty() && table.empty(); }
  void fields(auto& f) { f(networks, table, negated); }
  friend bool operator==(const From&, const From&) = default;
};

// pf.conf(5)'s names: tcp.first and so on. The order is that of hcd_timeout_name (kmod/hcd_abi.h).
enum class Timeout : std::uint8_t {
  TcpFirst,
  TcpOpening,
  TcpEstablished,
  TcpClosing,
  TcpFinwait,
  TcpClosed,
  UdpFirst,
  UdpSingle,
  UdpMultiple,
  SrcTrack,
  Frag,
  Count
};
constexpr Timeout last_of(Timeout) {
  return Timeout::Frag;
}
using Timeouts = std::map<Timeout, Seconds>;  // those that are set; the others are the defaults

[[nodiscard]] std::string_view timeout_name(Timeout timeout);  // "tcp.first"
[[nodiscard]] std::optional<Timeout> timeout_named(std::string_view name);
[[nodiscard]] Seconds timeout_default(Timeout timeout);   // pf's
[[nodiscard]] Status validate(const Timeouts& timeouts);  // within range

enum class SourceTrack : std::uint8_t { None, Rule, Global };
constexpr SourceTrack last_of(SourceTrack) {
  return SourceTrack::Global;
}
enum class Flush : std::uint8_t { None, Rule, Global };
constexpr Flush last_of(Flush) {
  return Flush::Global;
}

struct StateLimits {  // 0: no limit. Those of sources need source tracking
  std::uint32_t max = 0;
  SourceTrack source_track = SourceTrack::None;
  std::uint32_t max_src_nodes = 0, max_src_states = 0, max_src_conn = 0;
  std::uint32_t max_src_conn_rate = 0;
  Seconds rate_seconds{0};
  std::string overload;  // table in the same anchor that sources over max-src-conn and -rate are added to
  Flush flush = Flush::None;
  void fields(auto& f) {
    f(max, source_track, max_src_nodes, max_src_states, max_src_conn, max_src_conn_rate, rate_seconds, overload, flush);
  }
  friend bool operator==(const StateLimits&, const StateLimits&) = default;
};

struct Rule {
  std::string interface;  // empty: any
  unsigned ifindex = 0;   // of that interface, resolved by whoever may ask the kernel
  Proto proto = Proto::Tcp;
  From from;
  Address to;
  std::uint16_t port = 0;       // host order; 0: any port
  std::uint16_t last_port = 0;  // of a range that begins with port; 0: port alone
  std::string label, tag;       // at most 63 characters each; empty: none
  Seconds established{0};       // tcp.established; 0: pf's default, 86400
  Timeouts timeouts;            // without tcp.established
  StateLimits limits;
  bool sloppy = false;            // connections go on where one direction is seen
  std::string table;              // in the same anchor
  std::uint16_t target_port = 0;  // 0: the packet's own
  bool target_range = false;      // `port 8000:*`: the n-th port of the range goes to target_port + n
  Method method = Method::RoundRobin;
  std::optional<HashKey> key;  // source-hash, hash; none: one is drawn per load
  bool sticky = false;         // sticky-address
  bool keep_ttl = false;       // do not decrement the time to live, as pf does not

  [[nodiscard]] bool many_ports() const { return port == 0 || last_port != 0; }
  // The tables that it names, in its anchor: of its hosts, of its sources, for overload. Empty: none.
  [[nodiscard]] std::array<const std::string*, 3> tables() const { return {&table, &from.table, &limits.overload}; }
  [[nodiscard]] bool names(const std::string& of_table) const {
    return of_table == table || of_table == from.table || of_table == limits.overload;
  }
  // The ports that it serves, all of them where it names none.
  [[nodiscard]] std::uint16_t first() const { return port; }
  [[nodiscard]] std::uint16_t last() const { return port == 0 ? 65535 : last_port != 0 ? last_port : port; }
  // At what port its hosts are: 0 where it is the packet's own, or moved with it.
  [[nodiscard]] std::uint16_t host_port() const {
    if (target_port != 0 && !target_range) return target_port;
    return many_ports() ? 0 : port;
  }
  friend bool operator==(const Rule&, const Rule&) = default;
};

// The rule as pfctl prints it (OpenBSD 4.7 and later):
//   pass in quick on em0 inet proto tcp from any to 192.0.2.80 port = 80 flags S/SA keep state (tcp.established 600)
//   label "hcd:www" tag HCD rdr-to <www> port 8080 round-robin
// What pf has no word for stands at the end: `hash`, `keep-ttl`.
[[nodiscard]] std::string canonical(const Rule& rule);
[[nodiscard]] std::string keep_state_text(const Rule& rule);  // " keep state (max 100)", or nothing
[[nodiscard]] std::string source_text(const From& from);      // "any", "! <bad>", "{ 10.0.0.0/8, 192.0.2.1 }"
// Two pieces of it: "on em0 inet ... port = 80", and from the table on.
[[nodiscard]] std::string match_text(const Rule& rule);
[[nodiscard]] std::string pool_text(const Rule& rule);

// pf's limits, and that all of it can be: whatever passes is printed so that it reads back as the same rule.
[[nodiscard]] Status validate(const Rule& rule);

// "192.0.2.80:80", "192.0.2.80:1000:1999", "192.0.2.80" for any port: how an error names what a rule redirects.
[[nodiscard]] std::string destination_text(const Rule& rule);

}  // namespace hcd::fastpath
