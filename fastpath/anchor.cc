#include "fastpath/anchor.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "fastpath/base/text.h"

namespace hcd::fastpath {
namespace {

constexpr std::size_t kAnchorMax = 127;
constexpr std::size_t kComponentMax = 63;

Status check_name(const std::string& name) {
  const std::string context = "anchor \"" + printable(name) + "\": ";
  if (name.size() > kAnchorMax) {
    return fail(Code::Limit, context + "the name is longer than " + std::to_string(kAnchorMax) + " characters");
  }
  for (const std::string_view part : split(name, '/')) {
    if (part.empty()) return fail(Code::Invalid, context + "a part of the name is empty");
    if (part.size() > kComponentMax) {
      return fail(Code::Limit, context + "a part is longer than " + std::to_string(kComponentMax) + " characters");
    }
    // `*` asks pfctl for all anchors below, so it is no anchor's own name.
    if (!std::ranges::all_of(part, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '*'; })) {
      return fail(Code::Invalid, context + "the name holds a blank, a quote, a star or a control character");
    }
  }
  return {};
}

Status check_rule(const Rule& rule, const Anchor& anchor) {
  if (const auto sound = validate(rule); !sound) return sound;
  const std::string context = "rule for " + endpoint_text(rule.to, rule.port) + ": ";
  const auto table = anchor.tables.find(rule.table);
  if (table == anchor.tables.end()) {
    return fail(Code::NotFound, context + "table " + rule.table + " does not exist");
  }
  for (const TableEntry& entry : table->second.entries) {
    if (entry.address.family == rule.to.family) continue;
    return fail(Code::Invalid,
                context + "table " + rule.table + ": " + entry.address.text() + " is of the other family");
  }
  return {};
}

Status check_table(const std::string& key, const Table& table) {
  if (key != table.name) return fail(Code::Invalid, "table " + printable(key) + " is named " + printable(table.name));
  const auto sound = make_table(table.name, table.entries);
  if (!sound) return std::unexpected(sound.error());
  if (sound->entries != table.entries) return fail(Code::Invalid, "table " + key + " is not in ascending order");
  return {};
}

// The claims of all rules so far: who redirects an address, port and protocol, and on which interfaces.
class Claims {
 public:
  Status add(const std::string& anchor, const Rule& rule) {
    auto& claimed = by_destination_[{rule.to, rule.port, rule.proto}];
    for (const Claim& other : claimed) {
      const bool apart = !other.interface->empty() && !rule.interface.empty() && *other.interface != rule.interface;
      if (apart) continue;
      const std::string what = endpoint_text(rule.to, rule.port) + (rule.proto == Proto::Tcp ? "/tcp" : "/udp");
      if (*other.anchor == anchor) return fail(Code::Exists, what + " is redirected twice");
      return fail(Code::Exists, what + " is already redirected by anchor \"" + *other.anchor + "\"");
    }
    claimed.push_back({&anchor, &rule.interface});
    return {};
  }

 private:
  struct Claim {
    const std::string* anchor;
    const std::string* interface;
  };
  std::map<std::tuple<Address, std::uint16_t, Proto>, std::vector<Claim>> by_destination_;
};

Status check_anchor(const std::string& name, const Anchor& anchor, Claims& claims) {
  for (const auto& [key, table] : anchor.tables) {
    if (const auto sound = check_table(key, table); !sound) return sound;
  }
  for (const Rule& rule : anchor.rules) {
    if (const auto sound = check_rule(rule, anchor); !sound) return sound;
    if (const auto sound = claims.add(name, rule); !sound) return sound;
  }
  return {};
}

}  // namespace

Status validate(const Ruleset& ruleset) {
  Claims claims;
  for (const auto& [name, anchor] : ruleset) {
    if (const auto sound = check_name(name); !sound) return sound;
    if (const auto sound = check_anchor(name, anchor, claims); !sound) {
      return fail_in("anchor \"" + name + "\"", sound.error());
    }
  }
  return {};
}

}  // namespace hcd::fastpath
