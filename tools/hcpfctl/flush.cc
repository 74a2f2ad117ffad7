#include "tools/hcpfctl/flush.h"

#include <algorithm>

#include <fmt/format.h>

#include "fastpath/base/text.h"
#include "tools/hcpfctl/act.h"

namespace hcd::hcpfctl {
namespace {

using fastpath::Anchor;

bool names(const Anchor& anchor, const std::string& table) {
  return std::ranges::any_of(anchor.rules, [&](const fastpath::Rule& rule) { return rule.names(table); });
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
  if (whole) out.add(drop_all_sources(kernel.maps, kernel.clock));
  if (!whole) return out;
  auto cleared = clear_info(kernel.maps, kernel.clock);
  if (!cleared) return cleared;
  out.add(std::move(*cleared));
  return out;
}

}  // namespace hcd::hcpfctl
