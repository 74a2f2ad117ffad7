#include "tools/hcpfctl/show.h"

#include <algorithm>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "tools/hcpfctl/render.h"
#include "tools/hcpfctl/render_json.h"
#include "tools/hcpfctl/table_edit.h"

namespace hcd::hcpfctl {
namespace {

constexpr int kMiss = 2;

bool is_below(const std::string& name, const std::string& anchor) {
  return anchor.empty() || name == anchor || name.starts_with(anchor + "/");
}

Status check_anchor(const Options& options, const Snapshot& snapshot) {
  const bool known =
      std::ranges::any_of(snapshot.anchors, [&](const auto& name) { return is_below(name, options.anchor); });
  if (options.anchor.empty() || known) return {};
  return fail(Code::NotFound, "Anchor '" + printable(options.anchor) + "' does not exist.");
}

template <class Line, class Render>
std::string each(const Options& options, const std::vector<Line>& lines, const Render& render) {
  std::string out;
  for (const Line& line : lines) {
    if (options.covers(line.anchor)) out += render(line);
  }
  return out;
}

std::string shown(const Options& options, const Snapshot& snapshot);

// Everything that there is something of, each part under pfctl's title.
std::string all_text(const Options& options, const Snapshot& snapshot) {
  constexpr std::pair<Show, const char*> kParts[] = {
      {Show::Rules, "FILTER RULES:"}, {Show::States, "STATES:"},         {Show::Sources, "SOURCE TRACKING NODES:"},
      {Show::Info, "INFO:"},          {Show::Labels, "LABEL COUNTERS:"}, {Show::Timeouts, "TIMEOUTS:"},
      {Show::Memory, "LIMITS:"},      {Show::Tables, "TABLES:"}};
  std::string out;
  for (const auto& [what, title] : kParts) {
    Options part = options;
    part.show = what;
    const std::string text = shown(part, snapshot);
    if (!text.empty()) out += (out.empty() ? "" : "\n") + std::string(title) + "\n" + text;
  }
  return out;
}

std::string shown(const Options& options, const Snapshot& snapshot) {
  const int verbose = options.verbose;
  switch (options.show) {
    case Show::Rules: return rules_text(snapshot, options.anchor, options.recurse, verbose);
    case Show::Nat: return each(options, snapshot.rules, [&](const auto& line) { return nat_text(line, verbose); });
    case Show::Labels: return each(options, snapshot.rules, label_text);
    case Show::States:
      return each(options, snapshot.states, [&](const auto& line) { return state_text(line, verbose); });
    case Show::Sources:
      return each(options, snapshot.sources, [&](const auto& line) { return source_text(line, verbose); });
    case Show::Tables:
      return each(options, snapshot.tables, [&](const auto& line) { return table_text(line, verbose); });
    case Show::Info: return info_text(snapshot.info, verbose);
    case Show::Anchors: return anchors_text(snapshot, options.anchor, verbose > 0 || options.recurse);
    case Show::Memory: return memory_text(snapshot.limits);
    case Show::Timeouts: return timeouts_text(snapshot.timeouts);
    case Show::All: return all_text(options, snapshot);
    case Show::Nothing:
    case Show::Events:  // never comes here: follow.h
    case Show::Packets:
    case Show::Drops: break;
  }
  return "";
}

Result<const TableLine*> find_table(const Options& options, const Snapshot& snapshot) {
  std::vector<std::string> having;
  for (const TableLine& line : snapshot.tables) {
    if (line.name == options.table) having.push_back(line.anchor);
  }
  const auto anchor = options.choose(having);
  if (!anchor) return std::unexpected(anchor.error());
  for (const TableLine& line : snapshot.tables) {
    if (line.name == options.table && line.anchor == *anchor) return &line;
  }
  return fail(Code::NotFound, "Table does not exist.");
}

// With -v those that match, with -vv all, each with the entry that decides.
Answer test(const Options& options, const TableLine& table) {
  std::vector<TableEntry> entries;
  for (const AddressLine& line : table.addresses) entries.push_back(line.entry);
  Answer out;
  std::size_t hits = 0;
  for (const TableEntry& asked : options.entries) {
    const TableEntry* decides = entry_for(entries, asked.address);
    const bool match = decides != nullptr && !decides->negated;
    hits += match ? 1 : 0;
    if (options.verbose == 1 && match) out.out += feedback_text({'M', asked});
    if (options.verbose < 2) continue;
    std::string line = feedback_text({match ? 'M' : ' ', asked});
    line.pop_back();
    out.out += line + "\t" + (decides == nullptr ? " nomatch" : (decides->negated ? "" : " ") + decides->text()) + "\n";
  }
  const std::size_t asked = options.entries.size();
  out.err = fmt::format("{}/{} addresses match.\n", hits, asked);
  out.status = hits == asked ? 0 : kMiss;
  return out;
}

}  // namespace

Result<Answer> show(const Options& options, const Snapshot& snapshot) {
  if (auto known = check_anchor(options, snapshot); !known) return std::unexpected(known.error());
  if (options.command == TableCommand::Nothing) {
    if (options.json) return Answer{.out = json_text(options, snapshot)};
    return Answer{.out = shown(options, snapshot)};
  }
  const auto table = find_table(options, snapshot);
  if (!table) return std::unexpected(table.error());
  if (options.command == TableCommand::Test) return test(options, **table);
  if (options.json) return Answer{.out = json_text(**table)};
  Answer out;
  for (const AddressLine& line : (*table)->addresses) out.out += address_text(line, options.verbose);
  return out;
}

}  // namespace hcd::hcpfctl
