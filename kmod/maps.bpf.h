/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Every map, and the read-only configuration. Userland sets max_entries and hcd_config before load; kmod/hcd_abi.h says
 * what each holds. The last ones are the packet path's own. */
#ifndef HCD_MAPS_BPF_H
#define HCD_MAPS_BPF_H

#include "kmod/flow.h"
#include "kmod/helpers.bpf.h"
#include "kmod/pure.h"

const volatile struct hcd_config hcd_config = {};

#define HCD_MAP(name, kind, flags, entry, entries) \
  struct {                                         \
    __uint(type, kind);                            \
    __uint(map_flags, flags);                      \
    __uint(max_entries, entries);                  \
    __type(key, __u32);                            \
    __type(value, entry);                          \
  } name SEC(".maps")
#define HCD_MAPPED(name, entry, entries) HCD_MAP(name, BPF_MAP_TYPE_ARRAY, BPF_F_MMAPABLE, entry, entries)
#define HCD_NETWORKS(name, key_type)       \
  struct {                                 \
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);   \
    __uint(map_flags, BPF_F_NO_PREALLOC);  \
    __uint(max_entries, HCD_MAX_NETWORKS); \
    __type(key, key_type);                 \
    __type(value, __u32);                  \
  } name SEC(".maps")
#define HCD_PER_CPU(name, entry, entries) HCD_MAP(name, BPF_MAP_TYPE_PERCPU_ARRAY, 0, entry, entries)

HCD_MAPPED(hcd_globals, struct hcd_globals, 1);
HCD_MAPPED(hcd_links, struct hcd_link, HCD_MAX_IFINDEX);

HCD_MAPPED(hcd_vips, struct hcd_index_line, HCD_INDEX_LINES);
HCD_MAPPED(hcd_endpoints, struct hcd_index_line, HCD_INDEX_LINES);
HCD_MAPPED(hcd_rules, struct hcd_rule, HCD_MAX_RULES);
HCD_MAPPED(hcd_cursors, struct hcd_cursor, HCD_MAX_RULES);
HCD_MAPPED(hcd_rings, struct hcd_ring_line, HCD_RING_LINES);
HCD_MAPPED(hcd_hosts, struct hcd_host, HCD_MAX_HOSTS);
HCD_MAPPED(hcd_timeout_sets, struct hcd_timeout_set, HCD_MAX_TIMEOUT_SETS);

HCD_NETWORKS(hcd_networks4, struct hcd_network4_key);
HCD_NETWORKS(hcd_networks6, struct hcd_network6_key);

HCD_MAPPED(hcd_states4, struct hcd_bucket4, HCD_STATE_BUCKETS);
HCD_MAPPED(hcd_states6, struct hcd_bucket6, HCD_STATE_BUCKETS);
HCD_MAPPED(hcd_spills4, struct hcd_spill, HCD_STATE_BUCKETS / 64);
HCD_MAPPED(hcd_spills6, struct hcd_spill, HCD_STATE_BUCKETS / 64);
HCD_MAPPED(hcd_large, struct hcd_large, HCD_LARGE);
HCD_MAPPED(hcd_loads, struct hcd_load, HCD_MAX_HOSTS);
HCD_MAPPED(hcd_sources, struct hcd_source, HCD_MAX_SOURCES);
HCD_MAPPED(hcd_settings, struct hcd_settings, 1);
HCD_MAPPED(hcd_pulse, struct hcd_pulse, 1);

struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, HCD_EVENT_BYTES);
} hcd_events SEC(".maps");

/* The sweeper's timer; it runs as long as the map is pinned or open somewhere. */
struct hcd_sweep {
  struct bpf_timer timer;
};
HCD_MAP(hcd_sweep, BPF_MAP_TYPE_ARRAY, 0, struct hcd_sweep, 1);

HCD_PER_CPU(hcd_reasons, __u64, HCD_REASONS);
HCD_PER_CPU(hcd_rule_stats, struct hcd_stats, HCD_MAX_RULES);
HCD_PER_CPU(hcd_host_stats, struct hcd_stats, HCD_MAX_HOSTS);

HCD_MAPPED(hcd_anchor_info, struct hcd_anchor_info, HCD_MAX_ANCHORS);
HCD_MAPPED(hcd_table_info, struct hcd_table_info, HCD_MAX_TABLES);
HCD_MAPPED(hcd_members, struct hcd_member, HCD_MAX_MEMBERS);
HCD_MAPPED(hcd_rule_info, struct hcd_rule_info, HCD_MAX_RULES);

/* The way to an address, as the routing table said in that tick and under that hcd_settings.hop_generation. Unresolved: the
 * address is the next hop's, and the entry serves for this one packet. */
struct hcd_hop {
  __u64 addr[2];
  __u32 tick;
  __u32 generation; /* 0: not to be remembered */
  __u32 ifindex;
  __u16 mtu; /* 0: none worth a check */
  __u8 six;
  __u8 xdp; /* XDP may redirect to the link */
  __u32 unresolved;
  __u32 mac[3]; /* destination and source, as an Ethernet header begins */
};
HCD_PER_CPU(hcd_hops, struct hcd_hop, HCD_HOPS);

/* Clients whose states are to end (overload ... flush). The sweeper's timer walks over all states as long as there is one, and
 * takes away those that were there when it began: the value is the number of a walk that may have begun before. */
enum { HCD_MAX_FLUSHES = 4096 };
struct hcd_flush_key {
  __u64 addr[2];
  __u32 rule;   /* 0: of all rules */
  __u32 family; /* 4, 6 */
};
struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, HCD_MAX_FLUSHES);
  __type(key, struct hcd_flush_key);
  __type(value, __u32);
} hcd_flushes SEC(".maps");

/* No packet interrupts another on its CPU. */
HCD_PER_CPU(hcd_scratch, struct hcd_scratch, 1);

/* Look-ups by value: a key that lives in a struct would keep all of it in memory. */
HCD_INLINE struct hcd_rule* hcd_rule(__u32 index) {
  return bpf_map_lookup_elem(&hcd_rules, &index);
}
HCD_INLINE struct hcd_host* hcd_host(__u32 index) {
  return bpf_map_lookup_elem(&hcd_hosts, &index);
}
HCD_INLINE struct hcd_scratch* hcd_scratch_now(void) {
  const __u32 zero = 0;
  return bpf_map_lookup_elem(&hcd_scratch, &zero);
}
HCD_INLINE struct hcd_settings* hcd_settings_now(void) {
  const __u32 zero = 0;
  return bpf_map_lookup_elem(&hcd_settings, &zero);
}
HCD_INLINE struct hcd_pulse* hcd_pulse_now(void) {
  const __u32 zero = 0;
  return bpf_map_lookup_elem(&hcd_pulse, &zero);
}
HCD_INLINE __u32 hcd_link_flags(__u32 ifindex) {
  const struct hcd_link* link = bpf_map_lookup_elem(&hcd_links, &ifindex);
  return link ? link->flags : 0;
}

#endif
