#include "fastpath/pfconf/print.h"

#include "fastpath/base/text.h"

namespace hcd::fastpath::pfconf {
namespace {

Status check_new(const Rule& rule) {
  const StateLimits& limits = rule.limits;
  if (rule.method == Method::Hash) return fail(Code::Unsupported, "pf cannot choose by a hash of the whole flow");
  if (rule.keep_ttl) return fail(Code::Unsupported, "pf has no word for keep-ttl");
  if (limits.source_track == SourceTrack::Global) {
    if (limits.max_src_conn != 0) {
      return fail(Code::Unsupported, "'max-src-conn' is incompatible with 'source-track global'");
    }
    if (limits.max_src_conn_rate != 0) {
      return fail(Code::Unsupported, "'max-src-conn-rate' is incompatible with 'source-track global'");
    }
  }
  return {};
}

Status check_old(const Rule& rule) {
  if (auto sound = check_new(rule); !sound) return sound;
  if (!rule.label.empty()) return fail(Code::Unsupported, "a rdr rule has no label");
  const bool options =
      rule.limits != StateLimits{} || !rule.timeouts.empty() || rule.established.count() != 0 || rule.sloppy;
  if (options) return fail(Code::Unsupported, "a rdr rule has no state options");
  if (rule.method == Method::LeastStates) return fail(Code::Unsupported, "pf before OpenBSD 4.7 has no least-states");
  if (rule.method != Method::RoundRobin) {
    return fail(Code::Unsupported, "tables are only supported in round-robin redirection pools");
  }
  return {};
}

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// The anchors of a ruleset by the parts of their names.
struct Tree {
  const Anchor* anchor = nullptr;
  std::map<std::string, Tree> below;
};

Tree tree_of(const Ruleset& ruleset) {
  Tree root;
  for (const auto& [name, anchor] : ruleset) {
    Tree* at = &root;
    for (const std::string_view part : split(name, '/')) at = &at->below[std::string(part)];
    at->anchor = &anchor;
  }
  return root;
}

Status print_tree(const Tree& tree, Dialect dialect, const std::string& indent, std::string& out) {
  for (const auto& [name, child] : tree.below) {
    out += indent + "anchor " + quoted_name(name) + " {\n";
    if (child.anchor != nullptr) {
      auto text = print(*child.anchor, dialect, indent + "  ");
      if (!text) return std::unexpected(text.error());
      out += *text;
    }
    if (auto done = print_tree(child, dialect, indent + "  ", out); !done) return done;
    out += indent + "}\n";
  }
  return {};
}

}  // namespace

std::string translation(const Rule& rule) {
  const std::string tag = rule.tag.empty() ? "" : " tag " + rule.tag;
  return "rdr " + match_text(rule) + tag + " -> " + pool_text(rule);
}

Result<std::string> print(const Rule& rule, Dialect dialect) {
  if (dialect == Dialect::Ours) return canonical(rule);
  const auto able = dialect == Dialect::New ? check_new(rule) : check_old(rule);
  if (!able) return fail_in("rule for " + destination_text(rule), able.error());
  return dialect == Dialect::New ? canonical(rule) : translation(rule);
}

Result<std::string> print(const Table& table, Dialect dialect) {
  std::string out = "table <" + table.name + ">";
  if (table.persist) out += " persist";
  if (table.constant) out += " const";
  if (table.entries.empty()) return out;
  out += " {";
  for (const TableEntry& entry : table.entries) {
    out += " " + entry.text();
    if (entry.weight == 1) continue;
    if (dialect == Dialect::Old) {
      return fail(Code::Unsupported, "table " + table.name + ": pf before OpenBSD 4.7 has no weights");
    }
    out += " weight " + std::to_string(entry.weight);
  }
  return out + " }";
}

Result<std::string> print(const Anchor& anchor, Dialect dialect, const std::string& indent) {
  std::string out;
  const auto add = [&](const Result<std::string>& line) -> Status {
    if (!line) return std::unexpected(line.error());
    out += indent + *line + "\n";
    return {};
  };
  for (const auto& [name, table] : anchor.tables) {
    if (auto done = add(print(table, dialect)); !done) return std::unexpected(done.error());
  }
  for (const Rule& rule : anchor.rules) {
    if (auto done = add(print(rule, dialect)); !done) return std::unexpected(done.error());
  }
  return out;
}

std::string print(const Settings& settings) {
  std::string out;
  const auto add = [&out](const char* what, std::string_view name, std::uint64_t number) {
    out += "set " + std::string(what) + " " + std::string(name) + " " + std::to_string(number) + "\n";
  };
  for (const auto& [timeout, seconds] : settings.timeouts) {
    add("timeout", timeout_name(timeout), static_cast<std::uint64_t>(seconds.count()));
  }
  if (settings.adaptive_start) add("timeout", "adaptive.start", *settings.adaptive_start);
  if (settings.adaptive_end) add("timeout", "adaptive.end", *settings.adaptive_end);
  for (const auto& [limit, number] : settings.limits) add("limit", limit_name(limit), number);
  if (settings.when_full) out += "set when-full " + when_full_word(*settings.when_full) + "\n";
  if (settings.syn_guard) out += "set syn-guard " + std::to_string(*settings.syn_guard) + "\n";
  return out;
}

Result<std::string> print(const Conf& conf, Dialect dialect) {
  std::string out = print(conf.settings);
  if (auto done = print_tree(tree_of(conf.anchors), dialect, "", out); !done) return std::unexpected(done.error());
  return out;
}

}  // namespace hcd::fastpath::pfconf
