#include "fastpath/memory/memory_engine.h"

namespace hcd::fastpath {

Status MemoryEngine::commit(const Transaction& transaction) {
  const auto changes = transaction.changes();
  if (!changes) return std::unexpected(changes.error());
  if (changes->empty()) return {};
  if (guard_) {
    if (auto allowed = guard_(*changes); !allowed) return allowed;
  }
  transaction.apply(ruleset_);
  return {};
}

Result<std::size_t> MemoryEngine::cut(const std::vector<Sessions>& which) {
  cut_.insert(cut_.end(), which.begin(), which.end());
  return 0;
}

Result<Counters> MemoryEngine::rule_counters(const std::string& anchor) const {
  if (!ruleset_.contains(anchor)) return fail(Code::NotFound, "anchor \"" + anchor + "\" does not exist");
  return Counters{};
}

Result<std::vector<AddressCounters>> MemoryEngine::table_counters(const std::string& anchor,
                                                                  const std::string& table) const {
  const auto found = ruleset_.find(anchor);
  if (found == ruleset_.end()) return fail(Code::NotFound, "anchor \"" + anchor + "\" does not exist");
  const auto entries = found->second.tables.find(table);
  if (entries == found->second.tables.end()) return fail(Code::NotFound, "table " + table + " does not exist");
  std::vector<AddressCounters> out;
  for (const TableEntry& entry : entries->second.entries) out.push_back({entry.address, {}});
  return out;
}

}  // namespace hcd::fastpath
