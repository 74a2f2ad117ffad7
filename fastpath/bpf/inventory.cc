#include "fastpath/bpf/inventory.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <optional>

#include "fastpath/base/text.h"
#include "fastpath/bpf/endpoint.h"
#include "fastpath/bpf/record.h"

namespace hcd::fastpath {
namespace {

// One reading. The records are copied before they are looked at: they may change under our eyes.
class Reading {
 public:
  explicit Reading(const Views& views) : views_(views) {}

  Inventory read() {
    read_anchors();
    read_tables();
    read_members();
    for (auto& [index, table] : tables_) {
      std::ranges::sort(table.known.members, {}, [](const KnownMember& member) { return member.entry.place(); });
    }
    read_rules();
    for (auto& [index, table] : tables_) {
      if (!table.own) anchors_.at(table.anchor).tables.push_back(std::move(table.known));
    }
    for (auto& [index, anchor] : anchors_) {
      std::ranges::sort(anchor.rules, {}, [](const KnownRule& rule) { return std::pair(rule.number, rule.index); });
      std::ranges::sort(anchor.tables, {}, &KnownTable::name);
      out_.anchors.push_back(std::move(anchor));
    }
    std::ranges::sort(out_.anchors, {}, &KnownAnchor::name);
    return std::move(out_);
  }

 private:
  struct PendingTable {
    std::uint32_t anchor;
    KnownTable known;
    bool own = false;  // of the networks that a rule names itself
  };

  void fault(std::string what) { out_.faults.push_back(std::move(what)); }

  void read_anchors() {
    for (std::uint32_t i = 1; i < views_.anchors.size(); i++) {
      const abi::hcd_anchor_info info = views_.anchors[i];
      if (info.name[0] != 0) anchors_[i] = {.index = i, .name = name_in(info.name)};
    }
  }

  void read_tables() {
    for (std::uint32_t i = 1; i < views_.tables.size(); i++) {
      const abi::hcd_table_info info = views_.tables[i];
      if (info.anchor == 0) continue;
      const std::string name = name_in(info.name);
      if (anchors_.contains(info.anchor)) {
        tables_[i] = {info.anchor,
                      {.index = i,
                       .name = name,
                       .cleared = info.cleared,
                       .persist = (info.flags & abi::HCD_TABLE_PERSIST) != 0,
                       .constant = (info.flags & abi::HCD_TABLE_CONST) != 0,
                       .source = (info.flags & abi::HCD_TABLE_SOURCE) != 0,
                       .members = {}},
                      (info.flags & abi::HCD_TABLE_HIDDEN) != 0};
      } else {
        fault("table " + printable(name) + " is in an anchor that does not exist");
      }
    }
  }

  void read_members() {
    for (std::uint32_t i = 1; i < views_.members.size(); i++) {
      const abi::hcd_member member = views_.members[i];
      if (member.table == 0) continue;
      const auto table = tables_.find(member.table);
      const bool known = member.family == 4 || member.family == 6;
      if (table == tables_.end() || !known || member.weight > UINT16_MAX) {
        fault("address " + std::to_string(i) + " has no table, no family or an impossible weight");
        continue;
      }
      KnownMember& out = table->second.known.members.emplace_back();
      out = {.index = i, .entry = {.weight = static_cast<std::uint16_t>(member.weight)}, .cleared = member.cleared};
      out.entry.address.family = static_cast<Family>(member.family);
      std::memcpy(out.entry.address.bytes.data(), member.addr, out.entry.address.size());
      if (member.prefix != 8 * out.entry.address.size()) out.entry.length = member.prefix;
      out.entry.negated = member.negated != 0;
    }
  }

