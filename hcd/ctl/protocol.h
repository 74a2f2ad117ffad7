// What a tool and the daemon say on a control socket: frames of hcd/ipc/frame.h without descriptors.
//
// A client begins with Hello; the daemon answers Welcome with the version both will speak, or Answer{Version} and
// closes. Hello, Welcome and Answer keep their layout in every version. Then each request carries a number of the
// client's choice in the frame's id, and what belongs to it comes back under that number:
//
//   Show       -> Begin, Rows ..., End            the state at one generation
//   Subscribe  -> Begin, Rows ..., End, and from then on Rows, Gone and Event as things change. A reader that falls
//                 behind gets a new Begin ... End in place of what it missed, and forgets what it had.
//   Checks     -> Evidence ..., Answer            what is remembered of checks
//   CheckNow   -> Checking, Checked ..., Answer   each as its check ends; one at a time
//   Change, Reload, Stop -> Answer
//
// The daemon takes frames of up to 4 KiB and sends frames of up to 64 KiB. A message that it does not understand is
// answered by Answer{Usage}, and the connection is closed.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hcd/ctl/model.h"
#include "hcd/ipc/frame.h"

namespace hcd::ctl {

inline constexpr std::uint32_t kVersion = 7;
inline constexpr std::size_t kRequestMax = 4096;
inline constexpr std::size_t kReplyMax = ipc::kFrameMax;

enum class Type : std::uint32_t {
  Hello = 1,
  Show,
  Subscribe,
  Change,
  Reload,
  Stop,
  Checks,
  CheckNow,

  Welcome = 64,
  Answer,
  Begin,
  Rows,
  Gone,
  End,
  Event,
  Evidence,
  Checking,
  Checked,
};

// Why a request was refused. hcctl's exit status is made of it.
enum class Verdict : std::uint8_t {
  Done,
  Refused,     // and the text says why
  Usage,       // not understood
  Version,     // no version in common
  Permission,  // a change on the read-only socket
  NotFound,
  Ambiguous,  // the text names the candidates
  TimedOut,
  Conflict,  // changed since the generation that the client saw
  Limit,     // too many clients, or too much asked before it was read
};
constexpr Verdict last_of(Verdict) {
  return Verdict::Limit;
}

struct Hello {
  static constexpr auto kType = Type::Hello;
  std::uint32_t lowest = kVersion, highest = kVersion;  // versions that the client speaks
  std::string client;                                   // "hcctl 0.1.0"
  void fields(auto& f) { f(lowest, highest, client); }
};

struct Welcome {
  static constexpr auto kType = Type::Welcome;
  std::uint32_t version = kVersion;
  std::string daemon;  // "hcd 0.1.0"
  bool read_only = false;
  void fields(auto& f) { f(version, daemon, read_only); }
};

struct Answer {
  static constexpr auto kType = Type::Answer;
  Verdict verdict = Verdict::Done;
  std::string text;
  void fields(auto& f) { f(verdict, text); }
};

struct Show {
  static constexpr auto kType = Type::Show;
  void fields(auto&) {}
};

struct Subscribe {
  static constexpr auto kType = Type::Subscribe;
  void fields(auto&) {}
};

enum class Action : std::uint8_t { Enable, Disable, Drain, Undrain };  // the latter two are of hosts
constexpr Action last_of(Action) {
  return Action::Undrain;
}
[[nodiscard]] std::string_view action_text(Action action);  // "enable"

struct Change {
  static constexpr auto kType = Type::Change;
  Kind kind = Kind::Host;
  Action action = Action::Enable;
  std::string target;                       // a name, an id, "table/host" or an address
  std::string reason;                       // the operator's own words, or empty
  std::optional<std::uint64_t> generation;  // refused when the target has changed since
  void fields(auto& f) { f(kind, action, target, reason, generation); }
};

struct Reload {  // of the file that the daemon was started with: another might not be the client's to read
  static constexpr auto kType = Type::Reload;
  void fields(auto&) {}
};

struct Stop {
  static constexpr auto kType = Type::Stop;
  bool unload = false;  // take the rules, states and programs out of the kernel too
  void fields(auto& f) { f(unload); }
};

// What is meant: a table's name, its hosts with it; a host as in Change, though there may be several; a pattern of names
// of tables, of hosts, or of both as "table/host"; a host's id.
struct Checks {
  static constexpr auto kType = Type::Checks;
  static constexpr std::size_t kHostsMax = 8192;  // in one answer
  std::string target;
  void fields(auto& f) { f(target); }
};

struct CheckNow {  // the same
  static constexpr auto kType = Type::CheckNow;
  std::string target;
  void fields(auto& f) { f(target); }
};

struct Begin {
  static constexpr auto kType = Type::Begin;
  Header header;
  void fields(auto& f) { f(header); }
};

struct Rows {
  static constexpr auto kType = Type::Rows;
  std::uint64_t generation = 0;
  std::vector<ServiceRow> services;
  std::vector<TableRow> tables;
  std::vector<HostRow> hosts;
  void fields(auto& f) { f(generation, services, tables, hosts); }
  [[nodiscard]] bool empty() const { return services.empty() && tables.empty() && hosts.empty(); }
};

struct End {
  static constexpr auto kType = Type::End;
  std::uint64_t generation = 0;
  void fields(auto& f) { f(generation); }
};

struct Gone {  // a configuration without it is in force
  static constexpr auto kType = Type::Gone;
  Kind kind = Kind::Host;
  Id id = 0;
  void fields(auto& f) { f(kind, id); }
};

enum class EventKind : std::uint8_t { Host, Service, Admin, Config, Engine };
constexpr EventKind last_of(EventKind) {
  return EventKind::Engine;
}
[[nodiscard]] std::string_view event_text(EventKind kind);  // "host"

struct Event {
  static constexpr auto kType = Type::Event;
  std::int64_t wall_ms = 0;
  EventKind kind = EventKind::Host;
  std::string subject;  // "webhosts/10.1.1.100"
  std::string text;     // "up -> down, tcp connect failed (ECONNREFUSED)"
  void fields(auto& f) { f(wall_ms, kind, subject, text); }
};

struct Evidence {
  static constexpr auto kType = Type::Evidence;
  std::vector<TableLatency> tables;
  std::vector<HostChecks> hosts;
  void fields(auto& f) { f(tables, hosts); }
};

struct Checking {
  static constexpr auto kType = Type::Checking;
  std::uint32_t hosts = 0;
  std::uint32_t limit_ms = 0;  // what has no result by then gets none
  void fields(auto& f) { f(hosts, limit_ms); }
};

struct Checked {  // the host after the check; one that is disabled was not checked
  static constexpr auto kType = Type::Checked;
  std::string name;  // "webhosts:80/10.1.1.100"
  HostRow row;
  void fields(auto& f) { f(name, row); }
};

// Cut into as many messages as fit into frames.
[[nodiscard]] std::vector<Rows> in_frames(Rows rows);
[[nodiscard]] std::vector<Evidence> in_frames(Evidence evidence);

}  // namespace hcd::ctl
