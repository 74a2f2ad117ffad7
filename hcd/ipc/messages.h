// What the daemon's processes say to each other. Each message is a struct with its type and its fields; the comment
// names sender -> receiver. A message of an unknown type, from the wrong pipe, or of the wrong length is a protocol
// error: the receiver ends the channel, and the parent restarts whoever sent it.
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/clock.h"

namespace hcd::ipc {

enum class Type : std::uint32_t {
  PeerChannel = 1,  // parent -> any child: the other child's end of a new socketpair (one descriptor)
  Ready,            // any child -> parent: privileges dropped, configuration wanted
  Shutdown,         // parent -> any child: finish and exit 0

  ConfigBegin,    // parent -> hce, pfe: a new configuration, generation N, follows
  ConfigTable,    // parent -> hce, pfe: a conf::Table; one of more hosts than a frame holds comes in several, in order
  ConfigService,  // parent -> pfe: a conf::Service
  ConfigEnd,      // parent -> hce, pfe: take it into use
  ConfigApplied,  // pfe -> parent: in the engine, or why not

  EngineMaps,  // parent -> pfe: descriptors of the kernel's maps (their order is fastpath/bpf's) and the lock; or a way to pfctl
  ControlSockets,  // parent -> pfe: listening sockets, read-write then read-only

  HostStatus,  // hce -> pfe: the result of a check
  HostSwitch,  // pfe -> hce: an operator disabled or enabled a host or its table
  HostSync,    // pfe -> hce: a restarted hce gets its last states back

  CheckResults,  // hce -> pfe: results that changed nothing, many in one
  CheckNow,      // pfe -> hce: an operator asked for checks at once

  ReloadRequest,  // pfe -> parent: an operator asked
  ReloadResult,   // parent -> pfe
  StopRequest,    // pfe -> parent: an operator asked

  Park,    // pfe -> parent: keep this for me; parent -> a restarted pfe, before its configuration: what was kept
  Accuse,  // pfe -> parent: hce lied to me, end it; pfctl -> parent: pfe did

  PassiveResult,  // a relay -> hce: how a session with a host went

  ConfigAuthorities,  // parent -> hce: certificates that checks verify by, before the tables

  ScriptRun,     // hce -> parent: run the script that the configuration has for this host
  ScriptStop,    // hce -> parent: nobody waits for it any more; its result comes all the same
  ScriptResult,  // parent -> hce: how it ended, once for each run

  NamesBegin,  // parent -> names: whom to ask, and how; all that was asked before is to be forgotten
  NamesAsk,    // parent -> names: names to look up from now on, in as many messages as they need
  NameAnswer,  // names -> parent: what became of a name, each time it was looked up
  NameState,   // parent -> pfe: the same for operators, when it has changed

  HostCertificate,  // hce -> pfe: a host has shown another certificate than before

  Standing,        // parent -> pfe: how the configuration in force came to be, whenever that changes
  ConfirmRequest,  // pfe -> parent: an operator keeps a reload that waits for that, or takes it back; ReloadResult answers
  MetricsSocket,  // parent -> metrics: a TCP socket that listens, in place of a former one
  LogRequest,     // pfe -> parent: an operator wants more or less in the log; parent -> any child: the same

