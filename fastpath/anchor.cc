#include "fastpath/anchor.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "fastpath/base/text.h"

namespace hcd::fastpath {
namespace {

constexpr std::size_t kAnchorMax = 127;
constexpr std::size_t kComponentMax = 63;

Status check_pool(const Rule& rule, const Table& table) {
  for (const TableEntry& entry : table.entries) {
    if (entry.address.family != rule.to.family) {
      return fail(Code::Invalid, "table " + rule.table + ": " + entry.text() + " is of the other family");
    }
    if (!entry.is_address()) {
      return fail(Code::Invalid, "table " + rule.table + ": " + entry.text() + " is no address to redirect to");
    }
  }
  return {};
}

std::string what_of(const Rule& rule) {
  return destination_text(rule) + (rule.proto == Proto::Tcp ? "/tcp" : "/udp");
}

// Whose chain a rule is in: that of its port, or that of all rules for more than one.
auto place_of(const Rule& rule) {
  const auto port = static_cast<std::uint16_t>(rule.many_ports() ? 0 : rule.port);
  return std::tuple(rule.to, port, rule.proto);
}

}  // namespace

Status check_anchor_name(const std::string& name) {
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

Status check_table(const std::string& key, const Table& table) {
  if (key != table.name) return fail(Code::Invalid, "table " + printable(key) + " is named " + printable(table.name));
  const auto sound = make_table(table.name, table.entries);
  if (!sound) return std::unexpected(sound.error());
  if (sound->entries != table.entries) return fail(Code::Invalid, "table " + key + " is not in ascending order");
  return {};
}

Status check_rule_tables(const Rule& rule, const FindTable& find) {
  const Table* pool = find(rule.table);
  for (const std::string* name : rule.tables()) {
    if (name->empty() || find(*name) != nullptr) continue;
    return fail(Code::NotFound, "rule for " + destination_text(rule) + ": table " + *name + " does not exist");
  }
  if (auto sound = check_pool(rule, *pool); !sound) {
    return fail_in("rule for " + destination_text(rule), sound.error());
  }
  return {};
}

Status check_rule(const Rule& rule, const FindTable& find) {
  if (const auto sound = validate(rule); !sound) return sound;
  return check_rule_tables(rule, find);
}

void Claims::add(const std::string& anchor, const Rule& rule) {
  claims_.push_back({&anchor, &rule, claims_.size()});
}

bool Claims::before(const Claim& a, const Claim& b) {
  return place_of(*a.rule) < place_of(*b.rule);
}

void Claims::sort() {
  std::ranges::sort(claims_, [](const Claim& a, const Claim& b) {
    const auto left = place_of(*a.rule), right = place_of(*b.rule);
    return left != right ? left < right : std::tie(*a.anchor, a.number) < std::tie(*b.anchor, b.number);
  });
}

void Claims::close() {
  sort();
  closed_ = claims_.size();
}

void Claims::add_if_claimed(const std::string& anchor, const Rule& rule) {
  const Claim claim{&anchor, &rule, claims_.size()};
  const auto end = claims_.begin() + static_cast<std::ptrdiff_t>(closed_);
  if (std::binary_search(claims_.begin(), end, claim, before)) claims_.push_back(claim);
}

Status Claims::apart(const Claim& first, const Claim& second) {
  const Rule &a = *first.rule, &b = *second.rule;
  // The second takes what the first leaves.
  if (!a.interface.empty() && a.interface != b.interface) return {};
  if (a.last() < b.first() || b.last() < a.first()) return {};
  const bool same_source = a.from == b.from && (a.from.table.empty() || *first.anchor == *second.anchor);
  if (!same_source && !a.from.any()) return {};
  const bool wider = b.first() <= a.first() && a.last() <= b.last() && a.last() - a.first() < b.last() - b.first();
  if (wider) return {};
  if (*first.anchor == *second.anchor) return fail(Code::Exists, what_of(b) + " is redirected twice");
  return fail(Code::Exists, what_of(b) + " is already redirected by anchor \"" + *first.anchor + "\"");
}

Status Claims::check() {
  const auto clash = find_clash();
  if (clash) return std::unexpected(clash->error);
  return {};
}

std::optional<Claims::Clash> Claims::find_clash() {
  if (closed_ != claims_.size()) sort();
  for (std::size_t begin = 0, end = 0; begin < claims_.size(); begin = end) {
    while (end < claims_.size() && !before(claims_[begin], claims_[end])) end++;
    const auto refused = [&](const Error& error, const Claim& earlier, const Claim& later) {
      return Clash{earlier.rule, later.rule, error.in("anchor \"" + *later.anchor + "\"")};
    };
    if (end - begin > kClaimsMax) {
      const Error error{Code::Limit, 0,
                        "more than " + std::to_string(kClaimsMax) + " rules for " + what_of(*claims_[begin].rule)};
      return refused(error, claims_[begin], claims_[begin + kClaimsMax]);
    }
    for (std::size_t second = begin + 1; second < end; second++) {
      for (std::size_t first = begin; first < second; first++) {
        if (auto status = apart(claims_[first], claims_[second]); !status) {
          return refused(status.error(), claims_[first], claims_[second]);
        }
      }
    }
  }
  return std::nullopt;
}

Status validate(const Ruleset& ruleset) {
  Claims claims;
  for (const auto& [name, anchor] : ruleset) {
    if (const auto sound = check_anchor_name(name); !sound) return sound;
    const std::string context = "anchor \"" + name + "\"";
    for (const auto& [key, table] : anchor.tables) {
      if (const auto sound = check_table(key, table); !sound) return fail_in(context, sound.error());
    }
    const auto find = [&tables = anchor.tables](const std::string& table) {
      const auto found = tables.find(table);
      return found == tables.end() ? nullptr : &found->second;
    };
    for (const Rule& rule : anchor.rules) {
      if (const auto sound = check_rule(rule, find); !sound) return fail_in(context, sound.error());
      claims.add(name, rule);
    }
  }
  return claims.check();
}

}  // namespace hcd::fastpath
