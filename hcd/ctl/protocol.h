// What a tool and the daemon say on a control socket: frames of hcd/ipc/frame.h without descriptors.
//
// A client begins with Hello; the daemon answers Welcome with the version both will speak, or Answer{Version} and
// closes. Hello, Welcome and Answer keep their layout in every version. Then each request carries a number of the
// client's choice in the frame's id, and what belongs to it comes back under that number:
//
//   Show      -> Begin, Rows, Numbers, Evidence, Durations, Event ..., End   the state at one generation; of the latter what was asked
//   Subscribe -> the same, and from then on, as things change:
//                  Rows, Gone, Event                 at once
//                  Vitals, Numbers                   at the subscriber's pace, if asked for
//                  Beats                             checks as they are made, gathered at that pace, if asked for
//                A reader that falls behind gets a new Begin ... End in place of what it missed, and forgets what it had.
//                Another Subscribe takes the place of the first, under its own number or the same.
//   Checks    -> Evidence ..., Answer                what is remembered of checks
//   CheckNow  -> Checking, Checked ..., Answer       each as its check ends; one at a time
//   Change    -> Outcome ..., Answer                 Outcomes only where it is done, or would be; the first has the consequence
//   Reload, Confirm, Log, Stop -> Answer             of a reload: what changes, or every error, a line each
//
// A frame is at most 64 KiB. A message that the daemon does not understand is answered by Answer{Usage}, and the connection
// is closed.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hcd/ctl/change.h"
#include "hcd/ctl/model.h"
#include "hcd/ctl/numbers.h"
#include "hcd/ctl/type.h"
#include "hcd/ipc/frame.h"

namespace hcd::ctl {

inline constexpr std::uint32_t kVersion = 9;
inline constexpr std::size_t kRequestMax = ipc::kFrameMax;
inline constexpr std::size_t kReplyMax = ipc::kFrameMax;

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

// How much a reader wants.
struct Scope {
  static constexpr std::uint8_t kChecksMax = 32;
  static constexpr std::uint16_t kEventsMax = 1000;
  bool rows = true;
  bool numbers = false;
  std::uint8_t checks = 0;   // the last ones of each host, as Evidence without names, tables and changes
  std::uint16_t events = 0;  // the last ones
  bool durations = false;    // of checks, by table
  void fields(auto& f) { f(rows, numbers, checks, events, durations); }
};

struct Show {
  static constexpr auto kType = Type::Show;
  Scope scope;
  void fields(auto& f) { f(scope); }
};

struct Subscribe {
  static constexpr auto kType = Type::Subscribe;
  static constexpr std::uint32_t kLeastMs = 250, kMostMs = 60'000;
  Scope scope;  // numbers: again and again. The rest: at the beginning, and whenever it begins anew
  bool beats = false;
  std::uint32_t interval_ms = 1000;  // of Vitals, Numbers and Beats, brought between the limits
  void fields(auto& f) { f(scope, beats, interval_ms); }
};

struct Reload {  // of the file that the daemon was started with: another might not be the client's to read
  static constexpr auto kType = Type::Reload;
  std::uint32_t confirm_within_s = 0;  // it is taken back after so long unless it is confirmed; 0: it stays
  void fields(auto& f) { f(confirm_within_s); }
};

struct Confirm {  // of a reload that waits for it
  static constexpr auto kType = Type::Confirm;
  bool keep = true;  // else it is taken back now
  void fields(auto& f) { f(keep); }
};

struct Log {  // how much the daemon's processes log, until they end
  static constexpr auto kType = Type::Log;
  bool verbose = false;
  void fields(auto& f) { f(verbose); }
};

struct Stop {
  static constexpr auto kType = Type::Stop;
  bool unload = false;  // take the rules, states and programs out of the kernel too
  void fields(auto& f) { f(unload); }
};

// What is meant: a table's name, its hosts with it; a host as in Target, though there may be several; a pattern of names
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
  std::string subject;       // "webhosts/10.1.1.100"
  std::string text;          // "up -> down, tcp connect failed (ECONNREFUSED)"
  std::uint64_t number = 0;  // grows, also across a restart
  void fields(auto& f) { f(wall_ms, kind, subject, text, number); }
};

struct Evidence {
  static constexpr auto kType = Type::Evidence;
  std::vector<TableLatency> tables;
  std::vector<HostChecks> hosts;
  void fields(auto& f) { f(tables, hosts); }
};

struct Durations {
  static constexpr auto kType = Type::Durations;
  std::vector<TableDurations> tables;
  void fields(auto& f) { f(tables); }
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

struct Numbers {
  static constexpr auto kType = Type::Numbers;
  std::int64_t wall_ms = 0;  // of the look at the counters
  std::vector<ServiceNumbers> services;
  std::vector<TableNumbers> tables;
  std::vector<HostNumbers> hosts;
  void fields(auto& f) { f(wall_ms, services, tables, hosts); }
};

struct Beats {
  static constexpr auto kType = Type::Beats;
  std::int64_t wall_ms = 0;  // of the first
  std::vector<Beat> beats;   // in the order of time
  void fields(auto& f) { f(wall_ms, beats); }
};

struct Outcome {
  static constexpr auto kType = Type::Outcome;
  std::uint64_t generation = 0;  // after the change; of a dry run: now
  bool dry_run = false;
  Consequence consequence;  // in the first alone
  std::vector<Changed> objects;
  void fields(auto& f) { f(generation, dry_run, consequence, objects); }
};

// A further part to those before it.
void add(std::optional<Outcome>& whole, Outcome part);

struct Snapshot {
  Header header;
  std::vector<ServiceRow> services;
  std::vector<TableRow> tables;
  std::vector<HostRow> hosts;
  Numbers numbers;
  std::vector<HostChecks> checks;
  std::vector<TableDurations> durations;
  std::vector<Event> events;  // the oldest first
};

// Cut into as many messages as fit into frames.
[[nodiscard]] std::vector<Rows> in_frames(Rows rows);
[[nodiscard]] std::vector<Evidence> in_frames(Evidence evidence);
[[nodiscard]] std::vector<Durations> in_frames(Durations durations);
[[nodiscard]] std::vector<Numbers> in_frames(Numbers numbers);
[[nodiscard]] std::vector<Beats> in_frames(Beats beats);
[[nodiscard]] std::vector<Outcome> in_frames(Outcome outcome);

}  // namespace hcd::ctl
