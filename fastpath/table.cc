#include "fastpath/table.h"

#include <algorithm>

#include "fastpath/base/text.h"

namespace hcd::fastpath {
namespace {

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

Status check_entry(const TableEntry& entry) {
  if (entry.address.family == Family::None) return fail(Code::Invalid, "an address has no family");
  if (entry.weight < 1 || entry.weight > kWeightMax) {
    return fail(Code::Invalid, entry.text() + ": weight " + std::to_string(entry.weight) + " is not within 1 and " +
                                   std::to_string(kWeightMax));
  }
  if (entry.length == TableEntry::kWhole) return {};
  if (entry.length > 8 * entry.address.size()) return fail(Code::Invalid, entry.text() + " is longer than an address");
  if (masked(entry.network()) != entry.address) {
    return fail(Code::Invalid, entry.text() + " has bits set behind its length");
  }
  return {};
}

}  // namespace

Network TableEntry::network() const {
  const auto whole = static_cast<std::uint8_t>(8 * address.size());
  return {address, length == kWhole ? whole : length};
}

std::string TableEntry::text() const {
  return (negated ? "!" : "") + network().text();
}

TableEntry entry_of(const Network& network) {
  const bool whole = network.length == 8 * network.address.size();
  return {.address = network.address, .length = whole ? TableEntry::kWhole : network.length};
}

Address masked(const Network& network) {
  Address out = network.address;
  for (std::size_t bit = network.length; bit < 8 * out.size(); bit++) {
    out.bytes[bit / 8] = static_cast<std::uint8_t>(out.bytes[bit / 8] & ~(0x80U >> bit % 8));
  }
  return out;
}

bool holds(const Network& network, const Address& address) {
  return address.family == network.address.family && masked({address, network.length}) == network.address;
}

Result<Table> make_table(std::string_view name, std::vector<TableEntry> entries) {
  if (const auto sound = check_name(name); !sound) return std::unexpected(sound.error());
  const std::string context = "table " + std::string(name);
  for (TableEntry& entry : entries) {
    if (entry.length == 8 * entry.address.size()) entry.length = TableEntry::kWhole;
    if (const auto sound = check_entry(entry); !sound) return fail_in(context, sound.error());
  }
  if (!std::ranges::is_sorted(entries, {}, &TableEntry::place)) std::ranges::sort(entries, {}, &TableEntry::place);
  const auto twice = std::ranges::adjacent_find(entries, {}, &TableEntry::place);
  if (twice != entries.end()) return fail(Code::Exists, context + ": " + twice->network().text() + " given twice");
  return Table{std::string(name), std::move(entries)};
}

}  // namespace hcd::fastpath
