#include "fastpath/pf/lookout.h"

#include <algorithm>
#include <set>

#include "fastpath/pf/list.h"

namespace hcd::fastpath::pf {
namespace {

struct Listing {
  std::string rules;
  std::map<std::string, std::vector<TableEntry>> tables;  // of ours, those that are there
};

bool is_compared(const Anchor& anchor, const std::string& table) {
  return std::ranges::none_of(anchor.rules, [&](const Rule& rule) { return rule.limits.overload == table; });
}

Result<Listing> list(Pfctl& pfctl, pfconf::Dialect dialect, const std::string& name, const Anchor& ours) {
  Listing out;
  const auto names = list_tables(pfctl, name);
  if (!names) return std::unexpected(names.error());
  for (const Kind kind : {Kind::Redirections, Kind::Others}) {
    const auto rules = list_rules(pfctl, dialect, name, kind);
    if (!rules) return std::unexpected(rules.error());
    out.rules += *rules;
  }
  for (const std::string& table : *names) {
    if (!ours.tables.contains(table) || !is_compared(ours, table)) continue;
    auto entries = list_entries(pfctl, name, table);
    if (!entries) return std::unexpected(entries.error());
    out.tables.emplace(table, std::move(*entries));
  }
  return out;
}

// pfctl refuses to list what is not there: then its name is not listed either.
Result<bool> is_there(Pfctl& pfctl, const std::string& name) {
  const auto names = list_anchors(pfctl, name.substr(0, name.rfind('/')));
  if (!names) return std::unexpected(names.error());
  return std::ranges::find(*names, name) != names->end();
}

std::set<Address> addresses_of(const std::vector<TableEntry>& entries) {
  std::set<Address> out;
  for (const auto& entry : entries) out.insert(entry.address);
  return out;
}

}  // namespace

bool Lookout::is_foreign(const std::string& anchor, bool has_rules, const std::string& listed) {
  const auto known = rules_.try_emplace(anchor, listed).first;
  const bool lost = has_rules && listed.empty();
  if (!lost && known->second == listed) return false;
  rules_.erase(known);
  return true;
}

Result<std::optional<Lookout::Finding>> Lookout::look(Pfctl& pfctl, pfconf::Dialect dialect, const Ruleset& ours,
                                                      TimePoint now) {
  if (ours.empty() || (looked_ && now - *looked_ < kApart)) return std::nullopt;
  looked_ = now;
  auto next = ours.upper_bound(last_);
  if (next == ours.end()) next = ours.begin();
  last_ = next->first;
  auto listing = list(pfctl, dialect, last_, next->second);
  if (!listing) {
    const auto there = is_there(pfctl, last_);
    if (!there || *there) return std::unexpected(listing.error());
    listing = Listing();
  }
  Finding found{.name = last_, .anchor = next->second};
  Anchor& anchor = found.anchor;
  bool changed = is_foreign(last_, !anchor.rules.empty(), listing->rules);
  if (changed) anchor.rules.clear();
  for (auto& [name, table] : next->second.tables) {
    if (!is_compared(next->second, name)) continue;
    const auto there = listing->tables.find(name);
    if (there == listing->tables.end()) {
      anchor.tables.erase(name);
    } else if (addresses_of(there->second) != addresses_of(table.entries)) {
      anchor.tables.at(name).entries = there->second;
    } else {
      continue;
    }
    changed = true;
  }
  return changed ? std::optional(std::move(found)) : std::nullopt;
}

}  // namespace hcd::fastpath::pf
