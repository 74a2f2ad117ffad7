// A rule in the two forms that the maps have of it: the record that the packet path reads, and the names that only people do.
// Tables stand there by their index; what a rule names them is for whoever knows the tables.
#pragma once
#include <cstring>
#include <string>

#include "fastpath/rule.h"
#include "kmod/hcd_abi.h"

namespace hcd::fastpath {

// Of other rules and tables, by index. 0: none.
struct RuleLinks {
  std::uint32_t from = 0, overload = 0;
  std::uint32_t timeouts = 0;  // the set that its timeouts are in
};

// All but what puts it in force: `ring` is 0, `next` too.
[[nodiscard]] abi::hcd_rule record_of(const Rule& rule, const RuleLinks& links, const abi::hcd_globals& globals);
[[nodiscard]] std::uint32_t method_of(const Rule& rule);  // enum hcd_method
[[nodiscard]] std::uint32_t flags_of(const Rule& rule);   // enum hcd_rule_flags

// All but anchor, table and number, which are kept.
void describe(const Rule& rule, abi::hcd_rule_info& info);

// Back from both, but for tables and networks. The rule need not be sound: whoever wrote the maps may have been anybody.
[[nodiscard]] Rule rule_of(const abi::hcd_rule& record, const abi::hcd_rule_info& info);

// A name out of a field that need not end with a NUL, and into one that does.
template <std::size_t N>
[[nodiscard]] std::string name_in(const char (&field)[N]) {
  return {field, strnlen(field, N)};
}
template <std::size_t N>
void put_name(char (&field)[N], const std::string& name) {
  std::memset(field, 0, N);
  name.copy(field, N - 1);
}

}  // namespace hcd::fastpath
