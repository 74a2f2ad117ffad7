// What -T add, delete and replace make of a table's entries, with pf's marks for each address: A added, D deleted, C changed,
// X given twice, Y there with the other sign, blank as it was. Pure.
#pragma once
#include <span>
#include <vector>

#include "fastpath/table.h"

namespace hcd::hcpfctl {

using fastpath::TableEntry;

struct Feedback {
  char mark = ' ';
  TableEntry entry;
};

struct TableEdit {
  std::vector<TableEntry> entries;  // after it, in ascending order
  std::size_t added = 0, deleted = 0, changed = 0;
  std::vector<Feedback> feedback;  // in the order of what was given
};

[[nodiscard]] TableEdit add_to(std::span<const TableEntry> now, std::span<const TableEntry> given);
[[nodiscard]] TableEdit delete_from(std::span<const TableEntry> now, std::span<const TableEntry> given);
[[nodiscard]] TableEdit replace_by(std::span<const TableEntry> now, std::span<const TableEntry> given);

// The entry that decides on the address: the longest network that holds it. Null: none does.
[[nodiscard]] const TableEntry* entry_for(std::span<const TableEntry> entries, const Address& address);

// pf's line: the mark, the sign, the address.
[[nodiscard]] std::string feedback_text(const Feedback& feedback);

}  // namespace hcd::hcpfctl
