/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Whose packet is it: the two indexes, and the chain of rules behind an endpoint. */
#ifndef HCD_RULE_BPF_H
#define HCD_RULE_BPF_H

#include "kmod/flow.h"
#include "kmod/index.h"
#include "kmod/maps.bpf.h"
#include "kmod/ports.h"
#include "kmod/stats.bpf.h"

#define HCD_READ_ONCE(place) (*(const volatile typeof(place)*)&(place))
#define HCD_WRITE_ONCE(place, word) (*(volatile typeof(place)*)&(place) = (word))

HCD_INLINE struct hcd_seed hcd_seed(void) {
  return (struct hcd_seed){{hcd_config.seed[0], hcd_config.seed[1]}};
}

HCD_INLINE __u64 hcd_hash_of(const __u64 addr[2], __be16 port, __u8 proto, int six) {
  return six ? hcd_endpoint_hash6(hcd_seed(), addr[0], addr[1], port, proto)
             : hcd_endpoint_hash4(hcd_seed(), (__u32)addr[0], port, proto);
}

HCD_INLINE __u64 hcd_words(const struct hcd_endpoint* at, int word) {
  const __u32* half = (const __u32*)at->addr + 2 * word;
  return (__u64)half[1] << 32 | half[0];
}

/* Address and protocol; ports are another matter where one endpoint has many. */
HCD_INLINE int hcd_is_there(const struct hcd_endpoint* at, const __u64 addr[2], __u8 proto, int six) {
  if (*(const __u32*)at->addr != (__u32)addr[0] || at->proto != proto || at->family != (six ? 6 : 4)) return 0;
  return !six || (hcd_words(at, 0) == addr[0] && hcd_words(at, 1) == addr[1]);
}

/* Whether some rule or host stands in the index at port 0. */
HCD_INLINE int hcd_any_port(__u32 which) {
  const struct hcd_settings* settings = hcd_settings_now();
  return settings && settings->flags & which;
}

/* What the first entry with the tag leads to, in one line. 0: none, nor in the next line, because this one was never full;
 * HCD_NO_INDEX: the next may have one. */
enum { HCD_NO_INDEX = 1 << 30 };
HCD_INLINE __u32 hcd_tagged(const struct hcd_index_line* line, __u64 hash) {
  const __u64 tag = hcd_index_tag(hash);
  for (int way = 0; line && way < HCD_INDEX_WAYS; way++)
    if ((line->entry[way] ^ tag) >> 32 == 0) return (__u32)line->entry[way];
  return line && line->entry[HCD_INDEX_WAYS - 1] ? HCD_NO_INDEX : 0;
}

/* Whether the packet's ends may lead to a rule, or to a host. Most packets on a busy link are not ours, and this is all that
 * is done for them. */
struct hcd_lead {
  __u64 hash; /* of the endpoint itself */
  __u32 may_be;
};
HCD_INLINE __u32 hcd_tagged_rule(__u64 hash) {
  const __u32 at = (__u32)hash & hcd_config.vip_mask;
  return hcd_tagged(bpf_map_lookup_elem(&hcd_vips, &at), hash);
}
HCD_INLINE __u32 hcd_tagged_host(__u64 hash) {
  const __u32 at = (__u32)hash & hcd_config.endpoint_mask;
  return hcd_tagged(bpf_map_lookup_elem(&hcd_endpoints, &at), hash);
}
HCD_INLINE struct hcd_lead hcd_rule_lead(const struct hcd_packet* packet, int six) {
  struct hcd_lead lead = {.hash = hcd_hash_of(packet->dst, packet->dport, packet->proto, six)};
  lead.may_be = hcd_tagged_rule(lead.hash);
  if (!lead.may_be && hcd_any_port(HCD_ANY_PORT_RULES))
    lead.may_be = hcd_tagged_rule(hcd_hash_of(packet->dst, 0, packet->proto, six));
  return lead;
}
HCD_INLINE int hcd_may_be_hosts(const struct hcd_packet* packet, int six) {
  if (hcd_tagged_host(hcd_hash_of(packet->src, packet->sport, packet->proto, six))) return 1;
  return hcd_any_port(HCD_ANY_PORT_HOSTS) && hcd_tagged_host(hcd_hash_of(packet->src, 0, packet->proto, six));
}

