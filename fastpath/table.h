// A table: a named set of addresses and networks, kept in ascending address order (the order in which pf walks one). A rule
// redirects to a table of addresses, each with a weight; as a rule's source a table may hold networks, and exceptions
// from them.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fastpath/base/address.h"
#include "fastpath/base/error.h"
#include "fastpath/rule.h"

namespace hcd::fastpath {

inline constexpr std::uint16_t kWeightMax = 1000;

struct TableEntry {
  static constexpr std::uint8_t kWhole = 255;

  Address address;
  std::uint16_t weight = 1;      // 1 to kWeightMax
  std::uint8_t length = kWhole;  // of a network, bits; kWhole: an address
  bool negated = false;          // "!": an exception
  friend auto operator<=>(const TableEntry&, const TableEntry&) = default;

  [[nodiscard]] bool is_address() const { return length == kWhole && !negated; }
  [[nodiscard]] Network network() const;
  // What the entries of a table are ordered by, and none has in common with another.
  [[nodiscard]] auto place() const { return std::pair(address, length); }
  [[nodiscard]] std::string text() const;  // "!10.1.0.0/16", as pfctl prints it in a table, without the weight
};

struct Table {
  std::string name;                 // at most 31 characters (pf's limit)
  std::vector<TableEntry> entries;  // ascending by address, then length; none twice
  bool persist = false;             // stays when no rule names it any more
  bool constant = false;            // `const`: tools do not change it
  friend bool operator==(const Table&, const Table&) = default;
};

inline constexpr std::size_t kTableNameMax = 31;

// Sorts the entries; refuses an address given twice ("table www: 10.0.0.1 given twice"), a weight out of range, a network
// with bits behind its length, a bad name.
[[nodiscard]] Result<Table> make_table(std::string_view name, std::vector<TableEntry> entries);

// A network as a table's entry.
[[nodiscard]] TableEntry entry_of(const Network& network);

// The network's address, without the bits behind its length.
[[nodiscard]] Address masked(const Network& network);
[[nodiscard]] bool holds(const Network& network, const Address& address);

}  // namespace hcd::fastpath
