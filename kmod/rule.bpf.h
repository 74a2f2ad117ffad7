/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Whose packet is it, and which host does a new flow get: the two indexes, the rings and the cursors. */
#ifndef HCD_RULE_BPF_H
#define HCD_RULE_BPF_H

#include "kmod/index.h"
#include "kmod/maps.bpf.h"
#include "kmod/parse.h"
#include "kmod/pick.h"

HCD_INLINE struct hcd_seed hcd_seed(void) {
  return (struct hcd_seed){{hcd_config.seed[0], hcd_config.seed[1]}};
}

HCD_INLINE __u64 hcd_hash_of(const __u64 addr[2], __be16 port, int six) {
  return six ? hcd_endpoint_hash6(hcd_seed(), addr[0], addr[1], port, HCD_PROTO_TCP)
             : hcd_endpoint_hash4(hcd_seed(), (__u32)addr[0], port, HCD_PROTO_TCP);
}

HCD_INLINE __u64 hcd_words(const struct hcd_endpoint* at, int word) {
  const __u32* half = (const __u32*)at->addr + 2 * word;
  return (__u64)half[1] << 32 | half[0];
}

HCD_INLINE int hcd_is_at(const struct hcd_endpoint* at, const __u64 addr[2], __be16 port, int six) {
  if (*(const __u32*)at->addr != (__u32)addr[0] || at->port != port || at->proto != HCD_PROTO_TCP) return 0;
  if (at->family != (six ? 6 : 4)) return 0;
  return !six || (hcd_words(at, 0) == addr[0] && hcd_words(at, 1) == addr[1]);
}

/* An endpoint that is looked for. */
struct hcd_wanted {
  __u64 addr[2];
  __u64 tag;
  __u32 line;
  __u32 ifindex;
  __be16 port;
  int six;
};

HCD_INLINE struct hcd_wanted hcd_wanted(__u64 high, __u64 low, __u32 port_and_six, __u64 hash) {
  return (struct hcd_wanted){.addr = {high, low},
                             .tag = hcd_index_tag(hash),
                             .line = (__u32)hash,
                             .port = (__u16)port_and_six,
                             .six = port_and_six >> 16};
}

HCD_INLINE int hcd_is_rule(const struct hcd_wanted* wanted, __u32 index) {
  const struct hcd_rule* rule = hcd_rule(index);
  if (!rule || !hcd_is_at(&rule->to, wanted->addr, wanted->port, wanted->six)) return 0;
  return !rule->ifindex || rule->ifindex == wanted->ifindex;
}

HCD_INLINE int hcd_is_host(const struct hcd_wanted* wanted, __u32 index) {
  const struct hcd_host* host = hcd_host(index);
  return host && hcd_is_at(&host->at, wanted->addr, wanted->port, wanted->six);
}

/* Looks through one line. The index, or 0; *full says whether the next line has to be looked at. */
HCD_INLINE __u32 hcd_search(const struct hcd_index_line* line, const struct hcd_wanted* wanted, int rules, int* full) {
  *full = 1;
  for (int way = 0; way < HCD_INDEX_WAYS; way++) {
    const __u64 entry = line->entry[way];
    if (!entry) *full = 0;
    if ((entry ^ wanted->tag) >> 32) continue;
    if (rules ? hcd_is_rule(wanted, (__u32)entry) : hcd_is_host(wanted, (__u32)entry)) return (__u32)entry;
  }
  return 0;
}

/* The index of the rule for a destination, and of the host at an address; 0: none. Global, so that the verifier walks
 * through each once only. */
__noinline __u32 hcd_find_rule(__u64 high, __u64 low, __u32 port_and_six, __u64 hash, __u32 ifindex) {
  struct hcd_wanted wanted = hcd_wanted(high, low, port_and_six, hash);
  wanted.ifindex = ifindex;
  __u32 found = 0;
  int full = 1;
  for (int probe = 0; probe < HCD_INDEX_PROBES && full && !found; probe++) {
    const __u32 at = (wanted.line + probe) & hcd_config.vip_mask;
    const struct hcd_index_line* line = bpf_map_lookup_elem(&hcd_vips, &at);
    if (!line) return 0;
    found = hcd_search(line, &wanted, 1, &full);
  }
  return found;
}
__noinline __u32 hcd_find_host(__u64 high, __u64 low, __u32 port_and_six, __u64 hash) {
  const struct hcd_wanted wanted = hcd_wanted(high, low, port_and_six, hash);
  __u32 found = 0;
  int full = 1;
  for (int probe = 0; probe < HCD_INDEX_PROBES && full && !found; probe++) {
    const __u32 at = (wanted.line + probe) & hcd_config.endpoint_mask;
    const struct hcd_index_line* line = bpf_map_lookup_elem(&hcd_endpoints, &at);
    if (!line) return 0;
    found = hcd_search(line, &wanted, 0, &full);
  }
  return found;
}

/* Whether a closer look is worth its call: most packets on a busy link are not ours. A line without an entry in its
 * last place was never full, so nothing went on to the next. */
HCD_INLINE int hcd_may_have(const struct hcd_index_line* line, __u64 hash) {
  const __u64 tag = hcd_index_tag(hash);
  for (int way = 0; line && way < HCD_INDEX_WAYS; way++)
    if ((line->entry[way] ^ tag) >> 32 == 0) return 1;
  return line && line->entry[HCD_INDEX_WAYS - 1];
}

/* The rule for the packet's destination, and the host at its source; 0: none. */
HCD_INLINE __u32 hcd_rule_of(const struct hcd_packet* packet, int six, __u32 ifindex) {
  const __u64 hash = hcd_hash_of(packet->dst, packet->dport, six);
  const __u32 at = (__u32)hash & hcd_config.vip_mask;
  if (!hcd_may_have(bpf_map_lookup_elem(&hcd_vips, &at), hash)) return 0;
  return hcd_find_rule(packet->dst[0], packet->dst[1], (__u32)six << 16 | packet->dport, hash, ifindex);
}
HCD_INLINE __u32 hcd_host_of(const struct hcd_packet* packet, int six) {
  const __u64 hash = hcd_hash_of(packet->src, packet->sport, six);
  const __u32 at = (__u32)hash & hcd_config.endpoint_mask;
  if (!hcd_may_have(bpf_map_lookup_elem(&hcd_endpoints, &at), hash)) return 0;
  return hcd_find_host(packet->src[0], packet->src[1], (__u32)six << 16 | packet->sport, hash);
}

/* Where on the ring a new flow starts: its source's hash, or the next place in turn. */
HCD_INLINE __u64 hcd_ring_number(const struct hcd_rule* rule, __u32 index, const __u64 source[2], int six) {
  if (rule->method == HCD_SOURCE_HASH) return hcd_siphash(rule->hash_key, source, six);
  struct hcd_cursor* cursor = bpf_map_lookup_elem(&hcd_cursors, &index);
  return cursor ? __sync_fetch_and_add(&cursor->next, 1) : 0;
}

/* The host in the slot, or 0. */
HCD_INLINE __u32 hcd_ring_host(__u64 ring, __u32 slot) {
  const __u32 at = hcd_ring_line_of(ring, slot);
  const struct hcd_ring_line* line = bpf_map_lookup_elem(&hcd_rings, &at);
  return line ? line->host[slot % HCD_RING_LINE] : 0;
}

#endif
