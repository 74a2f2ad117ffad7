// The part of the Director that turns things on and off for operators, and tells hce of it.
#include "fastpath/base/log.h"
#include "fastpath/base/text.h"
#include "hcd/conf/names.h"
#include "hcd/pfe/director.h"
#include "hcd/pfe/targets.h"

namespace hcd::pfe {
namespace {

using ctl::Verdict;

struct Object {  // what a service, table and host have in common
  bool& enabled;
  bool configured;  // enabled by the configuration
};

Object object_at(Roster& roster, ctl::Kind kind, Id id) {
  const auto of = [](auto& entry) { return Object{entry.enabled, !entry.conf.disabled}; };
  switch (kind) {
    case ctl::Kind::Service: return of(roster.services.at(id));
    case ctl::Kind::Table: return of(roster.tables.at(id));
    case ctl::Kind::Host: break;
  }
  return of(roster.hosts.at(id));
}

std::string object_text(const Roster& roster, ctl::Kind kind, Id id) {  // "host 10.1.1.100 of webhosts"
  if (kind != ctl::Kind::Host) return std::string(ctl::kind_text(kind)) + " " + roster.name(kind, id);
  const HostEntry& host = roster.hosts.at(id);
  return "host " + host.conf.name + " of " + roster.tables.at(host.table).conf.name;
}

// The change by an operator that whoever saw that generation has not seen; null: none.
const Switched* switched_since(const Roster& roster, ctl::Kind kind, Id id, std::optional<std::uint64_t> seen) {
  const auto last = roster.switched.find({kind, id});
  return seen && last != roster.switched.end() && last->second.generation > *seen ? &last->second : nullptr;
}

std::string state_text(bool enabled) {
  return enabled ? "enabled" : "disabled";
}

}  // namespace

ctl::Answer Director::change(const ctl::Change& change, const std::string& by) {
  if (!configured_) return {Verdict::Refused, "no configuration is in force yet"};
  if (change.kind == ctl::Kind::Host)
    if (const auto hosts = hosts_of_name(roster_, change.target); !hosts.empty()) return change_name(change, hosts, by);
  const auto id = find_target(roster_, change.kind, change.target);
  return id ? change_one(change, *id, by) : id.error();
}

ctl::Answer Director::change_one(const ctl::Change& change, Id id, const std::string& by) {
  const Object object = object_at(roster_, change.kind, id);
  const std::string what = object_text(roster_, change.kind, id);
  if (change.action == ctl::Action::Drain || change.action == ctl::Action::Undrain) {
    if (change.kind == ctl::Kind::Host) return drain(change, id, by);
    return {Verdict::Usage, "only a host can be drained"};
  }
  const bool enable = change.action == ctl::Action::Enable;
  if (const Switched* later = switched_since(roster_, change.kind, id, change.generation))
    return {Verdict::Conflict, what + " has been " + state_text(object.enabled) + " by " + later->by};
  if (object.enabled == enable) return {Verdict::Done, what + " is " + state_text(enable) + " already"};

  roster_.switched[{change.kind, id}] = {.generation = generation_ + 1, .by = by};
  switch_object(change.kind, id, enable);
  keep_override(change.kind, id, change, by);
  audit(what, state_text(enable), change, by);
  return answer_of(change.kind, id, what + " " + state_text(enable));
}

// All addresses of a name: first what is true of those that it has not yet.
ctl::Answer Director::change_name(const ctl::Change& change, const std::vector<Id>& hosts, const std::string& by) {
  const HostEntry& host = roster_.hosts.at(hosts.front());
  const std::string table = roster_.tables.at(host.table).conf.name, name = conf::written_name(host.conf);
  const std::string key = Overrides::name_key(table, host.conf);
  const auto* before = overrides_.find(key);
  ctl::Override wish = before != nullptr ? *before : ctl::Override{.enabled = !host.conf.disabled};
  switch (change.action) {
    case ctl::Action::Enable: wish.enabled = true; break;
    case ctl::Action::Disable: wish.enabled = false; break;
    case ctl::Action::Drain: wish.drained = true; break;
    case ctl::Action::Undrain: wish.drained = false; break;
  }
  wish.by = by;
  wish.reason = change.reason;
  wish.since_ms = wall_ms();
  if (wish.enabled == !host.conf.disabled && !wish.drained)
    overrides_.clear(key);
  else
    overrides_.set(key, wish);
  ctl::Answer answer;
  for (const Id id : hosts) {
    answer = change_one(change, id, by);
    if (answer.verdict != Verdict::Done) return answer;
  }
  if (hosts.size() == 1) return answer;
  return {Verdict::Done, "all " + std::to_string(hosts.size()) + " hosts of " + name + " in " + table + ": " +
                             std::string(ctl::action_text(change.action)) + " is done"};
}

// A drained host is checked as before, and its sessions live on: only new ones go elsewhere.
ctl::Answer Director::drain(const ctl::Change& change, Id id, const std::string& by) {
  HostEntry& host = roster_.hosts.at(id);
  const bool drained = change.action == ctl::Action::Drain;
  const std::string what = object_text(roster_, ctl::Kind::Host, id), done = drained ? "drained" : "undrained";
  if (const Switched* later = switched_since(roster_, ctl::Kind::Host, id, change.generation))
    return {Verdict::Conflict, what + " has been changed by " + later->by};
  if (host.drained == drained) return {Verdict::Done, what + (drained ? " is drained already" : " is not drained")};
  host.drained = drained;
  roster_.switched[{ctl::Kind::Host, id}] = {.generation = generation_ + 1, .by = by};
  keep_override(ctl::Kind::Host, id, change, by);
  touch(ctl::Kind::Host, id);
  touch(ctl::Kind::Table, host.table);
  want_those_of(host.table);
  audit(what, done, change, by);
  return answer_of(ctl::Kind::Host, id, what + " " + done);
}

// What differs from the configuration, or from what was said of the name, with who made it differ last.
void Director::keep_override(ctl::Kind kind, Id id, const ctl::Change& change, const std::string& by) {
  const Object object = object_at(roster_, kind, id);
  const std::string key = Overrides::key(kind, roster_.name(kind, id));
  const HostEntry* host = kind == ctl::Kind::Host ? &roster_.hosts.at(id) : nullptr;
  const bool drained = host != nullptr && host->drained;
  const auto* name =
      host != nullptr ? overrides_.find_name(roster_.tables.at(host->table).conf.name, host->conf) : nullptr;
  if (object.enabled == (name != nullptr ? name->enabled : object.configured) &&
      drained == (name != nullptr && name->drained))
    return overrides_.clear(key);
  overrides_.set(
      key, {.enabled = object.enabled, .drained = drained, .by = by, .reason = change.reason, .since_ms = wall_ms()});
}

void Director::audit(const std::string& what, const std::string& done, const ctl::Change& change,
                     const std::string& by) {
  std::string text = done + " by " + by;
  if (!change.reason.empty()) text += ": " + printable(change.reason);
  log::notice("admin: " + what + " " + text);
  event(ctl::EventKind::Admin, what, text);
}

// A change is done when the engine has it.
ctl::Answer Director::answer_of(ctl::Kind kind, Id id, const std::string& done) {
  settle();
  std::vector<Id> services{id};
  if (kind != ctl::Kind::Service)
    services = roster_.tables.at(kind == ctl::Kind::Table ? id : roster_.hosts.at(id).table).services;
  for (const Id service : services) {
    const auto error = enforcer_.error(anchor_name(roster_.prefix(), roster_.services.at(service).conf));
    if (!error.empty()) return {Verdict::Refused, done + ", but the engine refuses: " + error + "; it is tried again"};
  }
  return {Verdict::Done, done};
}

void Director::switch_object(ctl::Kind kind, Id id, bool enabled) {
  object_at(roster_, kind, id).enabled = enabled;
  touch(kind, id);
  if (kind == ctl::Kind::Service) return want(id);
  const Id table = kind == ctl::Kind::Table ? id : roster_.hosts.at(id).table;
  if (kind == ctl::Kind::Host) {
    reset(roster_.hosts.at(id));
    touch(ctl::Kind::Table, table);
  } else {
    for (const Id host : roster_.tables.at(id).hosts) reset(roster_.hosts.at(host));
  }
  want_those_of(table);
}

void Director::reset(HostEntry& host) {
  roster_.forget(host);
  host.since_ms = wall_ms();
  touch(ctl::Kind::Host, host.conf.id);
  tell(host);
  asks_.on_result(host.conf.id);
  const auto children = roster_.children.find(host.conf.id);
  if (children == roster_.children.end()) return;
  for (const Id id : children->second) {
    HostEntry& child = roster_.hosts.at(id);
    reset(child);
    touch(ctl::Kind::Table, child.table);
    want_those_of(child.table);
  }
}

void Director::tell(HostEntry& host) {
  host.told = roster_.checked(host);
  outlet_.to_hce({.host = host.conf.id, .enabled = *host.told});
}

// Every switch that hce cannot know from its configuration.
void Director::tell_all() {
  for (auto& [id, host] : roster_.hosts) {
    const bool configured = !host.conf.disabled && !roster_.tables.at(host.table).conf.disabled;
    if (host.told || roster_.checked(host) != configured) tell(host);
  }
}

std::vector<ipc::HostSync> Director::host_syncs() const {
  std::vector<ipc::HostSync> out;
  out.reserve(roster_.hosts.size());
  for (const auto& [id, host] : roster_.hosts)
    out.push_back({.host = id,
                   .state = host.last.state,
                   .enabled = roster_.checked(host),
                   .up = host.last.up,
                   .total = host.last.total,
                   .retries = host.last.retries,
                   .memory = host.last.memory});
  return out;
}

void Director::hce_restarted() {
  hce_generation_ = 0;
  for (auto& [id, host] : roster_.hosts) host.told.reset();
}

}  // namespace hcd::pfe
