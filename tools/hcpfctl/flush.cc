#include "tools/hcpfctl/flush.h"

#include <algorithm>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "fastpath/bpf/inventory.h"
#include "tools/hcpfctl/act.h"

namespace hcd::hcpfctl {
namespace {

using fastpath::Anchor;

bool names(const Anchor& anchor, const std::string& table) {
  return std::ranges::any_of(anchor.rules, [&](const fastpath::Rule& rule) {
    return rule.table == table || rule.from.table == table || rule.limits.overload == table;
  });
}

// Tables that only rules held go with them.
void flush_rules(const std::string& name, const Anchor& anchor, fastpath::Transaction& transaction) {
  const bool keeps = std::ranges::any_of(anchor.tables, [](const auto& table) { return table.second.persist; });
  if (!keeps) return transaction.remove_anchor(name);
  transaction.set_rules(name, {});
  for (const auto& [key, table] : anchor.tables) {
    if (!table.persist && names(anchor, key)) transaction.remove_table(name, key);
  }
}

Status flush_tables(const std::string& name, const Anchor& anchor, fastpath::Transaction& transaction,
                    std::size_t& count) {
  for (const auto& [key, table] : anchor.tables) {
    if (names(anchor, key)) {
      return fail(Code::Invalid, "Table " + key + " is used by rules of anchor '" + name + "': flush them first.");
    }
    transaction.remove_table(name, key);
    count++;
  }
  if (anchor.rules.empty()) transaction.remove_anchor(name);
  return {};
}

struct Flushed {
  std::size_t anchors = 0, tables = 0;
};

Result<Flushed> flush_anchors(const Options& options, Kernel kernel) {
  const auto& ruleset = kernel.engine.ruleset();
  auto transaction = kernel.engine.begin();
  Flushed out;
  for (const auto& [name, anchor] : ruleset) {
    if (!options.covers(name)) continue;
    out.anchors++;
    switch (options.flush) {
      case Flush::All:
        out.tables += anchor.tables.size();
        transaction.remove_anchor(name);
        break;
      case Flush::Tables:
        if (auto done = flush_tables(name, anchor, transaction, out.tables); !done)
          return std::unexpected(done.error());
        break;
      default: flush_rules(name, anchor, transaction);
    }
  }
  if (out.anchors == 0 && options.anchored && !options.anchor.empty()) {
    return fail(Code::NotFound, "Anchor '" + printable(options.anchor) + "' does not exist.");
  }
  if (auto done = kernel.engine.commit(transaction); !done) return std::unexpected(done.error());
  return out;
}

Result<std::string> flush_info(Kernel kernel) {
  if (auto done = kernel.maps.clear_reasons(); !done) return std::unexpected(done.error());
  const auto now = std::chrono::system_clock::to_time_t(kernel.clock.wall());
  kernel.maps.views().globals->since = static_cast<std::uint64_t>(now);
  return "pf: statistics cleared\n";
}

}  // namespace

Result<Answer> flush(const Options& options, Kernel kernel) {
  Answer out;
  const bool all = options.flush == Flush::All;
  const bool of_anchors =
      all || options.flush == Flush::Rules || options.flush == Flush::Nat || options.flush == Flush::Tables;
  if (of_anchors) {
    const auto flushed = flush_anchors(options, kernel);
    if (!flushed) return std::unexpected(flushed.error());
    if (all || options.flush == Flush::Rules) out.err += "rules cleared\n";
    if (all || options.flush == Flush::Nat) out.err += "nat cleared\n";
    if (all || options.flush == Flush::Tables) out.err += fmt::format("{} tables deleted.\n", flushed->tables);
  }
  // States and counters of packets are of all anchors.
  const bool whole = all && !options.anchored;
  if (whole) out.add(end_all_states(kernel.maps, kernel.clock));
  if (whole || options.flush == Flush::Info) {
    const auto text = flush_info(kernel);
    if (!text) return std::unexpected(text.error());
    out.err += *text;
  }
  return out;
}

Result<Answer> zero_rules(const Options& options, Kernel kernel) {
  std::vector<std::uint32_t> indexes;
  for (const auto& anchor : fastpath::read_inventory(kernel.maps.views()).anchors) {
    if (!options.covers(anchor.name)) continue;
    for (const auto& rule : anchor.rules) indexes.push_back(rule.index);
  }
  if (auto done = kernel.maps.clear_rule_stats(indexes); !done) return std::unexpected(done.error());
  return Answer{.err = "pf: rule counters cleared\n"};
}

}  // namespace hcd::hcpfctl
