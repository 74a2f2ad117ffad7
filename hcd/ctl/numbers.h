// What moves with every packet and every check: too much to be told at once, so it is told at a subscriber's own pace. As
// with rows, one that comes later replaces what was there; what has not changed does not come.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "hcd/ctl/model.h"
#include "hcd/ctl/type.h"

namespace hcd::ctl {

// Counters since the kernel's began, and what they grew by lately: over the time between the last two looks at them. Rates
// are zero where nobody has asked for numbers again and again.
struct Traffic {
  std::uint64_t sessions = 0;                     // made
  std::uint32_t states = 0;                       // there now
  std::uint64_t packets_in = 0, packets_out = 0;  // in: from clients
  std::uint64_t bytes_in = 0, bytes_out = 0;      // of IP packets
  std::uint32_t sessions_per_s = 0;
  std::uint64_t packets_per_s = 0, bytes_per_s = 0;  // both ways together
  void fields(auto& f) {
    f(sessions, states, packets_in, packets_out, bytes_in, bytes_out, sessions_per_s, packets_per_s, bytes_per_s);
  }
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

struct ServiceNumbers {
  Id id = 0;
  Traffic traffic;
  void fields(auto& f) { f(id, traffic); }
  friend bool operator==(const ServiceNumbers&, const ServiceNumbers&) = default;
};

struct TableNumbers {
  Id id = 0;
  Traffic traffic;                       // of its hosts, whichever service uses it
  std::uint32_t p50_us = 0, p99_us = 0;  // of checks that passed in the last five to ten minutes; 0: none did
  void fields(auto& f) { f(id, traffic, p50_us, p99_us); }
  friend bool operator==(const TableNumbers&, const TableNumbers&) = default;
};

// The share of checks passed, in hundredths of a percent, a part of the time without checks left out.
struct Availability {
  static constexpr std::uint16_t kNone = 0xffff;  // there was no check
  std::uint16_t hour = kNone;                     // the last one, to ten minutes
  std::uint16_t day = kNone;                      // the same, to two hours
  void fields(auto& f) { f(hour, day); }
  friend bool operator==(const Availability&, const Availability&) = default;
};

struct HostNumbers {
  Id id = 0;
  Traffic traffic;
  std::uint64_t up = 0, total = 0;  // as in its row, which has them as they were when it was sent
  std::uint32_t latency_us = 0;     // the same
  Availability availability;
  void fields(auto& f) { f(id, traffic, up, total, latency_us, availability); }
  friend bool operator==(const HostNumbers&, const HostNumbers&) = default;
};

// One check as it passes by, for who draws them.
struct Beat {
  Id host = 0;
  std::uint16_t after_ms = 0;  // the time of the message
  std::uint32_t latency_us = 0;
  std::uint16_t code = 0;
  ipc::Reason reason = ipc::Reason::None;
  ipc::HostState state = ipc::HostState::Unknown;  // of the host, after it
  void fields(auto& f) { f(host, after_ms, latency_us, code, reason, state); }
};

// How the daemon itself is.
struct Vitals {
  static constexpr auto kType = Type::Vitals;
  std::int64_t wall_ms = 0;                    // now, by the daemon's clock
  std::uint64_t generation = 0;                // of the state: grows with every change of a row, also across a restart
  std::uint32_t config_generation = 0;         // of the configuration in force
  std::int64_t config_since_ms = 0;            // it has been in force since
  std::string config_by;                       // "start", "reload by root (uid 0, pid 4411, hcctl 0.1.0)", "names"
  bool reload_refused = false;                 // the last one that was asked for changed nothing
  std::int64_t confirm_until_ms = 0;           // a reload rolls back then, unless it is confirmed; 0: none waits
  bool in_sync = true;                         // the engine has what it should
  std::string fault;                           // ... and why not
  bool checking = true;                        // the check engine is there
  std::uint64_t states = 0, states_limit = 0;  // 0: the engine does not say
  std::uint64_t checks = 0;                    // results since the process that counts them began
  std::uint32_t checks_per_s = 0;
  Traffic traffic;  // of all services
  void fields(auto& f) {
    f(wall_ms, generation, config_generation, config_since_ms, config_by, reload_refused, confirm_until_ms, in_sync,
      fault, checking, states, states_limit, checks, checks_per_s, traffic);
  }
};

struct Header {
  std::string version;  // "0.1.0"
  std::string hostname;
  std::uint32_t pid = 0;        // of the parent
  std::string anchor;           // "hcd"
  std::string engine;           // "bpf (tc)": how it is attached
  std::int64_t started_ms = 0;  // wall clock
  Vitals vitals;
  void fields(auto& f) { f(version, hostname, pid, anchor, engine, started_ms, vitals); }
};

}  // namespace hcd::ctl
