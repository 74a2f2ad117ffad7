/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Whose packet is it: the two indexes. */
#ifndef HCD_RULE_BPF_H
#define HCD_RULE_BPF_H

#include "kmod/index.h"
#include "kmod/maps.bpf.h"
#include "kmod/parse.h"
#include "kmod/pick.h"

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

/* An endpoint that is looked for. */
struct hcd_wanted {
  __u64 addr[2];
  __u64 tag;
  __u32 line;
  __u32 ifindex;
  __be16 port;
  __u8 proto;
  __u8 six;
};

/* Port, protocol and family in one word, for the five arguments of a global function. */
HCD_INLINE __u32 hcd_what(__be16 port, __u8 proto, int six) {
  return (__u32)(six & 1) << 24 | (__u32)proto << 16 | port;
}
HCD_INLINE struct hcd_wanted hcd_wanted(__u64 high, __u64 low, __u32 what, __u64 hash) {
  return (struct hcd_wanted){.addr = {high, low},
                             .tag = hcd_index_tag(hash),
                             .line = (__u32)hash,
                             .port = (__u16)what,
                             .proto = (__u8)(what >> 16),
                             .six = what >> 24};
}

HCD_INLINE int hcd_is_at(const struct hcd_endpoint* at, const struct hcd_wanted* wanted) {
  if (*(const __u32*)at->addr != (__u32)wanted->addr[0] || at->port != wanted->port) return 0;
  if (at->proto != wanted->proto || at->family != (wanted->six ? 6 : 4)) return 0;
  return !wanted->six || (hcd_words(at, 0) == wanted->addr[0] && hcd_words(at, 1) == wanted->addr[1]);
}

HCD_INLINE int hcd_is_rule(const struct hcd_wanted* wanted, __u32 index) {
  const struct hcd_rule* rule = hcd_rule(index);
  if (!rule || !hcd_is_at(&rule->to, wanted)) return 0;
  return !rule->ifindex || rule->ifindex == wanted->ifindex;
}

HCD_INLINE int hcd_is_host(const struct hcd_wanted* wanted, __u32 index) {
  const struct hcd_host* host = hcd_host(index);
  return host && hcd_is_at(&host->at, wanted);
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
__noinline __u32 hcd_find_rule(__u64 high, __u64 low, __u32 what, __u64 hash, __u32 ifindex) {
  struct hcd_wanted wanted = hcd_wanted(high, low, what, hash);
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
__noinline __u32 hcd_find_host(__u64 high, __u64 low, __u32 what, __u64 hash) {
  const struct hcd_wanted wanted = hcd_wanted(high, low, what, hash);
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

/* What the first entry with the tag leads to, in one line. 0: none, nor in the next line, because this one was never full;
 * HCD_NO_INDEX: the next may have one. */
enum { HCD_NO_INDEX = 1 << 30 };
HCD_INLINE __u32 hcd_tagged(const struct hcd_index_line* line, __u64 hash) {
  const __u64 tag = hcd_index_tag(hash);
  for (int way = 0; line && way < HCD_INDEX_WAYS; way++)
    if ((line->entry[way] ^ tag) >> 32 == 0) return (__u32)line->entry[way];
  return line && line->entry[HCD_INDEX_WAYS - 1] ? HCD_NO_INDEX : 0;
}

/* Where the packet's ends may lead to. Most packets on a busy link are not ours, and this is all that is done for them. */
struct hcd_lead {
  __u64 hash;
  __u32 first; /* nearly always it; 0: there is nothing */
};
HCD_INLINE struct hcd_lead hcd_rule_lead(const struct hcd_packet* packet, int six) {
  const __u64 hash = hcd_hash_of(packet->dst, packet->dport, packet->proto, six);
  const __u32 at = (__u32)hash & hcd_config.vip_mask;
  return (struct hcd_lead){hash, hcd_tagged(bpf_map_lookup_elem(&hcd_vips, &at), hash)};
}
HCD_INLINE struct hcd_lead hcd_host_lead(const struct hcd_packet* packet, int six) {
  const __u64 hash = hcd_hash_of(packet->src, packet->sport, packet->proto, six);
  const __u32 at = (__u32)hash & hcd_config.endpoint_mask;
  return (struct hcd_lead){hash, hcd_tagged(bpf_map_lookup_elem(&hcd_endpoints, &at), hash)};
}

/* The rule for the packet's destination, and the host at its source; 0: none. */
HCD_INLINE __u32 hcd_rule_of(const struct hcd_packet* packet, int six, __u32 ifindex, struct hcd_lead lead) {
  const struct hcd_wanted wanted = {.addr = {packet->dst[0], packet->dst[1]},
                                    .ifindex = ifindex,
                                    .port = packet->dport,
                                    .proto = packet->proto,
                                    .six = six};
  if (!lead.first || hcd_is_rule(&wanted, lead.first)) return lead.first;
  const __u32 what = hcd_what(packet->dport, packet->proto, six);
  return hcd_find_rule(packet->dst[0], packet->dst[1], what, lead.hash, ifindex);
}
HCD_INLINE __u32 hcd_host_of(const struct hcd_packet* packet, int six, struct hcd_lead lead) {
  const struct hcd_wanted wanted = {
      .addr = {packet->src[0], packet->src[1]}, .port = packet->sport, .proto = packet->proto, .six = six};
  if (!lead.first || hcd_is_host(&wanted, lead.first)) return lead.first;
  return hcd_find_host(packet->src[0], packet->src[1], hcd_what(packet->sport, packet->proto, six), lead.hash);
}

#endif
