// An anchor holds rules and the tables they name, and is replaced as a whole. A Ruleset is all anchors by their full
// name, evaluated in that order.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "fastpath/rule.h"
#include "fastpath/table.h"

namespace hcd::fastpath {

struct Anchor {
  std::vector<Rule> rules;              // in order of evaluation
  std::map<std::string, Table> tables;  // by name
  friend bool operator==(const Anchor&, const Anchor&) = default;
};

using Ruleset = std::map<std::string, Anchor>;  // "hcd/www"

// Rules for one address, port and protocol at most, told apart by interface, source or range of ports: half of those that a
// packet meets at most, so that all of them can be replaced at once.
inline constexpr std::size_t kClaimsMax = 32;

// A whole ruleset is sound: every rule's tables exist in its anchor, families of rule and table agree, names and numbers are
// within limits, and no two rules claim one destination where neither interface nor source tells them apart. Of two rules
// that do overlap the first in order of evaluation has the packet, a rule for one port before any for more: a rule that
// could never have one is refused.
[[nodiscard]] Status validate(const Ruleset& ruleset);

// Parts of the same, for who knows that the rest is sound.
[[nodiscard]] Status check_anchor_name(const std::string& name);
[[nodiscard]] Status check_table(const std::string& key, const Table& table);
using FindTable = std::function<const Table*(const std::string& name)>;
[[nodiscard]] Status check_rule(const Rule& rule, const FindTable& find);         // and its tables
[[nodiscard]] Status check_rule_tables(const Rule& rule, const FindTable& find);  // of a rule that is sound in itself

// The claims of rules on destinations, added in order of evaluation.
class Claims {
 public:
  void add(const std::string& anchor, const Rule& rule);  // both must outlive this
  // Only claims on what was added before.
  void add_if_claimed(const std::string& anchor, const Rule& rule);
  void close();  // from here on add_if_claimed() alone
  [[nodiscard]] bool empty() const { return claims_.empty(); }
  [[nodiscard]] Status check();

  struct Clash {  // the later rule is refused because of the earlier one
    const Rule *earlier, *later;
    Error error;
  };
  [[nodiscard]] std::optional<Clash> find_clash();

 private:
  struct Claim {
    const std::string* anchor;
    const Rule* rule;
    std::size_t number;  // of all added of this anchor
  };
  [[nodiscard]] static bool before(const Claim& a, const Claim& b);
  void sort();  // by what is claimed, then in order of evaluation
  [[nodiscard]] static Status apart(const Claim& first, const Claim& second);

  std::vector<Claim> claims_;
  std::size_t closed_ = 0;
};

}  // namespace hcd::fastpath
