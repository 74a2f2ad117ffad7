#include "fastpath/bpf/sources.h"

#include <algorithm>
#include <cstring>

#include "fastpath/bpf/shared.h"
#include "fastpath/bpf/states.h"
#include "kmod/source.h"

namespace hcd::fastpath {
namespace {

std::uint32_t since(std::uint32_t now, std::uint32_t then) {
  return static_cast<std::uint32_t>(std::max(static_cast<std::int32_t>(now - then), 0));
}

// Of the node's key. 0: it counts for all rules.
std::uint32_t rule_of(std::uint64_t key) {
  const std::uint32_t rule = abi::hcd_source_rule(key);
  return rule == abi::HCD_SOURCE_GLOBAL ? 0 : rule;
}

// False where there is no whole node that counts. `key` is the one that it was read under.
bool read(const Views& views, abi::hcd_source& node, std::uint32_t now, std::uint64_t& key, Source& out) {
  key = load(node.key);
  const std::uint8_t family = abi::hcd_source_family(key);
  if (family != 4 && family != 6) return false;
  const std::uint64_t words[2] = {load(node.addr[0]), load(node.addr[1])};
  const std::uint32_t rule = rule_of(key), track = load(node.track), idle = since(now, load(node.seen));
  out = {.rule = rule,
         .host = abi::hcd_lead_host(load(node.lead)),
         .states = load(node.states),
         .connections = load(node.conns),
         .age = seconds_of(*views.globals, since(now, load(node.birth)))};
  const std::uint32_t rate = load(node.rate), rate_age = since(now, load(node.rate_since));
  if (load(node.key) != key || rule >= views.rules.size()) return false;
  if (const std::uint32_t ticks = views.rules[out.rule].rate_ticks; ticks != 0) {
    out.rate = abi::hcd_rate_faded(rate, rate_age, ticks);
  }
  if (out.host >= views.hosts.size()) out.host = 0;
  out.client.family = static_cast<Family>(family);
  std::memcpy(out.client.bytes.data(), words, family == 4 ? 4 : sizeof words);
  if (out.states != 0) return true;
  if (idle > track) return false;
  out.expires = seconds_of(*views.globals, track - idle);
  return true;
}

// Of a node without states. Its key is ours as soon as it is busy.
bool free_node(const Views& views, abi::hcd_source& node, std::uint64_t key) {
  const std::uint32_t rule = rule_of(key);
  if (rule >= views.cursors.size()) return false;
  __u64 expected = key;
  if (!std::atomic_ref(node.key).compare_exchange_strong(expected, abi::hcd_source_busy(key))) return false;
  if (load(node.states) != 0) {  // one was born meanwhile
    std::atomic_ref(node.key).store(key);
    return false;
  }
  std::atomic_ref(views.pulse->sources).fetch_sub(1);
  if (rule != 0) std::atomic_ref(views.cursors[rule].sources).fetch_sub(1);
  std::atomic_ref(node.key).store(0);
  return true;
}

// The client's node by that rule, or HCD_SOURCE_GLOBAL. Null: it has none.
abi::hcd_source* find(const Views& views, const Address& client, std::uint32_t rule) {
  __u64 words[2] = {};
  const bool six = client.family == Family::Inet6;
  std::memcpy(words, client.bytes.data(), six ? sizeof words : 4);
  const std::uint64_t hash =
      abi::hcd_source_hash({{views.globals->seed[0], views.globals->seed[1]}}, rule, words, six ? 1 : 0);
  const std::uint64_t key = abi::hcd_source_key(hash, rule, six ? 1 : 0);
  for (std::size_t probe = 0; probe < abi::HCD_SOURCE_PROBES; probe++) {
    abi::hcd_source& node = views.sources[(static_cast<std::uint32_t>(hash) + probe) & (views.sources.size() - 1)];
    if (load(node.key) == key && load(node.addr[0]) == words[0] && load(node.addr[1]) == words[1]) return &node;
  }
  return nullptr;
}

void leave(const Views& views, std::uint32_t tick, abi::hcd_source& node, bool connection) {
  const std::uint64_t key = load(node.key);
  if (connection) count_down(node.conns);
  std::atomic_ref(node.seen).store(tick);
  count_down(node.states);
  if (load(node.states) == 0 && load(node.track) == 0) free_node(views, node, key);
}

}  // namespace

void leave_sources(const Views& views, TimePoint now, const Address& client, std::uint32_t rule, std::uint16_t flags) {
  const std::uint32_t tick = tick_at(*views.globals, now);
  const bool global = (flags & abi::HCD_MORE_GLOBAL) != 0, connection = (flags & abi::HCD_MORE_CONN) != 0;
  if ((flags & abi::HCD_MORE_SOURCE) != 0) {
    if (auto* node = find(views, client, rule)) leave(views, tick, *node, connection && !global);
  }
  if (global) {
    if (auto* node = find(views, client, abi::HCD_SOURCE_GLOBAL)) leave(views, tick, *node, connection);
  }
}

void for_each_source(const Views& views, TimePoint now, const std::function<void(const Source&)>& visit) {
  const std::uint32_t tick = tick_at(*views.globals, now);
  std::uint64_t key = 0;
  Source source;
  for (abi::hcd_source& node : views.sources) {
    if (read(views, node, tick, key, source)) visit(source);
  }
}

std::size_t forget_sources(const Views& views, const std::function<bool(std::uint32_t, std::uint32_t)>& chosen) {
  std::size_t forgotten = 0;
  for (abi::hcd_source& node : views.sources) {
    const std::uint64_t key = load(node.key), lead = load(node.lead);
    const std::uint8_t family = abi::hcd_source_family(key);
    if (family != 4 && family != 6) continue;
    if (!chosen(rule_of(key), abi::hcd_lead_host(lead))) continue;
    __u64 expected = lead;  // a packet that has led it to another host meanwhile knew better
    std::atomic_ref(node.lead).compare_exchange_strong(expected, 0);
    if (load(node.states) == 0 && load(node.lead) == 0) free_node(views, node, key);
    forgotten++;
  }
  return forgotten;
}

std::size_t drop_sources(const Views& views, TimePoint now, const std::function<bool(const Source&)>& chosen) {
  const std::uint32_t tick = tick_at(*views.globals, now);
  std::uint64_t key = 0;
  std::size_t dropped = 0;
  Source source;
  for (abi::hcd_source& node : views.sources) {
    if (!read(views, node, tick, key, source) || !chosen(source)) continue;
    if (source.states != 0) std::atomic_ref(node.lead).store(0);
    if (source.states != 0 || free_node(views, node, key)) dropped++;
  }
  return dropped;
}

}  // namespace hcd::fastpath
