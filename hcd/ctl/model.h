// What an operator can see, as rows: one for each service, table and host. The packet filter engine fills them, the
// control protocol carries them, hcctl prints them and hctop draws them. A row is whole: a later row of the same kind
// and id replaces it. What moves with every packet or check is in numbers.h.
//
// Relays will be a fourth kind of row.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hcd/conf/config.h"
#include "hcd/ipc/messages.h"

namespace hcd::ctl {

using conf::Id;

enum class Kind : std::uint8_t { Service, Table, Host };
constexpr Kind last_of(Kind) {
  return Kind::Host;
}
[[nodiscard]] std::string_view kind_text(Kind kind);  // "service"

// Who wanted something, why, since when and until when.
struct Note {
  std::string by;             // "root (uid 0, pid 4411, hcctl 0.1.0)"
  std::string reason;         // the operator's own words, or empty
  std::int64_t since_ms = 0;  // wall clock
  std::int64_t until_ms = 0;  // wall clock; 0: for good
  void fields(auto& f) { f(by, reason, since_ms, until_ms); }
  friend bool operator==(const Note&, const Note&) = default;
};

template <class T>
struct Wish {
  T value{};
  T configured{};  // what the configuration said when it was wished: where that has changed, the wish is stale
  Note note;
  void fields(auto& f) { f(value, configured, note); }
  friend bool operator==(const Wish&, const Wish&) = default;
};

// What operators want otherwise than the configuration has it. Each wish has an end of its own.
struct Override {
  std::optional<Wish<bool>> enabled;
  std::optional<Wish<bool>> drained;          // a host: checked, but given no new sessions
  std::optional<Wish<std::uint16_t>> weight;  // of a host
  void fields(auto& f) { f(enabled, drained, weight); }
  friend bool operator==(const Override&, const Override&) = default;
  [[nodiscard]] bool empty() const { return !enabled && !drained && !weight; }
  [[nodiscard]] bool turned_off() const { return enabled && !enabled->value; }
  [[nodiscard]] const Note* latest() const;  // of the newest wish; null: there is none
};

enum class ServiceWord : std::uint8_t { Disabled, Down, Backup, Active };
constexpr ServiceWord last_of(ServiceWord) {
  return ServiceWord::Active;
}

// Sessions made since the kernel's counters began, in the past minute, hour and day, and their mean over each minute,
// hour and day watched.
struct Sessions {
  std::uint64_t total = 0;
  std::uint64_t last_minute = 0, last_hour = 0, last_day = 0;
  std::uint64_t mean_minute = 0, mean_hour = 0, mean_day = 0;
  void fields(auto& f) { f(total, last_minute, last_hour, last_day, mean_minute, mean_hour, mean_day); }
  friend bool operator==(const Sessions&, const Sessions&) = default;
};

struct ServiceRow {
  Id id = 0;
  std::uint64_t generation = 0;  // of the last change
  std::string name;
  ServiceWord word = ServiceWord::Down;  // what the engine has confirmed
  std::string error;                     // why the engine has not what it should; empty: it is in step
  std::vector<conf::Virtual> virtuals;
  Id table = 0;
  std::vector<Id> backups;
  std::optional<Id> in_use;  // the table that the engine has in force
  fastpath::Method mode = fastpath::Method::RoundRobin;
  Sessions sessions;
  std::optional<Override> override;
  void fields(auto& f) {
    f(id, generation, name, word, error, virtuals, table, backups, in_use, mode, sessions, override);
  }
};

enum class TableWord : std::uint8_t { Disabled, Empty, Active };
constexpr TableWord last_of(TableWord) {
  return TableWord::Active;
}

struct TableRow {
  Id id = 0;
  std::uint64_t generation = 0;
  std::string name;
  TableWord word = TableWord::Empty;
  std::uint32_t up = 0, hosts = 0;  // up: without those that are drained
  std::uint32_t minimum = 0;        // hosts up below which no service uses it; 0: it has none
  std::uint16_t port = 0;
  conf::CheckType check = conf::CheckType::None;
  bool tls = false;
  Milliseconds interval{0};
  Milliseconds timeout{0};
  std::optional<Override> override;
  void fields(auto& f) {
    f(id, generation, name, word, up, hosts, minimum, port, check, tls, interval, timeout, override);
  }
};

enum class HostWord : std::uint8_t { Disabled, Down, Unknown, Up };
constexpr HostWord last_of(HostWord) {
  return HostWord::Up;
}

struct HostRow {
  Id id = 0, table = 0;
  std::uint64_t generation = 0;
  std::string name;
  Address address;     // family None: its name has none
  std::string lookup;  // what there is to say of its name: "timeout, the last answer is kept"
  HostWord word = HostWord::Unknown;
  ipc::Reason reason = ipc::Reason::None;  // of the last check
  std::string detail;                      // "ECONNREFUSED", "503"
  Duration latency{0};
  std::uint64_t up = 0, total = 0;  // checks since it was last enabled
  std::uint32_t retries = 0;
  std::int64_t since_ms = 0;  // wall clock of the last change of word
  std::uint16_t weight = 1;   // an operator's, or the configuration's
  std::uint16_t configured_weight = 1;
  bool drained = false;           // an operator's wish: no new sessions
  std::uint16_t flaps = 0;        // changes counted, while it is held down for them
  std::uint32_t flapped = 0;      // times that it was held down so
  std::uint32_t certificate = 0;  // when the one ends that it showed last, in minutes since 1970; 0: it has shown none
  bool expiring = false;          // ... which is soon, or was
  std::optional<Override> override;
  void fields(auto& f) {
    f(id, table, generation, name, address, lookup, word, reason, detail, latency, up, total, retries, since_ms, weight,
      configured_weight, drained, flaps, flapped, certificate, expiring, override);
  }
};

// One check that was made of a host.
struct CheckPoint {
  std::int64_t wall_ms = 0;  // when its result was known
  std::uint32_t latency_us = 0;
  std::uint16_t code = 0;  // the status an HTTP server gave; 0: none
  ipc::Reason reason = ipc::Reason::None;
  ipc::HostState state = ipc::HostState::Unknown;  // of the host, after it
  void fields(auto& f) { f(wall_ms, latency_us, code, reason, state); }
};

struct StateChange {
  std::int64_t wall_ms = 0;
  ipc::HostState from = ipc::HostState::Unknown, to = ipc::HostState::Unknown;
  ipc::Reason reason = ipc::Reason::None;
  std::uint16_t code = 0;
  void fields(auto& f) { f(wall_ms, from, to, reason, code); }
};

struct HostChecks {  // what is remembered of one host's checks
  Id id = 0, table = 0;
  std::string name;                  // "webhosts:80/10.1.1.100"
  std::vector<CheckPoint> checks;    // the last ones, the oldest first
  std::vector<StateChange> changes;  // of state, the oldest first
  std::uint32_t certificate = 0;     // as HostRow has it
  void fields(auto& f) { f(id, table, name, checks, changes, certificate); }
};

struct LatencyBucket {
  std::uint32_t below_us = 0;
  std::uint64_t count = 0;
  void fields(auto& f) { f(below_us, count); }
};

struct TableLatency {  // of the checks that passed in the last five to ten minutes
  Id id = 0;
  std::string name;
  std::uint64_t count = 0;
  std::uint32_t p50_us = 0, p99_us = 0;
  std::vector<LatencyBucket> buckets;  // ascending; those that counted something
  void fields(auto& f) { f(id, name, count, p50_us, p99_us, buckets); }
};

// How long all checks took that passed since somebody counts: it only grows.
struct TableDurations {
  // The longest of each bucket; one more bucket is for what took longer.
  static constexpr std::array<std::uint32_t, 16> kMostUs = {
      100,    250,     500,     1'000,   2'500,     5'000,     10'000,    25'000,
      50'000, 100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000};
  using Counts = std::array<std::uint64_t, kMostUs.size() + 1>;
  Id id = 0;
  Counts counts{};  // in each
  std::uint64_t sum_us = 0;
  void fields(auto& f) { f(id, counts, sum_us); }
};

// The words that tools print.
[[nodiscard]] std::string status_text(const ServiceRow& row);     // "active (using backup table)"
[[nodiscard]] std::string status_text(const TableRow& row);       // "active (2 hosts up)"
[[nodiscard]] std::string status_text(const HostRow& row);        // "up (drained)"
[[nodiscard]] std::string_view word_text(HostWord word);          // "up"
[[nodiscard]] std::string availability_text(const HostRow& row);  // "99.98%"; empty when there was no check
[[nodiscard]] std::string address_text(const HostRow& row);       // of one by name; "none" when it has none
[[nodiscard]] std::string reason_text(const HostRow& row);        // "tcp connect failed (ECONNREFUSED)"
[[nodiscard]] std::string clock_text(std::int64_t wall_ms);       // "2026-11-30 14:02:31 UTC"
// "certificate expires 2027-01-31 (in 62 days)", "certificate expired 2026-01-31 (3 days ago)"; the date is UTC's.
[[nodiscard]] std::string certificate_text(std::uint32_t ends, std::int64_t now_ms);

}  // namespace hcd::ctl
