#include "fastpath/bpf/sources.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "fastpath/bpf/states.h"

namespace hcd::fastpath {
namespace {

template <class T>
T load(T& place) {
  return std::atomic_ref(place).load(std::memory_order_acquire);
}

std::uint32_t since(std::uint32_t now, std::uint32_t then) {
  return static_cast<std::uint32_t>(std::max(static_cast<std::int32_t>(now - then), 0));
}

// False where there is no whole node that counts. `key` is the one that it was read under.
bool read(const Views& views, abi::hcd_source& node, std::uint32_t now, std::uint64_t& key, Source& out) {
  key = load(node.key);
  const auto family = static_cast<std::uint8_t>(key);
  if (family != 4 && family != 6) return false;
  const std::uint64_t words[2] = {load(node.addr[0]), load(node.addr[1])};
  const auto rule = static_cast<std::uint32_t>(key >> 8);
  out = {.rule = rule == abi::HCD_SOURCE_GLOBAL ? 0 : rule,
         .host = load(node.host),
         .states = load(node.states),
         .connections = load(node.conns),
         .rate = load(node.rate),
         .age = seconds_of(*views.globals, since(now, load(node.birth)))};
  const std::uint32_t set = load(node.timeouts);
  const std::uint32_t track =
      set < views.timeout_sets.size() ? views.timeout_sets[set].ticks[abi::HCD_TM_SRC_TRACK] : 0;
  const std::uint32_t idle = since(now, load(node.seen));
  if (load(node.key) != key || (rule != abi::HCD_SOURCE_GLOBAL && rule >= views.rules.size())) return false;
  if (out.host >= views.hosts.size()) out.host = 0;
  out.client.family = static_cast<Family>(family);
  std::memcpy(out.client.bytes.data(), words, family == 4 ? 4 : sizeof words);
  if (out.states != 0) return true;
  if (idle > track) return false;
  out.expires = seconds_of(*views.globals, track - idle);
  return true;
}

// Of a node without states. Its key is ours as soon as it is busy.
bool free_node(const Views& views, abi::hcd_source& node, std::uint64_t key, std::uint32_t rule) {
  __u64 expected = key;
  if (!std::atomic_ref(node.key).compare_exchange_strong(expected, abi::HCD_SOURCE_BUSY)) return false;
  if (load(node.states) != 0) {  // one was born meanwhile
    std::atomic_ref(node.key).store(key);
    return false;
  }
  std::atomic_ref(node.host).store(0);
  std::atomic_ref(views.pulse->sources).fetch_sub(1);
  if (rule != 0) std::atomic_ref(views.cursors[rule].sources).fetch_sub(1);
  std::atomic_ref(node.key).store(0);
  return true;
}

}  // namespace

void for_each_source(const Views& views, TimePoint now, const std::function<void(const Source&)>& visit) {
  const std::uint32_t tick = tick_at(*views.globals, now);
  std::uint64_t key = 0;
  Source source;
  for (abi::hcd_source& node : views.sources) {
    if (read(views, node, tick, key, source)) visit(source);
  }
}

std::size_t drop_sources(const Views& views, TimePoint now, const std::function<bool(const Source&)>& chosen) {
  const std::uint32_t tick = tick_at(*views.globals, now);
  std::uint64_t key = 0;
  std::size_t dropped = 0;
  Source source;
  for (abi::hcd_source& node : views.sources) {
    if (!read(views, node, tick, key, source) || !chosen(source)) continue;
    if (source.states != 0) std::atomic_ref(node.host).store(0);
    if (source.states != 0 || free_node(views, node, key, source.rule)) dropped++;
  }
  return dropped;
}

}  // namespace hcd::fastpath
