// The part of the Director that changes things for operators, and tells hce of it.
#include <algorithm>

#include "fastpath/base/log.h"
#include "fastpath/base/text.h"
#include "hcd/pfe/consequence.h"
#include "hcd/pfe/director.h"
#include "hcd/pfe/wishes.h"

namespace hcd::pfe {
namespace {

using ctl::Verdict;

// The change that whoever saw that generation has not seen; null: none.
const Switched* switched_since(const Roster& roster, ctl::Kind kind, Id id, std::optional<std::uint64_t> seen) {
  const auto last = roster.switched.find({kind, id});
  return seen && last != roster.switched.end() && last->second.generation > *seen ? &last->second : nullptr;
}

bool& enabled_at(Roster& roster, ctl::Kind kind, Id id) {
  switch (kind) {
    case ctl::Kind::Service: return roster.services.at(id).enabled;
    case ctl::Kind::Table: return roster.tables.at(id).enabled;
    case ctl::Kind::Host: break;
  }
  return roster.hosts.at(id).enabled;
}

}  // namespace

std::expected<ctl::Outcome, ctl::Answer> Director::change(const ctl::Change& change, const std::string& by) {
  if (!configured_) return std::unexpected(ctl::Answer{Verdict::Refused, "no configuration is in force yet"});
  if (auto fault = fault_of(change)) return std::unexpected(std::move(*fault));
  const auto picked = pick(roster_, change);
  if (!picked) return std::unexpected(picked.error());
  for (const auto& target : *picked)
    for (const Id id : target.ids)
      if (const Switched* later = switched_since(roster_, change.kind, id, target.generation))
        return std::unexpected(ctl::Answer{Verdict::Conflict, object_text(roster_, change.kind, id) +
                                                                  " has been changed by " + later->by + " at " +
                                                                  ctl::clock_text(later->wall_ms)});
  const ctl::Note note{.by = by,
                       .reason = printable(change.reason),
                       .since_ms = loop_.wall_ms(),
                       .until_ms = change.for_s == 0 ? 0 : loop_.wall_ms() + std::int64_t{change.for_s} * 1000};
  Overrides draft = overrides_.draft();
  for (const auto& target : *picked)
    if (auto refused = wish(roster_, target, change, note, draft)) return std::unexpected(std::move(*refused));
  ctl::Outcome outcome = foresee(change, *picked, draft);
  if (change.dry_run) return outcome;
  std::optional<ctl::Answer> refused;
  if (outcome.consequence.changed > 0) refused = carry_out(change, *picked, note, outcome);
  if (!refused && change.cut) refused = cut(outcome);
  if (refused) return std::unexpected(std::move(*refused));
  outcome.generation = generation_;
  return outcome;
}

std::optional<ctl::Answer> Director::carry_out(const ctl::Change& change, const std::vector<Picked>& picked,
                                               const ctl::Note& note, const ctl::Outcome& outcome) {
  for (const auto& object : outcome.objects)
    if (!object.already) roster_.switched[{object.kind, object.id}] = {generation_ + 1, note.by, note.since_ms};
  for (const auto& target : picked) {
    (void)wish(roster_, target, change, note, overrides_);
    for (const Id id : target.ids) impose(change.kind, id);
    audit(target.text, change, note);
  }
  arm_expiry();
  return engine_refusal(change.kind, outcome);
}

// What would come of it, were these the overrides.
ctl::Outcome Director::foresee(const ctl::Change& change, const std::vector<Picked>& picked, const Overrides& draft) {
  ctl::Outcome out{.generation = generation_, .dry_run = change.dry_run, .consequence = {}, .objects = {}};
  auto& consequence = out.consequence;
  consequence.kind = change.kind;
  consequence.action = change.action;
  consequence.weight = change.weight;
  consequence.cut = change.cut;
  std::vector<Id> ids;
  for (const auto& target : picked) {
    for (const Id id : target.ids) {
      out.objects.push_back({.kind = change.kind,
                             .id = id,
                             .name = roster_.name(change.kind, id),
                             .before = override_of(roster_, overrides_, change.kind, id),
                             .after = override_of(roster_, draft, change.kind, id)});
      auto& object = out.objects.back();
      object.already = object.before == object.after;
      (object.already ? consequence.already : consequence.changed)++;
      if (!object.already) ids.push_back(id);
    }
  }
  consequence.objects = objects_text(roster_, change.kind, picked);
  const Measure measure(roster_, change.kind, ids, [this](Id host) { return sessions_of(roster_, *engine_, host); });
  std::vector<std::pair<Id, Setting>> before;
  for (const Id id : ids) {
    before.emplace_back(id, setting_of(roster_, overrides_, change.kind, id));
    put(roster_, change.kind, id, setting_of(roster_, draft, change.kind, id));
  }
  measure.compare(roster_, consequence);
  for (const auto& [id, setting] : before) put(roster_, change.kind, id, setting);
  return out;
}

// Brings about what the overrides and the configuration say of it.
void Director::impose(ctl::Kind kind, Id id) {
  const Setting wanted = setting_of(roster_, overrides_, kind, id);
  touch(kind, id);
  if (enabled_at(roster_, kind, id) != wanted.enabled) switch_object(kind, id, wanted.enabled);
  if (kind != ctl::Kind::Host) return;
  const HostEntry& host = roster_.hosts.at(id);
  if (host.drained == wanted.drained && host.weight == wanted.weight) return;
  put(roster_, kind, id, wanted);
  touch(ctl::Kind::Table, host.table);
  want_those_of(host.table);
}

void Director::audit(const std::string& what, const ctl::Change& change, const ctl::Note& note) {
  std::string text = ctl::done_text(change.action, change.weight) + " by " + note.by;
  if (note.until_ms != 0) text += " until " + ctl::clock_text(note.until_ms);
  if (!note.reason.empty()) text += ": " + note.reason;
  log::notice("admin: " + what + " " + text);
  event(ctl::EventKind::Admin, what, text);
}

// A change is done when the engine has it.
std::optional<ctl::Answer> Director::engine_refusal(ctl::Kind kind, const ctl::Outcome& outcome) {
  settle();
  std::set<Id> services;
  for (const auto& object : outcome.objects) {
    if (kind == ctl::Kind::Service)
      services.insert(object.id);
    else
      for (const Id id :
           roster_.tables.at(kind == ctl::Kind::Table ? object.id : roster_.hosts.at(object.id).table).services)
        services.insert(id);
  }
  for (const Id service : services) {
    const auto error = enforcer_.error(anchor_name(roster_.prefix(), roster_.services.at(service).conf));
    if (!error.empty())
      return ctl::Answer{Verdict::Refused,
                         ctl::outcome_text(outcome) + ", but the engine refuses: " + error + "; it is tried again"};
  }
  return std::nullopt;
}

// Wishes whose time is over. The wall clock may be set: it is looked at again at least every minute.
void Director::on_expiry() {
  const std::int64_t now = loop_.wall_ms();
  std::set<std::string> ended;
  overrides_.review([&](const std::string& key, ctl::Override& value) {
    const auto end = [&](auto& wish, const std::string& what) {
      if (!wish || wish->note.until_ms == 0 || wish->note.until_ms > now) return;
      const std::string text = what + " by " + wish->note.by + " ends: its time is over";
      log::notice("admin: " + key + ": " + text);
      event(ctl::EventKind::Admin, key, text);
      wish.reset();
      ended.insert(key);
    };
    end(value.enabled, value.enabled && value.enabled->value ? "enabled" : "disabled");
    end(value.drained, "drained");
    end(value.weight, "weight");
  });
  impose_all(ended);
  arm_expiry();
}

void Director::impose_all(const std::set<std::string>& keys) {
  if (keys.empty()) return;
  const auto impose_one = [&](ctl::Kind kind, Id id) {
    roster_.switched[{kind, id}] = {generation_ + 1, "the end of its time", loop_.wall_ms()};
    impose(kind, id);
  };
  for (const auto& [id, service] : roster_.services)
    if (keys.contains(Overrides::key(ctl::Kind::Service, service.conf.name))) impose_one(ctl::Kind::Service, id);
  for (const auto& [id, table] : roster_.tables)
    if (keys.contains(Overrides::key(ctl::Kind::Table, table.conf.name))) impose_one(ctl::Kind::Table, id);
  for (const auto& [id, host] : roster_.hosts) {
    const std::string& table = roster_.tables.at(host.table).conf.name;
    if (keys.contains(Overrides::host_key(table, host.conf)) || keys.contains(Overrides::name_key(table, host.conf)))
      impose_one(ctl::Kind::Host, id);
  }
}

void Director::arm_expiry() {
  constexpr Milliseconds kLongest{60'000};
  const auto next = overrides_.next_end();
  if (!next) return expirer_->cancel();
  expirer_->after(std::clamp(Milliseconds(*next - loop_.wall_ms()), Milliseconds(1), kLongest));
}

void Director::switch_object(ctl::Kind kind, Id id, bool enabled) {
  enabled_at(roster_, kind, id) = enabled;
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
  host.since_ms = loop_.wall_ms();
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
  checking_ = true;
  hce_generation_ = 0;
  for (auto& [id, host] : roster_.hosts) host.told.reset();
}

}  // namespace hcd::pfe