  PfctlBegin,  // parent -> pfctl: what it may run for pfe, whose end of a socketpair comes along (one descriptor)
  PfctlText,   // pfe -> pfctl: a part of the next run's input; pfctl -> pfe: of a run's output, before its end
  PfctlRun,    // pfe -> pfctl: run it so
  PfctlEnd,    // pfctl -> pfe: how the run ended whose id this has
};

struct Ready {
  static constexpr auto kType = Type::Ready;
  std::uint32_t pid = 0;
  void fields(auto& f) { f(pid); }
};

struct Shutdown {
  static constexpr auto kType = Type::Shutdown;
  bool unload = false;  // pfe: take the rules out of the kernel first
  void fields(auto& f) { f(unload); }
};

struct PeerChannel {
  static constexpr auto kType = Type::PeerChannel;
  std::uint8_t role = 0;  // proc::Role of the process at the other end
  void fields(auto& f) { f(role); }
};

enum class HostState : std::uint8_t { Unknown, Up, Down };
constexpr HostState last_of(HostState) {
  return HostState::Down;
}

[[nodiscard]] std::string_view state_text(HostState state);  // "up", "down", "unknown"

// Why a check ended as it did; the words of the log lines (CONFIG.md) are reason_text()'s.
enum class Reason : std::uint8_t {
  None,
  IcmpOk,
  IcmpReadTimeout,
  IcmpWriteTimeout,
  TcpConnectOk,
  TcpConnectFailed,
  TcpConnectTimeout,
  TcpWriteTimeout,
  TcpWriteFailed,
  TcpReadTimeout,
  TcpReadFailed,
  TlsConnectOk,
  TlsConnectFailed,
  TlsConnectTimeout,
  TlsConnectError,
  TlsReadTimeout,
  TlsReadError,
  TlsWriteTimeout,
  TlsWriteError,
  HttpCodeOk,
  HttpCodeMalformed,
  HttpCodeMismatch,
  HttpDigestOk,
  HttpDigestMalformed,
  HttpDigestMismatch,
  HttpHeaderMismatch,
  HttpBodyMismatch,
  SendExpectOk,
  SendExpectFailed,
  ScriptOk,
  ScriptFailed,
  DnsOk,
  DnsTimeout,
  DnsFailed,
  DnsMalformed,
  DnsMismatch,
  GrpcOk,
  GrpcFailed,
  GrpcMalformed,
  RedisOk,
  RedisFailed,
  RedisMalformed,
  MysqlOk,
  MysqlFailed,
  MysqlMalformed,
  PostgresOk,
  PostgresFailed,
  PostgresMalformed,
  SmtpOk,
  SmtpFailed,
  SmtpMalformed,
  LdapOk,
  LdapFailed,
  LdapMalformed,
  IntervalTimeout,
  Aborted,
  Flapping,     // ours: its state changes too often, so it is held down
  NoResources,  // ours: it could not be run; the host is unknown, never down
};
constexpr Reason last_of(Reason) {
  return Reason::NoResources;
}
[[nodiscard]] std::string_view reason_text(Reason reason);
[[nodiscard]] bool succeeded(Reason reason);  // it is one that a check has passed for

// What a host's state rests on beside its last result. hce tells it; pfe keeps it and gives it back to a restarted hce,
// and takes from it how far a slow start has come. Times are of CLOCK_MONOTONIC.
struct HostMemory {
  static constexpr std::size_t kChangesMax = 101;
  HostState settled = HostState::Unknown;  // what its checks say, were it not held or struck
  bool held = false;                       // down for flapping
  bool struck = false;                     // down by failures told from outside, until a check passes
  std::uint16_t run = 0;                   // results in a row that speak against `settled`
  std::uint16_t used = 0;                  // retries, since the last success
  Duration since{0};                       // when its state last changed
  std::vector<Duration> changes;  // when `settled` or `struck` did: as many as flapping needs, the oldest first
  void fields(auto& f) { f(settled, held, struck, run, used, since, changes); }
  friend bool operator==(const HostMemory&, const HostMemory&) = default;
};

struct HostStatus {
  static constexpr auto kType = Type::HostStatus;
  std::uint32_t host = 0, generation = 0;
  HostState state = HostState::Unknown;
  Reason reason = Reason::None;
  std::string detail;  // for people: "ECONNREFUSED", "503"; printable, at most 128 bytes
  Duration latency{0};
  std::uint64_t up = 0, total = 0;  // checks since the host was last enabled; a tolerated failure counts as up
  std::uint32_t retries = 0;        // tolerated failures, in all
  std::uint16_t code = 0;           // the status that an HTTP server gave; 0: none
  bool asked = false;               // the result of a check that CheckNow asked for
  HostMemory memory;
  void fields(auto& f) { f(host, generation, state, reason, detail, latency, up, total, retries, code, asked, memory); }
};

// A latency as CheckResult has it.
[[nodiscard]] inline std::uint32_t microseconds(Duration latency) {
  const auto count = std::chrono::duration_cast<std::chrono::microseconds>(latency).count();
  return static_cast<std::uint32_t>(std::clamp<decltype(count)>(count, 0, std::numeric_limits<std::uint32_t>::max()));
}

// One more result like the last HostStatus of this host, but for these numbers.
struct CheckResult {
  std::uint32_t host = 0;
  std::uint32_t latency_us = 0;
  std::uint64_t up = 0, total = 0;
  void fields(auto& f) { f(host, latency_us, up, total); }
};

struct CheckResults {
  static constexpr auto kType = Type::CheckResults;
  std::uint32_t generation = 0;
  std::vector<CheckResult> results;
  void fields(auto& f) { f(generation, results); }
};

struct HostCertificate {
  static constexpr auto kType = Type::HostCertificate;
  std::uint32_t host = 0;
  std::uint32_t expires = 0;  // in minutes since 1970
  void fields(auto& f) { f(host, expires); }
};

// A relay's word on a host that it spoke to for a client.
struct PassiveResult {
  static constexpr auto kType = Type::PassiveResult;
  std::uint32_t host = 0;
  bool ok = false;
  Reason reason = Reason::None;
  Duration latency{0};
  void fields(auto& f) { f(host, ok, reason, latency); }
};

// hce names a host, and the parent takes the script, its arguments and its time from the configuration in force: hce,
// which reads what strangers send, cannot say what is run.
struct ScriptRun {
  static constexpr auto kType = Type::ScriptRun;
  std::uint32_t run = 0;  // a number of hce's that no other run of its has while this one goes on
  std::uint32_t host = 0;
  void fields(auto& f) { f(run, host); }
};

struct ScriptStop {
  static constexpr auto kType = Type::ScriptStop;
  std::uint32_t run = 0;
  void fields(auto& f) { f(run); }
};

enum class ScriptEnd : std::uint8_t {
  Exited,    // value: its exit status
  Killed,    // value: the signal
  TimedOut,  // it was killed for that
  NotRun,    // and why
};
constexpr ScriptEnd last_of(ScriptEnd) {
  return ScriptEnd::NotRun;
}

struct ScriptResult {
  static constexpr auto kType = Type::ScriptResult;
  std::uint32_t run = 0;
  ScriptEnd end = ScriptEnd::NotRun;
  std::uint8_t value = 0;
  std::string why;
  void fields(auto& f) { f(run, end, value, why); }
};

struct HostSwitch {
  static constexpr auto kType = Type::HostSwitch;
  std::uint32_t host = 0;
  bool enabled = true;
  void fields(auto& f) { f(host, enabled); }
};

// Each is checked as soon as may be, beside its turns: one HostStatus that is `asked` follows for each that hce knows and
// that is enabled.
struct CheckNow {
  static constexpr auto kType = Type::CheckNow;
  static constexpr std::size_t kHostsMax = 8192;  // in one frame
  std::vector<std::uint32_t> hosts;
  void fields(auto& f) { f(hosts); }
};

struct HostSync {
  static constexpr auto kType = Type::HostSync;
  std::uint32_t host = 0;
  HostState state = HostState::Unknown;
  bool enabled = true;
  std::uint64_t up = 0, total = 0;
  std::uint32_t retries = 0;
  HostMemory memory;
  void fields(auto& f) { f(host, state, enabled, up, total, retries, memory); }
};

struct ConfigBegin {
  static constexpr auto kType = Type::ConfigBegin;
  std::uint32_t generation = 0;
  std::uint8_t log_checks = 0;  // conf::LogChecks
  std::string anchor;           // "hcd", "hoststated", "relayd"
  std::uint32_t script_limit = 0;
  void fields(auto& f) { f(generation, log_checks, anchor, script_limit); }
};

struct ConfigAuthorities {  // one whose text is longer than a frame comes in several, in order
  static constexpr auto kType = Type::ConfigAuthorities;
  std::string path, pem;
  void fields(auto& f) { f(path, pem); }
};

struct ConfigEnd {
  static constexpr auto kType = Type::ConfigEnd;
  std::uint32_t generation = 0;
  void fields(auto& f) { f(generation); }
};

struct ConfigApplied {
  static constexpr auto kType = Type::ConfigApplied;
  std::uint32_t generation = 0;
  std::string error;  // empty: in force
  void fields(auto& f) { f(generation, error); }
};

struct ReloadRequest {  // the frame's id names the operator's request and comes back in the result
  static constexpr auto kType = Type::ReloadRequest;
  std::string path;                    // empty: the file the daemon was started with
  std::string by;                      // whoever asked
  std::uint32_t confirm_within_s = 0;  // taken back after so long, unless it is confirmed; 0: it stays
  void fields(auto& f) { f(path, by, confirm_within_s); }
};

struct ReloadResult {
  static constexpr auto kType = Type::ReloadResult;
  bool ok = false;
  std::string text;  // what changed, or every error of the file
  void fields(auto& f) { f(ok, text); }
};

struct Standing {
  static constexpr auto kType = Type::Standing;
  std::int64_t started_ms = 0;        // wall clock: the daemon
  std::int64_t since_ms = 0;          // the configuration
  std::int64_t confirm_until_ms = 0;  // a reload waits until then to be confirmed; 0: none does
  bool refused = false;               // the last reload that was asked for: it stands in spite of that
  std::string by;                     // "start", "reload by root (uid 0, pid 4411, hcctl 0.1.0)"
  void fields(auto& f) { f(started_ms, since_ms, confirm_until_ms, refused, by); }
};

struct ConfirmRequest {
  static constexpr auto kType = Type::ConfirmRequest;
  bool keep = true;
  std::string by;
  void fields(auto& f) { f(keep, by); }
};

struct LogRequest {
  static constexpr auto kType = Type::LogRequest;
  bool verbose = false;
  void fields(auto& f) { f(verbose); }
};

struct StopRequest {
  static constexpr auto kType = Type::StopRequest;
  std::uint32_t uid = 0;
  bool unload = false;  // take the rules out of the kernel too
  void fields(auto& f) { f(uid, unload); }
};

// State that must outlive the sender (operators' overrides). The parent keeps the latest value of each key without
// looking into it, and forgets a key whose value is empty.
struct Accuse {
  static constexpr auto kType = Type::Accuse;
  std::string why;
  void fields(auto& f) { f(why); }
};

struct Park {
  static constexpr auto kType = Type::Park;
  std::string key, value;
  void fields(auto& f) { f(key, value); }
};

}  // namespace hcd::ipc
