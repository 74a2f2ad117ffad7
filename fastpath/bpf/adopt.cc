#include "fastpath/bpf/adopt.h"

#include <algorithm>
#include <ranges>
#include <tuple>

#include "fastpath/base/text.h"
#include "fastpath/bpf/apply.h"
#include "fastpath/bpf/record.h"

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
    load_chains();
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
        load_table(table, in.tables[table.name]);
      }
    }
  }

  void load_table(const KnownTable& table, TableSlot& slot) {
    layout_.table_indexes.claim(table.index);
    slot.index = table.index;
    slot.source = table.source;
    for (const KnownMember& member : table.members) {
      layout_.member_indexes.claim(member.index);
      slot.members.push_back({member.entry, member.index});
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
      const abi::hcd_rule_info info = views_.rule_infos[i];
      if (record.to.family == 0 && record.ring == 0 && info.anchor == 0) continue;
      if (Endpoint::of(record.to).address.family == Family::None || !layout_.rule_indexes.claim(i)) {
        views_.rules[i] = {};
        views_.rule_infos[i] = {};
        continue;
      }
      const auto known = in_force.find(i);
      if (known == in_force.end()) {
        load_retired(i, record, info);
      } else {
        load_rule(*known->second.first, *known->second.second, record);
      }
    }
  }

  void load_rule(const KnownAnchor& anchor, const KnownRule& known, const abi::hcd_rule& record) {
    RuleSlot slot{.key = key_of(known.rule),
                  .index = known.index,
                  .in_force = true,
                  .anchor = anchor.name,
                  .number = known.number,
                  .rule = known.rule};
    load_ring(slot, record.ring);
    load_timeouts(slot, record);
    if (known.own.index != 0) load_table(known.own, slot.own);
    layout_.anchors.at(slot.anchor).rules.insert(known.index);
    layout_.rule_of[slot.key] = known.index;
    layout_.rules.emplace(known.index, std::move(slot));
  }

  // It only serves its states. It may come back into force, but for one whose sources are not known any more.
  void load_retired(std::uint32_t index, const abi::hcd_rule& record, const abi::hcd_rule_info& info) {
    RuleSlot slot{.index = index, .rule = rule_of(record, info)};
    slot.key = key_of(slot.rule);
    slot.key.to = Endpoint::of(record.to);
    load_timeouts(slot, record);
    layout_.retired_rules++;
    views_.rules[index].ring = 0;
    views_.rule_infos[index].anchor = 0;
    const bool from = (record.flags & (abi::HCD_RULE_FROM | abi::HCD_RULE_FROM_NOT)) != 0;
    if (!from) layout_.rule_of.try_emplace(slot.key, index);
    layout_.rules.emplace(index, std::move(slot));
  }

  void load_timeouts(RuleSlot& slot, const abi::hcd_rule& record) {
    if (record.timeouts == 0) return;
    if (layout_.timeout_sets.claim(record.timeouts, slot.rule.timeouts)) {
      slot.timeouts = record.timeouts;
    } else {
      views_.rules[slot.index].timeouts = 0;
    }
  }

  // A ring that is not wholly sound counts as none, and is built anew.
  void load_ring(RuleSlot& slot, std::uint64_t word) {
    const Lines lines = lines_of(word);
    const auto slots = static_cast<std::uint32_t>(word);
    const std::uint32_t step = slot.rule.method == Method::LeastStates ? 2 : 1;  // a host and its weight
    std::vector<std::uint32_t> hosts;
    if (lines.count == 0 || std::uint64_t{lines.base} + lines.count > views_.rings.size()) return;
    hosts.reserve(slots);
    for (std::uint32_t i = 0; i < slots; i += step) {
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
      layout_.hosts[host].sum += slot.index;
    }
    slot.lines = lines;
    slot.slots = slots;
    slot.hosts = std::move(hosts);
  }

  void load_chains() {
    for (const auto& [index, slot] : layout_.rules) layout_.chains[slot.key.to].push_back(index);
    for (auto& [to, chain] : layout_.chains) load_chain(to, chain);
  }

  // In order of evaluation, as packets meet them where all is well; those that are not met are only waiting for their end.
  void load_chain(const Endpoint& to, std::vector<std::uint32_t>& chain) {
    std::ranges::sort(chain, [&](std::uint32_t a, std::uint32_t b) { return order_of(a) < order_of(b); });
    std::vector<std::uint32_t> met = walk(to, chain), in_force;
    const auto is_in_force = [&](std::uint32_t index) { return layout_.rules.at(index).in_force; };
    std::ranges::copy_if(met, std::back_inserter(in_force), is_in_force);
    const auto count = static_cast<std::size_t>(std::ranges::count_if(chain, is_in_force));
    if (in_force.size() == count && std::ranges::equal(in_force, chain | std::views::take(count))) {
      std::ranges::copy_if(chain, std::back_inserter(met),
                           [&](std::uint32_t index) { return std::ranges::find(met, index) == met.end(); });
      chain = std::move(met);
    } else if (!met.empty()) {
      fault("the rules for " + to.text() + " were not in their order");
    }
    for (std::size_t i = chain.size(); i-- > 0;) {
      const std::uint32_t next = i + 1 < chain.size() ? chain[i + 1] : 0;
      if (views_.rules[chain[i]].next != next) views_.rules[chain[i]].next = next;
    }
    EndpointIndex in(views_, views_.vips);
    for (std::size_t i = 1; i < chain.size(); i++) {
      if (in.holds(to, chain[i])) in.remove(to, chain[i]);
    }
    index(views_.vips, to, chain.front());
  }

  [[nodiscard]] auto order_of(std::uint32_t index) const
      -> std::tuple<bool, std::string_view, std::uint32_t, std::uint32_t> {
    const RuleSlot& slot = layout_.rules.at(index);
    return {!slot.in_force, slot.anchor, slot.number, index};
  }

  // What a packet meets, as far as it is of this chain.
  std::vector<std::uint32_t> walk(const Endpoint& to, const std::vector<std::uint32_t>& chain) const {
    const EndpointIndex in(views_, views_.vips);
    std::vector<std::uint32_t> out;
    const auto head = std::ranges::find_if(chain, [&](std::uint32_t index) { return in.holds(to, index); });
    for (std::uint32_t at = head == chain.end() ? 0 : *head; at != 0; at = views_.rules[at].next) {
      const bool sound = std::ranges::find(chain, at) != chain.end() && std::ranges::find(out, at) == out.end();
      if (!sound) break;
      out.push_back(at);
    }
    return out;
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
