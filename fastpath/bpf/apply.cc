#include "fastpath/bpf/apply.h"

#include <atomic>
#include <utility>

#include "fastpath/bpf/names.h"
#include "fastpath/bpf/states.h"
#include "kmod/index.h"

namespace hcd::fastpath {
namespace {

constexpr Seconds kEstablished{86400};  // pf's tcp.established

template <class T>
void store(T& place, T value) {
  std::atomic_ref(place).store(value, std::memory_order_release);
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
    if (status && rule.fresh) status = prepare_rule(rule);
    if (!rule.rebuilt) continue;
    const std::vector<std::uint32_t>& slots = rule.ring->slots;
    for (std::size_t i = 0; i < slots.size(); i++) {
      views_.rings[rule.lines.base + i / abi::HCD_RING_LINE].host[i % abi::HCD_RING_LINE] = slots[i];
    }
  }
  if (!status) take_back(plan);
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

Status Applier::prepare_rule(const PlannedRule& rule) {
  views_.cursors[rule.index] = {};
  views_.rules[rule.index] = {.ring = 0, .to = rule.key.to.raw()};
  if (EndpointIndex(views_, views_.vips).put(rule.key.to, rule.index)) return {};
  return fail(Code::Limit, "rule for " + rule.key.to.text() + ": the index of " + std::to_string(views_.vips.size()) +
                               " lines has no room for it");
}

void Applier::take_back(const Plan& plan) {
  for (const PlannedHost& host : plan.hosts) {
    EndpointIndex(views_, views_.endpoints).remove(host.at, host.index);
    views_.hosts[host.index] = {};
  }
  for (const PlannedRule& rule : plan.rules) {
    if (!rule.fresh) continue;
    EndpointIndex(views_, views_.vips).remove(rule.key.to, rule.index);
    views_.rules[rule.index] = {};
  }
}

void Applier::switch_over(const Plan& plan, const std::vector<Change>& changes, std::uint64_t now) {
  __u64& generation = views_.globals->generation;
  store(generation, generation | 1);  // odd: readers wait
  std::atomic_thread_fence(std::memory_order_release);
  for (const PlannedRule& rule : plan.rules) use_hosts(rule.ring->hosts);
  std::vector<std::vector<std::uint32_t>> before;
  for (const PlannedRule& rule : plan.rules) {
    if (RuleSlot* slot = layout_.find(rule.key); slot != nullptr) before.push_back(std::move(slot->hosts));
    enforce(rule);
  }
  for (const std::uint32_t index : plan.retired) {
    RuleSlot& slot = layout_.rules.at(index);
    before.push_back(std::move(slot.hosts));
    retire(slot);
  }
  for (const auto& hosts : before) leave_hosts(hosts);
  NameWriter(layout_, views_, now).write(changes, plan);
  store(generation, generation + 1);
}

void Applier::enforce(const PlannedRule& planned) {
  const Rule& rule = *planned.rule;
  abi::hcd_rule& record = views_.rules[planned.index];
  store(record.ifindex, rule.ifindex);
  store(record.flags,
        static_cast<__u32>((rule.keep_ttl ? abi::HCD_RULE_KEEP_TTL : 0) | (rule.sloppy ? abi::HCD_RULE_SLOPPY : 0)));
  store(record.established, ticks_of(*views_.globals, rule.established.count() != 0 ? rule.established : kEstablished));
  for (int i = 0; i < 2; i++) store(record.hash_key[i], __u64{planned.hash_key[i]});
  // Either method finds a host of the table in either ring: between these stores no packet goes astray.
  store(record.method,
        static_cast<__u32>(rule.method == Method::SourceHash ? abi::HCD_SOURCE_HASH : abi::HCD_ROUND_ROBIN));
  store(record.ring, __u64{planned.word()});
  RuleSlot& slot = layout_.rules[planned.index];
  if (planned.fresh) {
    layout_.rule_of[planned.key] = planned.index;
  } else if (slot.in_force) {
    layout_.anchors.at(slot.anchor).rules.erase(planned.index);
  } else {
    layout_.retired_rules--;
  }
  if (slot.lines.count != 0 && slot.lines != planned.lines) layout_.rings.retire(slot.lines);
  slot = {.key = planned.key,
          .index = planned.index,
          .in_force = true,
          .anchor = planned.anchor,
          .number = planned.number,
          .rule = rule,
          .lines = planned.lines,
          .slots = planned.ring->slots.size(),
          .hosts = planned.ring->hosts};
}

void Applier::retire(RuleSlot& slot) {
  store(views_.rules[slot.index].ring, __u64{0});
  layout_.rings.retire(slot.lines);
  layout_.anchors.at(slot.anchor).rules.erase(slot.index);
  layout_.retired_rules++;
  slot.in_force = false;
  slot.lines = {};
  slot.slots = 0;
  slot.hosts.clear();
}

void Applier::use_hosts(const std::vector<std::uint32_t>& hosts) {
  for (const std::uint32_t index : hosts) {
    if (layout_.hosts[index].rules++ == 0) layout_.idle_hosts--;
    store(views_.hosts[index].flags, static_cast<__u32>(abi::HCD_HOST_USED));
  }
}

void Applier::leave_hosts(const std::vector<std::uint32_t>& hosts) {
  for (const std::uint32_t index : hosts) {
    if (--layout_.hosts[index].rules != 0) continue;
    layout_.idle_hosts++;
    store(views_.hosts[index].flags, static_cast<__u32>(abi::HCD_HOST_USED | abi::HCD_HOST_DOWN));
  }
}

void Applier::collect(const std::vector<std::uint32_t>& rules, const std::vector<std::uint32_t>& hosts) {
  std::vector<std::uint32_t> free_rules, free_hosts;
  for (const auto& [index, slot] : layout_.rules) {
    if (slot.in_force || rules[index] != 0) continue;
    EndpointIndex(views_, views_.vips).remove(slot.key.to, index);
    free_rules.push_back(index);
  }
  for (std::uint32_t index = 1; index < layout_.hosts.size(); index++) {
    const HostSlot& slot = layout_.hosts[index];
    if (slot.at.address.family == Family::None || slot.rules != 0 || hosts[index] != 0) continue;
    EndpointIndex(views_, views_.endpoints).remove(slot.at, index);
    free_hosts.push_back(index);
  }
  maps_.grace();  // whoever has found one of them is gone
  for (const std::uint32_t index : free_rules) {
    views_.rule_infos[index] = {};
    views_.rules[index] = {};
    layout_.rule_of.erase(layout_.rules.at(index).key);
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
}

}  // namespace hcd::fastpath
