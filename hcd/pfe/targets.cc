#include "hcd/pfe/targets.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>

#include "fastpath/base/glob.h"
#include "fastpath/base/text.h"
#include "hcd/conf/names.h"

namespace hcd::pfe {
namespace {

constexpr std::size_t kCandidatesShown = 8;

template <class Entries>
std::vector<Id> named(const Entries& entries, std::string_view text) {
  for (const auto& [id, entry] : entries)
    if (entry.conf.name == text) return {id};
  return {};
}

// What an operator may call a host by: its name, the name in the file that it comes from, its address.
class Call {
 public:
  explicit Call(std::string_view text) : text_(text), address_(Address::parse(text)) {}
  [[nodiscard]] bool means(const conf::Host& host) const {
    const std::string_view name = host.name;
    const bool named = name.starts_with(text_) && (name.size() == text_.size() || name[text_.size()] == '@');
    return named || (address_ && host.address.family != Family::None && *address_ == host.address);
  }

 private:
  std::string_view text_;
  std::optional<Address> address_;
};

// Without a table's name all hosts are looked at: 10,000 in a fraction of a millisecond.
std::vector<Id> hosts_named(const Roster& roster, std::string_view text) {
  std::vector<Id> out;
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos) {
    const Call call(text);
    for (const auto& [id, host] : roster.hosts)
      if (call.means(host.conf)) out.push_back(id);
    return out;
  }
  const Call call(text.substr(slash + 1));
  for (const Id table : named(roster.tables, text.substr(0, slash)))
    for (const Id id : roster.tables.at(table).hosts)
      if (call.means(roster.hosts.at(id).conf)) out.push_back(id);
  std::ranges::sort(out);
  return out;
}

std::vector<Id> candidates(const Roster& roster, ctl::Kind kind, const std::string& text) {
  switch (kind) {
    case ctl::Kind::Service: return named(roster.services, text);
    case ctl::Kind::Table: return named(roster.tables, text);
    case ctl::Kind::Host: return hosts_named(roster, text);
  }
  return {};
}

std::string ambiguous(const Roster& roster, const std::string& what, const std::vector<Id>& ids) {
  std::vector<std::string> names;
  for (const Id id : ids) {
    if (names.size() == kCandidatesShown) {
      names.push_back("and " + std::to_string(ids.size() - kCandidatesShown) + " more");
      break;
    }
    names.push_back(roster.name(ctl::Kind::Host, id) + " (id " + std::to_string(id) + ")");
  }
  return what + " is ambiguous: " + join(names, ", ");
}

}  // namespace

std::expected<Id, ctl::Answer> find_target(const Roster& roster, ctl::Kind kind, const std::string& text) {
  const auto ids = candidates(roster, kind, text);
  if (ids.size() == 1) return ids.front();
  const std::string what = std::string(ctl::kind_text(kind)) + " \"" + printable(text) + "\"";
  if (ids.size() > 1) return std::unexpected(ctl::Answer{ctl::Verdict::Ambiguous, ambiguous(roster, what, ids)});
  const auto id = parse_number<Id>(text, 0, std::numeric_limits<Id>::max());
  if (id && !roster.name(kind, *id).empty()) return *id;
  return std::unexpected(ctl::Answer{ctl::Verdict::NotFound, "no " + what});
}

std::vector<Id> hosts_of_name(const Roster& roster, const std::string& text) {
  const auto ids = hosts_named(roster, text);
  const std::string name = text.substr(text.rfind('/') + 1);
  const bool whole = std::ranges::all_of(ids, [&](const Id id) {
    const HostEntry& host = roster.hosts.at(id);
    return host.conf.by_name.all() && conf::written_name(host.conf) == name &&
           host.table == roster.hosts.at(ids.front()).table;
  });
  return whole ? ids : std::vector<Id>();
}

std::expected<Matches, ctl::Answer> find_all(const Roster& roster, const std::string& text) {
  Matches out{.tables = named(roster.tables, text), .hosts = hosts_named(roster, text)};
  if (out.tables.empty() && out.hosts.empty() && text.find_first_of("*?[") != std::string::npos) {
    const auto pattern = Glob::compile(text);
    if (!pattern) return std::unexpected(ctl::Answer{ctl::Verdict::Usage, pattern.error().text});
    for (const auto& [id, table] : roster.tables)
      if (pattern->matches(table.conf.name)) out.tables.push_back(id);
    for (const auto& [id, host] : roster.hosts)
      if (pattern->matches(host.conf.name) || pattern->matches(roster.name(ctl::Kind::Host, id)))
        out.hosts.push_back(id);
  }
  for (const Id table : out.tables) std::ranges::copy(roster.tables.at(table).hosts, std::back_inserter(out.hosts));
  std::ranges::sort(out.hosts);
  out.hosts.erase(std::ranges::unique(out.hosts).begin(), out.hosts.end());
  if (!out.hosts.empty() || !out.tables.empty()) return out;
  const auto id = parse_number<Id>(text, 0, std::numeric_limits<Id>::max());
  if (id && roster.hosts.contains(*id)) return Matches{.tables = {}, .hosts = {*id}};
  return std::unexpected(ctl::Answer{ctl::Verdict::NotFound, "no host or table \"" + printable(text) + "\""});
}

}  // namespace hcd::pfe
