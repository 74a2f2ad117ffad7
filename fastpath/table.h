// A table: a named set of addresses, each with a weight, kept in ascending address order (the order in which pf walks
// one).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fastpath/base/address.h"
#include "fastpath/base/error.h"

namespace hcd::fastpath {

struct TableEntry {
  Address address;
  std::uint16_t weight = 1;  // 1 to 1000
  friend auto operator<=>(const TableEntry&, const TableEntry&) = default;
};

struct Table {
  std::string name;                 // at most 31 characters (pf's limit)
  std::vector<TableEntry> entries;  // ascending by address, none twice
  friend bool operator==(const Table&, const Table&) = default;
};

inline constexpr std::size_t kTableNameMax = 31;

// Sorts the entries; refuses an address given twice ("table www: 10.0.0.1 given twice"), a weight out of range, a bad
// name.
[[nodiscard]] Result<Table> make_table(std::string_view name, std::vector<TableEntry> entries);

}  // namespace hcd::fastpath
