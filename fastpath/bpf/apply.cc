#include "fastpath/bpf/apply.h"

#include <algorithm>
#include <atomic>
#include <ranges>
#include <set>
#include <utility>

#include "fastpath/bpf/names.h"
#include "fastpath/bpf/overloaded.h"
#include "fastpath/bpf/shared.h"
#include "fastpath/bpf/sources.h"
#include "fastpath/bpf/states.h"
#include "kmod/index.h"

namespace hcd::fastpath {
namespace {

using Hosts = std::vector<std::uint32_t>;  // ascending

Hosts without(const Hosts& hosts, const Hosts& others) {
  Hosts out;
  std::ranges::set_difference(hosts, others, std::back_inserter(out));
  return out;
}

}  // namespace

std::uint64_t EndpointIndex::hash(const Endpoint& at) const {
  const abi::hcd_endpoint raw = at.raw();
  return abi::hcd_endpoint_hash({{globals_.seed[0], globals_.seed[1]}}, &raw);
}

bool EndpointIndex::put(const Endpoint& at, std::uint32_t index) {
  return abi::hcd_index_put(lines_.data(), mask(), hash(at), index) != 0;
}

void EndpointIndex::remove(const Endpoint& at, std::uint32_t index) {
  abi::hcd_index_remove(lines_.data(), mask(), hash(at), index);
}

void EndpointIndex::replace(const Endpoint& at, std::uint32_t from, std::uint32_t to) {
  const std::uint64_t where = hash(at);
  for (std::uint32_t probe = 0; probe < abi::HCD_INDEX_PROBES; probe++) {
    for (__u64& entry : lines_[(static_cast<std::uint32_t>(where) + probe) & mask()].entry) {
      if (entry == (abi::hcd_index_tag(where) | from)) return store(entry, __u64{abi::hcd_index_tag(where) | to});
    }
  }
}

bool EndpointIndex::holds(const Endpoint& at, std::uint32_t index) const {
  const std::uint64_t where = hash(at);
  for (std::uint32_t probe = 0; probe < abi::HCD_INDEX_PROBES; probe++) {
    for (const __u64 entry : lines_[(static_cast<std::uint32_t>(where) + probe) & mask()].entry) {
      if (entry == (abi::hcd_index_tag(where) | index)) return true;
    }
  }
  return false;
}

Status Applier::prepare(const Plan& plan) {
  Status status = clear_counters(plan);
  for (const PlannedHost& host : plan.hosts) {
    if (status) status = prepare_host(host);
  }
  for (const PlannedRule& rule : plan.rules) {
    if (status) status = prepare_rule(rule);
    if (!rule.rebuilt) continue;
    const std::vector<std::uint32_t>& slots = rule.ring->slots;
    for (std::size_t i = 0; i < slots.size(); i++) {
      views_.rings[rule.lines.base + i / abi::HCD_RING_LINE].host[i % abi::HCD_RING_LINE] = slots[i];
    }
  }
  // The last that may fail: packets see these at once.
  std::size_t put = 0;
  for (; status && put < plan.networks_in.size(); put++) {
    const NetworkChange& change = plan.networks_in[put];
    status = maps_.put_network(change.table, change.entry.network(), change.entry.negated);
  }
  if (!status) take_back(plan, put);
  return status;
}

Status Applier::clear_counters(const Plan& plan) {
  std::vector<std::uint32_t> hosts, rules;
  for (const PlannedHost& host : plan.hosts) hosts.push_back(host.index);
  for (const PlannedRule& rule : plan.rules) {
    if (rule.fresh) rules.push_back(rule.index);
  }
  if (auto cleared = maps_.clear_host_stats(hosts); !cleared) return cleared;
  return maps_.clear_rule_stats(rules);
}

Status Applier::prepare_host(const PlannedHost& host) {
  views_.hosts[host.index] = {.at = host.at.raw(), .flags = abi::HCD_HOST_USED};
  if (EndpointIndex(views_, views_.endpoints).put(host.at, host.index)) return {};
  return fail(Code::Limit, "host " + host.at.text() + ": the index of " + std::to_string(views_.endpoints.size()) +
                               " lines has no room for it");
}

Status Applier::prepare_rule(const PlannedRule& planned) {
  const Rule& rule = *planned.rule;
  const std::uint32_t flags = (rule.many_ports() ? static_cast<std::uint32_t>(abi::HCD_ANY_PORT_RULES) : 0) |
                              (rule.host_port() == 0 ? static_cast<std::uint32_t>(abi::HCD_ANY_PORT_HOSTS) : 0);
  if ((views_.settings->flags & flags) != flags) store(views_.settings->flags, views_.settings->flags | flags);
  if (planned.links.timeouts != 0) {
    views_.timeout_sets[planned.links.timeouts] =
        timeout_set_of(rule.timeouts, views_.timeout_sets[0], *views_.globals);
  }
  if (!planned.fresh) return {};
  views_.cursors[planned.index] = {};
  views_.rules[planned.index] = record_of(rule, planned.links, *views_.globals);
  if (!planned.first_of_place || EndpointIndex(views_, views_.vips).put(planned.key.to, planned.index)) return {};
  return fail(Code::Limit, "rule for " + destination_text(rule) + ": the index of " +
                               std::to_string(views_.vips.size()) + " lines has no room for it");
}

void Applier::take_back(const Plan& plan, std::size_t put) {
  for (const NetworkChange& change : plan.networks_in | std::views::take(put) | std::views::reverse) {
    // What cannot be undone stays until the table is set again.
    (void)(change.negated_before ? maps_.put_network(change.table, change.entry.network(), *change.negated_before)
                                 : maps_.drop_network(change.table, change.entry.network()));
  }
  for (const PlannedHost& host : plan.hosts) {
    EndpointIndex(views_, views_.endpoints).remove(host.at, host.index);
    views_.hosts[host.index] = {};
  }
  for (const PlannedRule& rule : plan.rules) {
    if (!rule.fresh) continue;
    if (rule.first_of_place) EndpointIndex(views_, views_.vips).remove(rule.key.to, rule.index);
    views_.rules[rule.index] = {};
  }
}

// The rules that come stand in their chains before those that go are out of force, the first before the next, and the last
// goes first: at every moment a packet meets the rule that it met before the commit, or the one that it meets afterwards.
void Applier::switch_over(const Plan& plan, const std::vector<Change>& changes, std::uint64_t now) {
  __u64& generation = views_.globals->generation;
  store(generation, generation | 1);  // odd: readers wait
  std::atomic_thread_fence(std::memory_order_release);
  std::vector<std::pair<std::uint32_t, Hosts>> left;
  for (const PlannedRule& rule : plan.rules) {
    const Hosts before = rule.fresh ? Hosts() : std::move(layout_.rules.at(rule.index).hosts);
    use_hosts(without(rule.ring->hosts, before), rule.index);
    left.emplace_back(rule.index, without(before, rule.ring->hosts));
  }
  for (const PlannedRule& rule : plan.rules) enforce(rule);
  for (const std::uint32_t index : plan.retired) {
    RuleSlot& slot = layout_.rules.at(index);
    left.emplace_back(index, std::move(slot.hosts));
    retire(slot);
  }
  for (const auto& [rule, hosts] : left) leave_hosts(hosts, rule);
  forget_leads(left);
  // Of a network that is not there any more nothing is left to be said.
  for (const NetworkChange& change : plan.networks_out) (void)maps_.drop_network(change.table, change.entry.network());
  forget_overloaded(plan.sources_gone);
  NameWriter(layout_, views_, now).write(changes, plan);
  store(generation, generation + 1);
}

void Applier::enforce(const PlannedRule& planned) {
  const abi::hcd_rule wanted = record_of(*planned.rule, planned.links, *views_.globals);
  abi::hcd_rule& record = views_.rules[planned.index];
  store(record.ifindex, wanted.ifindex);
  store(record.flags, wanted.flags);
  store(record.timeouts, wanted.timeouts);
  store(record.established, wanted.established);
  store(record.from, wanted.from);
  for (const auto field : {&abi::hcd_rule::max_states, &abi::hcd_rule::max_src_nodes, &abi::hcd_rule::max_src_states,
                           &abi::hcd_rule::max_src_conn, &abi::hcd_rule::max_src_rate, &abi::hcd_rule::rate_ticks,
                           &abi::hcd_rule::overload, &abi::hcd_rule::flush}) {
    store(record.*field, wanted.*field);
  }
  for (int i = 0; i < 2; i++) store(record.hash_key[i], __u64{planned.hash_key[i]});
  // Whatever the method, it finds a host of the table in either ring (key_of() keeps rings of pairs apart): between these
  // stores no packet goes astray.
  store(record.method, wanted.method);
  const bool comes = record.ring == 0;
  switch_ring(record, planned.word());
  if (planned.fresh) link(planned);
  if (comes) note_move();
  adopt(planned);
}

// What sources are led to by the version of before is looked for in the new ring (kmod/sticky.bpf.h).
void Applier::switch_ring(abi::hcd_rule& record, std::uint64_t ring) {
  if (record.ring == ring) return;
  store(record.version, record.version + 1);
  store(record.ring, __u64{ring});
  store(record.version, record.version + 1);
}

void Applier::note_move() {
  store(views_.settings->chain_moves, views_.settings->chain_moves + 1);
}

void Applier::link(const PlannedRule& planned) {
  std::vector<std::uint32_t>& chain = layout_.chains[planned.key.to];
  auto place = chain.begin();
  if (planned.after != 0) {
    place = std::ranges::find(chain, planned.after) + 1;
    views_.rules[planned.index].next = views_.rules[planned.after].next;
    store(views_.rules[planned.after].next, planned.index);
  } else if (!chain.empty()) {
    views_.rules[planned.index].next = chain.front();
    EndpointIndex(views_, views_.vips).replace(planned.key.to, chain.front(), planned.index);
  }
  chain.insert(place, planned.index);
}

void Applier::adopt(const PlannedRule& planned) {
  RuleSlot& slot = layout_.rules[planned.index];
  if (planned.fresh) {
    layout_.rule_of[planned.key] = planned.index;
  } else if (slot.in_force) {
    layout_.anchors.at(slot.anchor).rules.erase(planned.index);
  } else {
    layout_.retired_rules--;
  }
  if (slot.lines.count != 0 && slot.lines != planned.lines) layout_.rings.retire(slot.lines);
  layout_.timeout_sets.release(slot.timeouts);
  slot = {.key = planned.key,
          .index = planned.index,
          .in_force = true,
          .anchor = planned.anchor,
          .number = planned.number,
          .rule = *planned.rule,
          .lines = planned.lines,
          .slots = planned.ring->slots.size(),
          .hosts = planned.ring->hosts,
          .timeouts = planned.links.timeouts,
          .own = std::move(slot.own)};
}

void Applier::retire(RuleSlot& slot) {
  store(views_.rules[slot.index].ring, __u64{0});
  note_move();
  layout_.rings.retire(slot.lines);
  layout_.anchors.at(slot.anchor).rules.erase(slot.index);
  layout_.retired_rules++;
  slot.in_force = false;
  slot.lines = {};
  slot.slots = 0;
  slot.hosts.clear();
}

// Which rule leads to it, where only one does.
void Applier::name_rule(std::uint32_t host) {
  const HostSlot& slot = layout_.hosts[host];
  store(views_.hosts[host].rule, slot.rules == 1 ? slot.sum : 0);
}

void Applier::use_hosts(const Hosts& hosts, std::uint32_t rule) {
  for (const std::uint32_t index : hosts) {
    HostSlot& slot = layout_.hosts[index];
    if (slot.rules++ == 0) layout_.idle_hosts--;
    slot.sum += rule;
    name_rule(index);
    store(views_.hosts[index].flags, static_cast<__u32>(abi::HCD_HOST_USED));
  }
}

void Applier::leave_hosts(const Hosts& hosts, std::uint32_t rule) {
  for (const std::uint32_t index : hosts) {
    HostSlot& slot = layout_.hosts[index];
    slot.sum -= rule;
    slot.rules--;
    name_rule(index);
    if (slot.rules != 0) continue;
    layout_.idle_hosts++;
    store(views_.hosts[index].flags, static_cast<__u32>(abi::HCD_HOST_USED | abi::HCD_HOST_DOWN));
  }
}

// pf's nodes go with the host that they point to.
void Applier::forget_leads(const std::vector<std::pair<std::uint32_t, Hosts>>& left) {
  std::set<std::pair<std::uint32_t, std::uint32_t>> gone;
  for (const auto& [rule, hosts] : left) {
    if ((views_.rules[rule].flags & abi::HCD_RULE_STICKY) == 0) continue;
    for (const std::uint32_t host : hosts) gone.emplace(rule, host);
  }
  if (gone.empty()) return;
  forget_sources(views_, [&](std::uint32_t rule, std::uint32_t host) { return gone.contains({rule, host}); });
}

void Applier::unlink(const RuleSlot& slot) {
  const auto known = layout_.chains.find(slot.key.to);
  std::vector<std::uint32_t>& chain = known->second;
  const auto place = std::ranges::find(chain, slot.index);
  const std::uint32_t next = views_.rules[slot.index].next;
  EndpointIndex index(views_, views_.vips);
  if (place != chain.begin()) {
    store(views_.rules[*(place - 1)].next, next);
  } else if (chain.size() > 1) {
    index.replace(slot.key.to, slot.index, next);
  } else {
    index.remove(slot.key.to, slot.index);
  }
  chain.erase(place);
  if (chain.empty()) layout_.chains.erase(known);
}

void Applier::collect(const std::vector<std::uint32_t>& rules, const std::vector<std::uint32_t>& hosts) {
  std::vector<std::uint32_t> free_rules, free_hosts;
  for (const auto& [index, slot] : layout_.rules) {
    if (slot.in_force || rules[index] != 0) continue;
    unlink(slot);
    free_rules.push_back(index);
  }
  for (std::uint32_t index = 1; index < layout_.hosts.size(); index++) {
    const HostSlot& slot = layout_.hosts[index];
    if (slot.at.address.family == Family::None || slot.rules != 0 || hosts[index] != 0) continue;
    EndpointIndex(views_, views_.endpoints).remove(slot.at, index);
    free_hosts.push_back(index);
  }
  maps_.grace();  // whoever has found one of them is gone
  forget_sources_of(free_rules);
  for (const std::uint32_t index : free_rules) {
    views_.rule_infos[index] = {};
    views_.rules[index] = {};
    const RuleSlot& slot = layout_.rules.at(index);
    if (const auto known = layout_.rule_of.find(slot.key); known != layout_.rule_of.end() && known->second == index) {
      layout_.rule_of.erase(known);
    }
    layout_.timeout_sets.release(slot.timeouts);
    layout_.rules.erase(index);
    layout_.rule_indexes.release(index);
    layout_.retired_rules--;
  }
  for (const std::uint32_t index : free_hosts) {
    views_.hosts[index] = {};
    layout_.host_of.erase(layout_.hosts[index].at);
    layout_.hosts[index] = {};
    layout_.host_indexes.release(index);
    layout_.idle_hosts--;
  }
  forget_any_port();
}

// Nodes that outlive their last state would be the next rule's.
void Applier::forget_sources_of(const std::vector<std::uint32_t>& rules) {
  std::set<std::uint32_t> tracking;
  for (const std::uint32_t index : rules) {
    constexpr auto kOwn = abi::HCD_RULE_STICKY | abi::HCD_RULE_SOURCE_TRACK;
    if ((views_.rules[index].flags & static_cast<__u32>(kOwn)) != 0) tracking.insert(index);
  }
  if (tracking.empty()) return;
  forget_sources(views_, [&](std::uint32_t rule, std::uint32_t) { return tracking.contains(rule); });
}

// Those that packets have put there themselves: the index may be another table's soon.
void Applier::forget_overloaded(const std::set<std::uint32_t>& tables) {
  if (tables.empty()) return;
  const auto found = overloaded(maps_, {});
  if (!found) return;  // the next adoption mends it
  for (const Overloaded& one : *found) {
    if (tables.contains(one.table)) (void)maps_.drop_network(one.table, one.network);
  }
}

// Packets need not look for what is gone.
void Applier::forget_any_port() {
  const auto at_none = [](const auto& one) { return one.first.port == 0; };
  __u32 flags = views_.settings->flags;
  if (std::ranges::none_of(layout_.chains, at_none)) flags &= ~static_cast<__u32>(abi::HCD_ANY_PORT_RULES);
  if (std::ranges::none_of(layout_.host_of, at_none)) flags &= ~static_cast<__u32>(abi::HCD_ANY_PORT_HOSTS);
  store(views_.settings->flags, flags);
}

}  // namespace hcd::fastpath
