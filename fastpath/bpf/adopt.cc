#include "fastpath/bpf/adopt.h"

#include <algorithm>
#include <cstring>

#include "fastpath/base/text.h"
#include "fastpath/bpf/apply.h"

namespace hcd::fastpath {
namespace {

class Adoption {
 public:
  Adoption(Layout& layout, const Views& views) : layout_(layout), views_(views), inventory_(read_inventory(views)) {}

  Adopted run() {
    Adopted out;
    out.ruleset = sound_ruleset(inventory_);
    load_hosts();
    load_names(out.ruleset);
    load_rules(out.ruleset);
    clear_names();
    mend(views_.vips, "virtual addresses",
         [&](std::uint32_t i) { return i < views_.rules.size() ? Endpoint::of(views_.rules[i].to) : Endpoint{}; });
    mend(views_.endpoints, "hosts",
         [&](std::uint32_t i) { return i < views_.hosts.size() ? Endpoint::of(views_.hosts[i].at) : Endpoint{}; });
    for (const auto& [number, slot] : layout_.rules) index(views_.vips, slot.key.to, number);
    for (const auto& [at, number] : layout_.host_of) index(views_.endpoints, at, number);
    out.faults = std::move(inventory_.faults);
    return out;
  }

 private:
  void fault(std::string what) { inventory_.faults.push_back(std::move(what)); }

  void load_hosts() {
    for (std::uint32_t i = 1; i < views_.hosts.size(); i++) {
      const abi::hcd_host record = views_.hosts[i];
      if (record.flags == 0) continue;
      const Endpoint at = Endpoint::of(record.at);
      if (at.address.family != Family::None && !layout_.host_of.contains(at) && layout_.host_indexes.claim(i)) {
        layout_.host_of[at] = i;
        layout_.hosts[i] = {.at = at};
        layout_.idle_hosts++;
      } else {
        fault("host " + std::to_string(i) + " has no address or is there twice");
        views_.hosts[i] = {};
      }
    }
  }

  void load_names(const Ruleset& ruleset) {
    for (const KnownAnchor& anchor : inventory_.anchors) {
      if (!ruleset.contains(anchor.name) || layout_.anchors.contains(anchor.name)) continue;
      layout_.anchor_indexes.claim(anchor.index);
      AnchorSlot& in = layout_.anchors[anchor.name];
      in.index = anchor.index;
      for (const KnownTable& table : anchor.tables) {
        const bool sound = ruleset.at(anchor.name).tables.contains(table.name);
        if (!sound || in.tables.contains(table.name)) continue;
        layout_.table_indexes.claim(table.index);
        TableSlot& slot = in.tables[table.name];
        slot.index = table.index;
        for (const KnownMember& member : table.members) {
          layout_.member_indexes.claim(member.index);
          slot.members.push_back({member.entry, member.index});
        }
      }
    }
  }

  void load_rules(const Ruleset& ruleset) {
    std::map<std::uint32_t, std::pair<const KnownAnchor*, const KnownRule*>> in_force;
    for (const KnownAnchor& anchor : inventory_.anchors) {
      if (!ruleset.contains(anchor.name)) continue;
      for (const KnownRule& rule : anchor.rules) in_force[rule.index] = {&anchor, &rule};
    }
    for (std::uint32_t i = 1; i < views_.rules.size(); i++) {
      const abi::hcd_rule record = views_.rules[i];
      const abi::hcd_rule_info& info = views_.rule_infos[i];
      if (record.to.family == 0 && record.ring == 0 && info.anchor == 0) continue;
      RuleKey key{Endpoint::of(record.to), {info.interface, strnlen(info.interface, sizeof info.interface)}};
      const auto known = in_force.find(i);
      if (key.to.address.family == Family::None || layout_.find(key) != nullptr || !layout_.rule_indexes.claim(i)) {
        views_.rules[i] = {};
        views_.rule_infos[i] = {};
        continue;
      }
      RuleSlot slot{.key = key, .index = i};
      slot.rule = {.interface = key.interface, .proto = key.to.proto, .to = key.to.address, .port = key.to.port};
      slot.rule.method = record.method == abi::HCD_SOURCE_HASH ? Method::SourceHash : Method::RoundRobin;
      if (known != in_force.end()) {
        slot.in_force = true;
        slot.anchor = known->second.first->name;
        slot.number = known->second.second->number;
        slot.rule = known->second.second->rule;
        load_ring(slot, record.ring);
        layout_.anchors.at(slot.anchor).rules.insert(i);
      } else {
        layout_.retired_rules++;
        views_.rules[i].ring = 0;
        views_.rule_infos[i].anchor = 0;
      }
      layout_.rule_of.emplace(std::move(key), i);
      layout_.rules.emplace(i, std::move(slot));
    }
  }

