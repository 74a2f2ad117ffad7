#include "hcd/pfe/targets.h"

#include <algorithm>
#include <iterator>
#include <limits>

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

bool is_host(const conf::Host& host, std::string_view text) {
  return host.name == text || conf::written_name(host) == text ||
         (host.address.family != Family::None && Address::parse(text) == host.address);
}

std::vector<Id> hosts_named(const Roster& roster, std::string_view text) {
  std::vector<Id> out;
  const auto slash = text.rfind('/');
  for (const auto& [id, host] : roster.hosts) {
    if (slash == std::string_view::npos) {
      if (is_host(host.conf, text)) out.push_back(id);
    } else if (roster.tables.at(host.table).conf.name == text.substr(0, slash) &&
               is_host(host.conf, text.substr(slash + 1))) {
      out.push_back(id);
    }
  }
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