/* The head of the chain for the flow's virtual end, at its own port or at port 0; 0: there is none. */
__noinline __u32 hcd_find_chain(const struct hcd_flow* flow, __be16 port, __u64 hash) {
  if (!flow) return 0;
  const struct hcd_near* near = &flow->near[HCD_VIRTUAL];
  for (int probe = 0; probe < HCD_INDEX_PROBES; probe++) {
    const __u32 at = ((__u32)hash + probe) & hcd_config.vip_mask;
    const struct hcd_index_line* line = bpf_map_lookup_elem(&hcd_vips, &at);
    if (!line) return 0;
    int full = 1;
    for (int way = 0; way < HCD_INDEX_WAYS; way++) {
      const __u64 entry = line->entry[way];
      if (!entry) full = 0;
      if ((entry ^ hcd_index_tag(hash)) >> 32) continue;
      const struct hcd_rule* rule = hcd_rule((__u32)entry);
      if (rule && rule->to.port == port && hcd_is_there(&rule->to, near->addr, flow->proto, flow->six))
        return (__u32)entry;
    }
    if (!full) break;
  }
  return 0;
}

/* Whether an address is in the table, of whose networks the longest decides. */
__noinline int hcd_in_table(const struct hcd_flow* flow, __u32 table) {
  if (!flow) return 0;
  const __u32* member;
  if (flow->six) {
    struct hcd_network6_key key = {.prefix = 32 + 128, .table = table};
    __builtin_memcpy(key.addr, flow->addr, sizeof(key.addr));
    member = bpf_map_lookup_elem(&hcd_networks6, &key);
  } else {
    struct hcd_network4_key key = {.prefix = 32 + 32, .table = table};
    __builtin_memcpy(key.addr, flow->addr, sizeof(key.addr));
    member = bpf_map_lookup_elem(&hcd_networks4, &key);
  }
  return member && (*member & 3) != HCD_EXCEPTION;
}

HCD_INLINE int hcd_matches(const struct hcd_flow* flow, const struct hcd_rule* rule) {
  if (rule->ifindex && rule->ifindex != flow->ifindex) return 0;
  if (!hcd_serves_port(rule, flow->near[HCD_VIRTUAL].port)) return 0;
  if (!(rule->flags & (HCD_RULE_FROM | HCD_RULE_FROM_NOT))) return 1;
  return hcd_in_table(flow, rule->from) == !(rule->flags & HCD_RULE_FROM_NOT);
}

/* The first rule in force of the chain that is for a new flow; 0: none. */
__noinline __u32 hcd_walk_chain(const struct hcd_flow* flow, __u32 index) {
  if (!flow) return 0;
  for (int i = 0; i < HCD_CHAIN && index; i++) {
    const struct hcd_rule* rule = hcd_rule(index);
    if (!rule) return 0;
    if (HCD_READ_ONCE(rule->ring)) {
      hcd_count_evaluation(index);
      if (hcd_matches(flow, rule)) return index;
    }
    index = HCD_READ_ONCE(rule->next);
  }
  return 0;
}

__noinline __u32 hcd_match_once(const struct hcd_flow* flow) {
  if (!flow) return 0;
  const struct hcd_near* near = &flow->near[HCD_VIRTUAL];
  const __u32 rule = hcd_walk_chain(flow, hcd_find_chain(flow, near->port, flow->near_hash));
  if (rule || !hcd_any_port(HCD_ANY_PORT_RULES)) return rule;
  const __u64 hash = hcd_hash_of(near->addr, 0, flow->proto, flow->six);
  return hcd_walk_chain(flow, hcd_find_chain(flow, 0, hash));
}

/* A packet held up on its way along a chain could pass where a rule comes before it is there, and come to the one that goes
 * when that has gone: then it walks again. Stores are some microseconds apart, a walk is not. */
enum { HCD_WALKS = 8 };
__noinline __u32 hcd_walk(const struct hcd_flow* flow) {
  const struct hcd_settings* settings = hcd_settings_now();
  __u32 rule = 0;
  for (int walk = 0; settings && walk < HCD_WALKS; walk++) {
    const __u32 moves = HCD_READ_ONCE(settings->chain_moves);
    rule = hcd_match_once(flow);
    if (HCD_READ_ONCE(settings->chain_moves) == moves) break;
  }
  return rule;
}

/* The rule for a new flow: nearly always that to which the packet's end was seen to lead, the head of its chain. Where it is in
 * force and matches there is nothing to walk. */
HCD_INLINE __u32 hcd_match(const struct hcd_flow* flow) {
  const struct hcd_rule* rule = hcd_rule(flow->lead);
  const struct hcd_near* near = &flow->near[HCD_VIRTUAL];
  if (!rule || !HCD_READ_ONCE(rule->ring) || rule->to.port != near->port) return hcd_walk(flow);
  if (!hcd_is_there(&rule->to, near->addr, flow->proto, flow->six) || !hcd_matches(flow, rule)) return hcd_walk(flow);
  hcd_count_evaluation(flow->lead);
  return flow->lead;
}

#endif