  // A ring that is not wholly sound counts as none, and is built anew.
  void load_ring(RuleSlot& slot, std::uint64_t word) {
    const Lines lines = lines_of(word);
    const auto slots = static_cast<std::uint32_t>(word);
    std::vector<std::uint32_t> hosts;
    if (lines.count == 0 || std::uint64_t{lines.base} + lines.count > views_.rings.size()) return;
    hosts.reserve(slots);
    for (std::uint32_t i = 0; i < slots; i++) {
      hosts.push_back(views_.rings[lines.base + i / abi::HCD_RING_LINE].host[i % abi::HCD_RING_LINE]);
    }
    std::ranges::sort(hosts);
    const auto rest = std::ranges::unique(hosts);
    hosts.erase(rest.begin(), rest.end());
    const bool known =
        std::ranges::all_of(hosts, [&](std::uint32_t host) { return host != 0 && layout_.host_indexes.holds(host); });
    if (!known || !layout_.rings.claim(lines)) return;
    for (const std::uint32_t host : hosts) {
      if (layout_.hosts[host].rules++ == 0) layout_.idle_hosts--;
    }
    slot.lines = lines;
    slot.slots = slots;
    slot.hosts = std::move(hosts);
  }

  // Names that nothing sound holds.
  void clear_names() {
    const auto clear = [](auto records, const IndexSet& taken) {
      for (std::uint32_t i = 1; i < records.size(); i++) {
        if (!taken.holds(i)) records[i] = {};
      }
    };
    clear(views_.anchors, layout_.anchor_indexes);
    clear(views_.tables, layout_.table_indexes);
    clear(views_.members, layout_.member_indexes);
  }

  // Takes entries out of an index that lead to a record of another endpoint, or to none.
  template <class EndpointAt>
  void mend(std::span<abi::hcd_index_line> lines, const char* what, const EndpointAt& endpoint_at) {
    EndpointIndex in(views_, lines);
    bool wrong = false;
    for (abi::hcd_index_line& line : lines) {
      for (__u64& entry : line.entry) {
        const auto index = static_cast<std::uint32_t>(entry);
        if (index == 0) continue;
        const Endpoint at = endpoint_at(index);
        if (at.address.family != Family::None && in.holds(at, index)) continue;
        entry = entry >> 32 << 32;  // a grave: the search goes on behind it
        wrong = true;
      }
    }
    if (wrong) fault(std::string("the index of ") + what + " led astray");
  }

  void index(std::span<abi::hcd_index_line> lines, const Endpoint& at, std::uint32_t number) {
    EndpointIndex in(views_, lines);
    if (in.holds(at, number)) return;
    fault(at.text() + " was not in its index");
    if (!in.put(at, number)) fault(at.text() + ": the index has no room for it");
  }

  Layout& layout_;
  const Views& views_;
  Inventory inventory_;
};

}  // namespace

Adopted adopt(Layout& layout, const Views& views) {
  return Adoption(layout, views).run();
}

}  // namespace hcd::fastpath
