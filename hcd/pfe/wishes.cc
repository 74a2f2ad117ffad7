#include "hcd/pfe/wishes.h"

#include <algorithm>

#include "fastpath/base/glob.h"
#include "fastpath/base/text.h"
#include "fastpath/table.h"
#include "hcd/pfe/targets.h"

namespace hcd::pfe {
namespace {

using ctl::Action;
using ctl::Verdict;

bool is_pattern(std::string_view text) {
  return text.find_first_of("*?[") != std::string_view::npos;
}

std::string all_text(std::size_t count) {
  return count == 1 ? "" : " (all " + std::to_string(count) + ")";
}

std::expected<Picked, ctl::Answer> pick_pattern(const Roster& roster, ctl::Kind kind, const std::string& text) {
  const auto pattern = Glob::compile(text);
  if (!pattern) return std::unexpected(ctl::Answer{Verdict::Usage, pattern.error().text});
  Picked out;
  const auto match = [&](const auto& entries) {
    for (const auto& [id, entry] : entries)
      if (pattern->matches(entry.conf.name) ||
          (kind == ctl::Kind::Host && pattern->matches(roster.name(ctl::Kind::Host, id))))
        out.ids.push_back(id);
  };
  if (kind == ctl::Kind::Service) match(roster.services);
  if (kind == ctl::Kind::Table) match(roster.tables);
  if (kind == ctl::Kind::Host) match(roster.hosts);
  const std::string what = std::string(ctl::kind_text(kind)) + " \"" + printable(text) + "\"";
  if (out.ids.empty()) return std::unexpected(ctl::Answer{Verdict::NotFound, "no " + what});
  out.text = what + all_text(out.ids.size());
  return out;
}

std::expected<Picked, ctl::Answer> pick_one(const Roster& roster, ctl::Kind kind, const std::string& text) {
  if (kind == ctl::Kind::Host) {
    if (auto ids = hosts_of_name(roster, text); !ids.empty()) {
      const HostEntry& host = roster.hosts.at(ids.front());
      const std::string all = all_text(ids.size());
      const std::string name = conf::written_name(host.conf);
      return Picked{.ids = std::move(ids),
                    .text = "host " + name + " of " + roster.tables.at(host.table).conf.name + all,
                    .name = true,
                    .generation = {}};
    }
  }
  const auto id = find_target(roster, kind, text);
  if (id) return Picked{.ids = {*id}, .text = object_text(roster, kind, *id), .generation = {}};
  if (id.error().verdict == Verdict::NotFound && is_pattern(text)) return pick_pattern(roster, kind, text);
  return std::unexpected(id.error());
}

// `base` is what holds without the wish. True: it is put down, or stays as it was.
template <class T>
bool put_down(std::optional<ctl::Wish<T>>& wish, T value, T base, T configured, const ctl::Note& note) {
  if (value == base) {
    wish.reset();
    return note.until_ms == 0;
  }
  const bool news = note.until_ms != 0 || !note.reason.empty();
  if (!wish || wish->value != value || news) wish = {.value = value, .configured = configured, .note = note};
  return true;
}

bool put_down(ctl::Override& wishes, const ctl::Change& change, const Setting& base, const Setting& configured,
              const ctl::Note& note) {
  switch (change.action) {
    case Action::Enable:
    case Action::Disable:
      return put_down(wishes.enabled, change.action == Action::Enable, base.enabled, configured.enabled, note);
    case Action::Drain:
    case Action::Undrain: return put_down(wishes.drained, change.action == Action::Drain, base.drained, false, note);
    case Action::Weight: return put_down(wishes.weight, change.weight, base.weight, configured.weight, note);
    case Action::ResetWeight: wishes.weight.reset(); break;
  }
  return true;
}

// So that what is wished of a name holds for its hosts too.
void clear_own(ctl::Override& wishes, Action action) {
  if (action == Action::Enable || action == Action::Disable) wishes.enabled.reset();
  if (action == Action::Drain || action == Action::Undrain) wishes.drained.reset();
  if (action == Action::Weight || action == Action::ResetWeight) wishes.weight.reset();
}

}  // namespace

std::string object_text(const Roster& roster, ctl::Kind kind, Id id) {
  if (kind != ctl::Kind::Host) return std::string(ctl::kind_text(kind)) + " " + roster.name(kind, id);
  const HostEntry& host = roster.hosts.at(id);
  return "host " + host.conf.name + " of " + roster.tables.at(host.table).conf.name;
}

std::string objects_text(const Roster& roster, ctl::Kind kind, const std::vector<Picked>& picked) {
  if (picked.size() == 1) return picked.front().text;
  std::size_t count = 0;
  std::set<Id> tables;
  for (const auto& target : picked) {
    count += target.ids.size();
    if (kind == ctl::Kind::Host)
      for (const Id id : target.ids) tables.insert(roster.hosts.at(id).table);
  }
  const std::string out = std::to_string(count) + " " + std::string(ctl::kind_text(kind)) + "s";
  return tables.size() == 1 ? out + " of " + roster.name(ctl::Kind::Table, *tables.begin()) : out;
}

std::optional<ctl::Answer> fault_of(const ctl::Change& change) {
  const auto fault = [](std::string text) { return ctl::Answer{Verdict::Usage, std::move(text)}; };
  if (change.targets.empty()) return fault("nothing is named that is to be changed");
  if (change.targets.size() > ctl::Change::kTargetsMax)
    return fault("at most " + std::to_string(ctl::Change::kTargetsMax) + " names at a time");
  if (change.kind != ctl::Kind::Host && (change.action == Action::Drain || change.action == Action::Undrain))
    return fault("only a host can be drained");
  if (change.kind != ctl::Kind::Host && change.action >= Action::Weight) return fault("only a host has a weight");
  if (change.action == Action::Weight && (change.weight < 1 || change.weight > fastpath::kWeightMax))
    return fault("a weight is 1 to " + std::to_string(fastpath::kWeightMax) + "; drain a host that is to get nothing");
  if (change.for_s > 0 && change.action == Action::ResetWeight) return fault("what is reset has no end");
  if (change.cut && change.action != Action::Disable) return fault("only what is disabled can have its sessions cut");
  if (change.reason.size() > ctl::Change::kReasonMax)
    return fault("a reason has at most " + std::to_string(ctl::Change::kReasonMax) + " bytes");
  return std::nullopt;
}

std::expected<std::vector<Picked>, ctl::Answer> pick(const Roster& roster, const ctl::Change& change) {
  std::vector<Picked> out;
  std::set<Id> seen;
  for (const auto& target : change.targets) {
    auto one = pick_one(roster, change.kind, target.text);
    if (!one) return std::unexpected(one.error());
    one->generation = target.generation ? target.generation : change.generation;
    std::erase_if(one->ids, [&seen](Id id) { return !seen.insert(id).second; });
    if (!one->ids.empty()) out.push_back(std::move(*one));
  }
  return out;
}

std::optional<ctl::Answer> wish(const Roster& roster, const Picked& target, const ctl::Change& change,
                                const ctl::Note& note, Overrides& overrides) {
  const auto refused = [&](const std::string& what) {
    return ctl::Answer{Verdict::Refused, what + " would be as it is configured: that needs no end"};
  };
  for (const Id id : target.ids) {
    if (change.kind != ctl::Kind::Host) {
      const std::string key = Overrides::key(change.kind, roster.name(change.kind, id));
      auto wishes = overrides.of(key);
      const Setting configured = setting_of(roster, Overrides({}), change.kind, id);
      if (!put_down(wishes, change, configured, configured, note)) return refused(target.text);
      overrides.set(key, std::move(wishes));
      continue;
    }
    const conf::Host& host = roster.hosts.at(id).conf;
    const std::string& table = roster.tables.at(roster.hosts.at(id).table).conf.name;
    const Setting configured = setting_of({}, host.disabled, host.weight);
    const std::string key = Overrides::host_key(table, host), name = Overrides::name_key(table, host);
    if (target.name) {
      auto wishes = overrides.of(name);
      if (!put_down(wishes, change, configured, configured, note)) return refused(target.text);
      overrides.set(name, std::move(wishes));
      if (name == key) continue;  // the name has no address yet
    }
    auto own = overrides.of(key);
    if (target.name) {
      clear_own(own, change.action);
    } else {
      const Setting base = setting_of(overrides.of_name(table, host), host.disabled, host.weight);
      if (!put_down(own, change, base, configured, note)) return refused(target.text);
    }
    overrides.set(key, std::move(own));
  }
  return std::nullopt;
}

}  // namespace hcd::pfe
