#include "hcd/ctl/change.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "fastpath/base/text.h"
#include "hcd/ctl/protocol.h"

namespace hcd::ctl {
namespace {

std::string counted(std::size_t count, std::string_view kind) {
  return std::to_string(count) + " " + std::string(kind) + (count == 1 ? "" : "s");
}

std::string weights_text(const TableEffect& table) {
  std::string out = "weight " + std::to_string(table.weight_before) + " -> " + std::to_string(table.weight_after);
  if (table.weight_before == 0) return out;
  const double part = 100.0 * (static_cast<double>(table.weight_after) - table.weight_before) / table.weight_before;
  char text[32];
  std::snprintf(text, sizeof text, " (%+.0f%%)", part);
  return out + text;
}

std::string line_of(const TableEffect& table, bool cut) {
  std::vector<std::string> parts{std::to_string(table.up_after) + "/" + std::to_string(table.hosts) + " up afterwards"};
  if (!table.left.empty()) parts.back() += " (" + join(table.left, ", ") + ")";
  if (table.sessions_hit > 0)
    parts.push_back(count_text(table.sessions_hit) + " of " + count_text(table.sessions) + " sessions " +
                    (cut ? "cut" : "affected"));
  if (table.weight_before != table.weight_after) parts.push_back(weights_text(table));
  if (table.empties())
    parts.emplace_back("nothing is left");
  else if (table.short_of_minimum())
    parts.push_back("below its minimum of " + std::to_string(table.minimum));
  return table.name + ": " + join(parts, ", ");
}

std::string line_of(const ServiceEffect& service, bool cut) {
  const auto word = [](ServiceWord of) {
    ServiceRow row;
    row.word = of;
    return status_text(row);
  };
  std::string out = "service " + service.name + ": " + word(service.before) + " -> " + word(service.after);
  if (service.after >= ServiceWord::Backup && !service.table.empty()) out += ", table " + service.table;
  if (service.loses()) out += ", rules removed";
  if (service.loses() && service.sessions > 0)
    out += ", " + count_text(service.sessions) + " sessions " + (cut ? "cut" : "there now");
  return out;
}

// What brings one object back to what it was: at most one action for each wish that differs.
void undo_one(const Changed& done, std::vector<std::pair<Action, std::uint16_t>>& out) {
  const auto value = [](const auto& wish, auto fallback) { return wish ? wish->value : fallback; };
  const auto& was = done.before;
  const auto& is = done.after;
  const bool configured = is.enabled ? is.enabled->configured : was.enabled ? was.enabled->configured : true;
  if (const bool on = value(was.enabled, configured); on != value(is.enabled, configured))
    out.emplace_back(on ? Action::Enable : Action::Disable, 0);
  if (const bool drained = value(was.drained, false); drained != value(is.drained, false))
    out.emplace_back(drained ? Action::Drain : Action::Undrain, 0);
  if (!was.weight && is.weight) out.emplace_back(Action::ResetWeight, 0);
  if (was.weight && (!is.weight || is.weight->value != was.weight->value))
    out.emplace_back(Action::Weight, was.weight->value);
}

}  // namespace

std::string_view action_text(Action action) {
  switch (action) {
    case Action::Enable: return "enable";
    case Action::Disable: return "disable";
    case Action::Drain: return "drain";
    case Action::Undrain: return "undrain";
    case Action::Weight: return "weight";
    case Action::ResetWeight: return "reset weight";
  }
  return "";
}

std::string done_text(Action action, std::uint16_t weight) {
  switch (action) {
    case Action::Enable: return "enabled";
    case Action::Disable: return "disabled";
    case Action::Drain: return "drained";
    case Action::Undrain: return "undrained";
    case Action::Weight: return "weight " + std::to_string(weight);
    case Action::ResetWeight: return "weight reset";
  }
  return "";
}

std::string outcome_text(const Outcome& outcome) {
  const auto& consequence = outcome.consequence;
  const std::string state = done_text(consequence.action, consequence.weight);
  const std::string& objects = consequence.objects;
  if (consequence.changed > 0) return objects + (outcome.dry_run ? ": would be " : " ") + state;
  return objects + ": " + state + " already";
}

std::string count_text(std::uint64_t count) {
  constexpr std::string_view kUnits = "kMGTPE";
  if (count < 1000) return std::to_string(count);
  auto scaled = static_cast<double>(count);
  std::size_t unit = 0;
  for (scaled /= 1000; scaled >= 999.5; scaled /= 1000) unit++;
  char text[32];
  std::snprintf(text, sizeof text, scaled < 9.95 ? "%.1f%c" : "%.0f%c", scaled, kUnits[unit]);
  return text;
}

std::string intent_text(const Consequence& consequence) {
  const std::string& objects = consequence.objects;
  if (consequence.action == Action::Weight)
    return "set the weight of " + objects + " to " + std::to_string(consequence.weight);
  if (consequence.action == Action::ResetWeight) return "reset the weight of " + objects;
  return std::string(action_text(consequence.action)) + " " + objects;
}

std::vector<std::string> effect_lines(const Consequence& consequence) {
  std::vector<std::string> out;
  for (const auto& table : consequence.tables) out.push_back(line_of(table, consequence.cut));
  if (consequence.tables_more > 0) out.push_back("and " + counted(consequence.tables_more, "more table"));
  const bool all_cut = consequence.cut && consequence.kind == Kind::Service;
  for (const auto& service : consequence.services) out.push_back(line_of(service, all_cut));
  if (consequence.services_more > 0) out.push_back("and " + counted(consequence.services_more, "more service"));
  return out;
}

std::string name_to_type(const Consequence& consequence) {
  const auto grave = [](const TableEffect& table) { return table.empties() || table.short_of_minimum(); };
  if (const auto found = std::ranges::find_if(consequence.tables, grave); found != consequence.tables.end())
    return found->name;
  const auto found = std::ranges::find_if(consequence.services, &ServiceEffect::loses);
  return found == consequence.services.end() ? "" : found->name;
}

std::vector<Change> undo(const std::vector<Changed>& done, std::uint64_t generation) {
  std::vector<Change> out;
  for (const auto& object : done) {
    if (object.already) continue;
    std::vector<std::pair<Action, std::uint16_t>> steps;
    undo_one(object, steps);
    for (const auto& [action, weight] : steps) {
      auto same = std::ranges::find_if(out, [&](const Change& change) {
        return change.kind == object.kind && change.action == action && change.weight == weight &&
               change.targets.size() < Change::kTargetsMax;
      });
      if (same == out.end())
        same = out.insert(out.end(), {.kind = object.kind,
                                      .action = action,
                                      .targets = {},
                                      .weight = weight,
                                      .reason = "undo",
                                      .generation = generation});
      same->targets.push_back({.text = object.name, .generation = {}});
    }
  }
  return out;
}

}  // namespace hcd::ctl
