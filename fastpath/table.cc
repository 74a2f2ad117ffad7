#include "fastpath/table.h"

#include <algorithm>

#include "fastpath/base/text.h"

namespace hcd::fastpath {
namespace {

constexpr std::uint16_t kWeightMax = 1000;

Status check_name(std::string_view name) {
  if (name.empty()) return fail(Code::Invalid, "a table needs a name");
  if (name.size() > kTableNameMax) {
    return fail(Code::Limit, "table " + printable(name) + ": the name is longer than " + std::to_string(kTableNameMax) +
                                 " characters");
  }
  // pfctl encloses the name in < > and lists tables separated by blanks.
  const bool sound = std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != '<' && c != '>'; });
  if (!sound) {
    return fail(Code::Invalid,
                "table " + printable(name) + ": the name holds a blank, a bracket or a control character");
  }
  return {};
}

}  // namespace

Result<Table> make_table(std::string_view name, std::vector<TableEntry> entries) {
  if (const auto sound = check_name(name); !sound) return std::unexpected(sound.error());
  const std::string context = "table " + std::string(name) + ": ";
  std::ranges::sort(entries);
  for (std::size_t i = 0; i < entries.size(); i++) {
    const TableEntry& entry = entries[i];
    if (entry.address.family == Family::None) return fail(Code::Invalid, context + "an address has no family");
    if (entry.weight < 1 || entry.weight > kWeightMax) {
      return fail(Code::Invalid, context + entry.address.text() + ": weight " + std::to_string(entry.weight) +
                                     " is not within 1 and " + std::to_string(kWeightMax));
    }
    if (i > 0 && entries[i - 1].address == entry.address) {
      return fail(Code::Exists, context + entry.address.text() + " given twice");
    }
  }
  return Table{std::string(name), std::move(entries)};
}

}  // namespace hcd::fastpath
