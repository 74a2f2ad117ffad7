// Writes the names of anchors, tables, addresses and rules: what the tools read, and adoption. The packet path does not.
#pragma once
#include "fastpath/bpf/layout.h"
#include "fastpath/bpf/plan.h"

namespace hcd::fastpath {

class NameWriter {
 public:
  // `now`: seconds since the epoch, for the counters of what is made.
  NameWriter(Layout& layout, const Views& views, std::uint64_t now) : layout_(layout), views_(views), now_(now) {}

  // Removals first, so that what was checked against the limits has room. The layout's rules are those after the commit.
  void write(const std::vector<Change>& changes, const Plan& plan);

 private:
  void remove_anchor(const std::string& name);
  void forget(const TableSlot& table);
  void drop_members(const TableSet& set);
  AnchorSlot& anchor(const std::string& name);  // made where there is none
  void write_table(const TableSet& set, const Plan& plan);
  void mark_sources(const std::string& name, const std::set<std::string>& sources);
  std::uint32_t write_member(std::uint32_t table, const TableEntry& entry);
  void write_rule(const PlannedRule& planned);

  Layout& layout_;
  const Views& views_;
  std::uint64_t now_;
  const std::set<std::uint32_t>* reused_ = nullptr;  // the plan's
};

}  // namespace hcd::fastpath
