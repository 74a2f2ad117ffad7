// What an operator asks to be changed, and what would or did come of it: the sentence that hcctl and hctop print before
// and after, and the request that undoes it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hcd/ctl/model.h"
#include "hcd/ctl/type.h"

namespace hcd::ctl {

struct Outcome;

enum class Action : std::uint8_t { Enable, Disable, Drain, Undrain, Weight, ResetWeight };  // from Drain on, of hosts
constexpr Action last_of(Action) {
  return Action::ResetWeight;
}
[[nodiscard]] std::string_view action_text(Action action);  // "enable", "reset weight"

struct Target {
  std::string text;                         // a name, an id, "table/host", an address, or a pattern of names
  std::optional<std::uint64_t> generation;  // refused when it has been changed since; none: the request's own holds
  void fields(auto& f) { f(text, generation); }
};

// What each target does to its objects, before and after.
struct Changed {
  Kind kind = Kind::Host;
  Id id = 0;
  std::string name;      // "webhosts:80/10.1.1.100"
  bool already = false;  // it was so: nothing was changed
  Override before, after;
  void fields(auto& f) { f(kind, id, name, already, before, after); }
};

struct TableEffect {
  Id id = 0;
  std::string name;
  std::uint32_t changed = 0, hosts = 0;               // hosts that change, and all
  std::uint32_t up_before = 0, up_after = 0;          // that take new sessions
  std::uint32_t minimum = 0;                          // as the row has it
  std::uint32_t weight_before = 0, weight_after = 0;  // of those that take new sessions, together
  std::uint64_t sessions = 0, sessions_hit = 0;       // there now, and those of hosts that take no more
  std::vector<std::string> left;                      // hosts that take new sessions afterwards, where they are few
  void fields(auto& f) {
    f(id, name, changed, hosts, up_before, up_after, minimum, weight_before, weight_after, sessions, sessions_hit,
      left);
  }
  [[nodiscard]] bool empties() const { return up_before > 0 && up_after == 0; }
  [[nodiscard]] bool short_of_minimum() const { return up_after < minimum && up_after < up_before; }
};

struct ServiceEffect {  // one whose word or table changes, as far as can be told
  Id id = 0;
  std::string name;
  ServiceWord before = ServiceWord::Down, after = ServiceWord::Down;
  std::string table;           // that it uses afterwards; empty: none
  std::uint64_t sessions = 0;  // there now
  void fields(auto& f) { f(id, name, before, after, table, sessions); }
  [[nodiscard]] bool loses() const { return before >= ServiceWord::Backup && after < ServiceWord::Backup; }
};

struct Consequence {
  static constexpr std::size_t kTablesMax = 64, kServicesMax = 64, kLeftMax = 4;
  Kind kind = Kind::Host;
  Action action = Action::Enable;
  std::uint16_t weight = 0;                // Action::Weight
  bool cut = false;                        // sessions of what is disabled end at once
  std::uint32_t changed = 0, already = 0;  // objects
  std::string objects;                     // "host 10.0.0.13 of web:80", "3 hosts of web:80", "3 hosts"
  std::vector<TableEffect> tables;         // where hosts come or go, or weights change; the first ones
  std::vector<ServiceEffect> services;     // that change; the first ones
  std::uint32_t tables_more = 0, services_more = 0;
  void fields(auto& f) {
    f(kind, action, weight, cut, changed, already, objects, tables, services, tables_more, services_more);
  }
};

// "disable 2 hosts of web:80", "drain host 10.0.0.13 of web:80", "set the weight of 3 hosts to 5".
[[nodiscard]] std::string intent_text(const Consequence& consequence);
// A line each: "web:80: 1/4 up afterwards (10.0.0.11), 1.9k of 3.1k sessions affected, weight 2 -> 1 (-50%), below its
// minimum of 2", "service www: active -> down". Empty: nothing that packets notice.
[[nodiscard]] std::vector<std::string> effect_lines(const Consequence& consequence);
// The name that an operator types to go on with what empties a table, goes below a minimum or takes a service down; empty: a
// plain yes suffices.
[[nodiscard]] std::string name_to_type(const Consequence& consequence);

// What is done: "host 10.0.0.13 of web:80 disabled", "3 hosts of web:80: weight 5"; or that it was so already.
[[nodiscard]] std::string outcome_text(const Outcome& outcome);
[[nodiscard]] std::string done_text(Action action, std::uint16_t weight);  // "disabled", "weight 5"

// A count as people read it: "999", "3.1k", "88k", "1.2M".
[[nodiscard]] std::string count_text(std::uint64_t count);

struct Change {
  static constexpr auto kType = Type::Change;
  static constexpr std::size_t kTargetsMax = 4096, kReasonMax = 256;  // targets; bytes
  Kind kind = Kind::Host;
  Action action = Action::Enable;
  std::vector<Target> targets;              // all or nothing
  std::uint16_t weight = 0;                 // Action::Weight
  std::uint32_t for_s = 0;                  // the change ends by itself after so long; 0: never
  std::string reason;                       // the operator's own words, or empty
  std::optional<std::uint64_t> generation;  // of the state that the operator saw: refused when a target changed since
  bool cut = false;                         // Disable: sessions end at once; else they live on
  bool dry_run = false;                     // only tell what would come of it
  void fields(auto& f) { f(kind, action, targets, weight, for_s, reason, generation, cut, dry_run); }
};

// The requests that bring back what was before, each refused when another has changed a target since `generation`, which is
// the outcome's. Wishes come back without the end that they had.
[[nodiscard]] std::vector<Change> undo(const std::vector<Changed>& done, std::uint64_t generation);

}  // namespace hcd::ctl
