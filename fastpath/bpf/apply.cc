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
  Status status;
  for (const PlannedHost& host : plan.hosts) {
    if (status) status = prepare_host(host);
  }
  for (const PlannedRule& rule : plan.rules) {
    if (status && rule.fresh) status = prepare_rule(rule);
    if (!rule.rebuilt) continue;
    for (std::size_t i = 0; i < rule.slots.size(); i++) {
      views_.rings[rule.lines.base + i / abi::HCD_RING_LINE].host[i % abi::HCD_RING_LINE] = rule.slots[i];
    }
  }
  if (!status) take_back(plan);
  return status;
}

Status Applier::prepare_host(const PlannedHost& host) {
  views_.hosts[host.index] = {.at = host.at.raw(), .flags = abi::HCD_HOST_USED};
  if (auto cleared = maps_.clear_host_stats(host.index); !cleared) return cleared;
  if (EndpointIndex(views_, views_.endpoints).put(host.at, host.index)) return {};
  return fail(Code::Limit, "host " + host.at.text() + ": the index of " + std::to_string(views_.endpoints.size()) +
                               " lines has no room for it");
}

Status Applier::prepare_rule(const PlannedRule& rule) {
  views_.cursors[rule.index] = {};
  views_.rules[rule.index] = {.ring = 0, .to = rule.key.to.raw()};
  if (auto cleared = maps_.clear_rule_stats(rule.index); !cleared) return cleared;
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

void Applier::switch_over(const Plan& plan, const std::vector<Change>& changes, const Ruleset& after,
                          std::uint64_t now) {
  left_ = false;
  __u64& generation = views_.globals->generation;
  store(generation, generation | 1);  // odd: readers wait
  std::atomic_thread_fence(std::memory_order_release);
  for (const PlannedRule& rule : plan.rules) use_hosts(rule.hosts);
  std::vector<std::vector<std::uint32_t>> before;
  for (const PlannedRule& rule : plan.rules) {
    const auto slot = layout_.rules.find(rule.key);
    if (slot != layout_.rules.end()) before.push_back(std::move(slot->second.hosts));
    enforce(rule);
  }
  for (const RuleKey& key : plan.retired) {
    before.push_back(std::move(layout_.rules.at(key).hosts));
    retire(key);
  }
  for (const auto& hosts : before) leave_hosts(hosts);
  NameWriter(layout_, views_, now).write(changes, after, plan);
  store(generation, generation + 1);
  if (!left_) return;
  maps_.grace();
  layout_.rings.settle();
}

void Applier::enforce(const PlannedRule& planned) {
  abi::hcd_rule& record = views_.rules[planned.index];
  store(record.ifindex, planned.rule.ifindex);
  store(record.established,
        ticks_of(*views_.globals, planned.rule.established.count() != 0 ? planned.rule.established : kEstablished));
  for (int i = 0; i < 2; i++) store(record.hash_key[i], __u64{planned.hash_key[i]});
  // Either method finds a host of the table in either ring: between these stores no packet goes astray.
  store(record.method,
        static_cast<__u32>(planned.rule.method == Method::SourceHash ? abi::HCD_SOURCE_HASH : abi::HCD_ROUND_ROBIN));
  store(record.ring, __u64{planned.word()});
  RuleSlot& slot = layout_.rules[planned.key];
  if (slot.lines.count != 0 && slot.lines != planned.lines) layout_.rings.retire(slot.lines);
  slot = {.index = planned.index,
          .in_force = true,
          .anchor = planned.anchor,
          .number = planned.number,
          .rule = planned.rule,
          .lines = planned.lines,
          .slots = planned.count,
          .hosts = planned.hosts};
}

void Applier::retire(const RuleKey& key) {
  RuleSlot& slot = layout_.rules.at(key);
  store(views_.rules[slot.index].ring, __u64{0});
  layout_.rings.retire(slot.lines);
  slot.in_force = false;
  slot.lines = {};
  slot.slots = 0;
  slot.hosts.clear();
  left_ = true;
}

void Applier::use_hosts(const std::vector<std::uint32_t>& hosts) {
  for (const std::uint32_t index : hosts) {
    layout_.hosts.at(index).rules++;
    store(views_.hosts[index].flags, static_cast<__u32>(abi::HCD_HOST_USED));
  }
}

void Applier::leave_hosts(const std::vector<std::uint32_t>& hosts) {
  for (const std::uint32_t index : hosts) {
    if (--layout_.hosts.at(index).rules != 0) continue;
    store(views_.hosts[index].flags, static_cast<__u32>(abi::HCD_HOST_USED | abi::HCD_HOST_DOWN));
    left_ = true;
  }
}

void Applier::collect(const std::vector<std::uint32_t>& rules, const std::vector<std::uint32_t>& hosts) {
  std::erase_if(layout_.rules, [&](const auto& entry) {
    const auto& [key, slot] = entry;
    if (slot.in_force || rules[slot.index] != 0) return false;
    EndpointIndex(views_, views_.vips).remove(key.to, slot.index);
    views_.rule_infos[slot.index] = {};
    views_.rules[slot.index] = {};
    layout_.rule_indexes.release(slot.index);
    return true;
  });
  std::erase_if(layout_.hosts, [&](const auto& entry) {
    const auto& [index, slot] = entry;
    if (slot.rules != 0 || hosts[index] != 0) return false;
    EndpointIndex(views_, views_.endpoints).remove(slot.at, index);
    views_.hosts[index] = {};
    layout_.host_of.erase(slot.at);
    layout_.host_indexes.release(index);
    return true;
  });
}

}  // namespace hcd::fastpath