  void read_rules() {
    for (std::uint32_t i = 1; i < views_.rule_infos.size() && i < views_.rules.size(); i++) {
      const abi::hcd_rule_info info = views_.rule_infos[i];
      if (info.anchor == 0) continue;
      const abi::hcd_rule record = views_.rules[i];
      KnownRule known{.index = i,
                      .number = info.number,
                      .rule = rule_of(record, info),
                      .pid = info.inserted_pid,
                      .uid = info.inserted_uid,
                      .own = {}};
      const auto anchor = anchors_.find(info.anchor);
      if (anchor == anchors_.end() || known.rule.to.family == Family::None || !read_tables_of(record, info, known)) {
        fault("rule " + std::to_string(i) + " has no destination, no anchor or no table");
        continue;
      }
      anchor->second.rules.push_back(std::move(known));
    }
  }

  // The tables that a rule names.
  bool read_tables_of(const abi::hcd_rule& record, const abi::hcd_rule_info& info, KnownRule& known) {
    Rule& rule = known.rule;
    const auto name_of = [&](std::uint32_t index, std::string& name) {
      const auto table = tables_.find(index);
      if (table == tables_.end() || table->second.anchor != info.anchor || table->second.own) return false;
      name = table->second.known.name;
      return true;
    };
    if (!name_of(info.table, rule.table)) return false;
    if (record.overload != 0 && !name_of(record.overload, rule.limits.overload)) return false;
    rule.from.negated = (record.flags & abi::HCD_RULE_FROM_NOT) != 0;
    if (!rule.from.negated && (record.flags & abi::HCD_RULE_FROM) == 0) return true;
    const auto from = tables_.find(record.from);
    if (from == tables_.end() || from->second.anchor != info.anchor) return false;
    if (!from->second.own) return name_of(record.from, rule.from.table);
    known.own = std::move(from->second.known);
    for (const KnownMember& member : known.own.members) rule.from.networks.push_back(member.entry.network());
    return !rule.from.networks.empty();
  }

  const Views& views_;
  std::map<std::uint32_t, KnownAnchor> anchors_;
  std::map<std::uint32_t, PendingTable> tables_;
  Inventory out_;
};

std::uint64_t generation(const Views& views) {
  return std::atomic_ref(views.globals->generation).load(std::memory_order_acquire);
}

Anchor anchor_of(const KnownAnchor& known, std::vector<std::string>& faults) {
  Anchor out;
  for (const KnownTable& table : known.tables) {
    std::vector<TableEntry> entries;
    entries.reserve(table.members.size());
    for (const KnownMember& member : table.members) entries.push_back(member.entry);
    auto made = make_table(table.name, std::move(entries));
    if (made) {
      made->persist = table.persist;
      made->constant = table.constant;
    }
    if (!made) {
      faults.push_back("anchor \"" + printable(known.name) + "\": " + made.error().text);
    } else if (!out.tables.emplace(table.name, std::move(*made)).second) {
      faults.push_back("anchor \"" + printable(known.name) + "\": table " + table.name + " is there twice");
    }
  }
  for (const KnownRule& rule : known.rules) out.rules.push_back(rule.rule);
  return out;
}

}  // namespace

const KnownAnchor* Inventory::find(const std::string& anchor) const {
  const auto at = std::ranges::find(anchors, anchor, &KnownAnchor::name);
  return at == anchors.end() ? nullptr : &*at;
}

Inventory read_inventory(const Views& views) {
  constexpr int kAttempts = 20;  // a commit takes less than a millisecond; a dead one leaves the number odd
  for (int attempt = 1;; attempt++) {
    const std::uint64_t before = generation(views);
    Inventory out = Reading(views).read();
    std::atomic_thread_fence(std::memory_order_acquire);
    if (attempt == kAttempts || (before % 2 == 0 && generation(views) == before)) return out;
  }
}

Ruleset sound_ruleset(Inventory& inventory) {
  Ruleset all;
  for (const KnownAnchor& known : inventory.anchors) all[known.name] = anchor_of(known, inventory.faults);
  if (validate(all)) return all;
  Ruleset out;  // anchor by anchor, to lose no more than the unsound ones
  for (auto& [name, anchor] : all) {
    out[name] = std::move(anchor);
    if (const auto sound = validate(out); !sound) {
      inventory.faults.push_back(sound.error().text);
      out.erase(name);
    }
  }
  return out;
}

}  // namespace hcd::fastpath
