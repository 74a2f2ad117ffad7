/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * sticky-address: the host that a client's source node leads to. A lead is believed as it stands while the rule's table is the
 * one that it is of; after that the host is looked for in the ring, once. */
#ifndef HCD_STICKY_BPF_H
#define HCD_STICKY_BPF_H

#include "kmod/choose.bpf.h"

struct hcd_ring_search {
  __u64 ring;
  __u32 host;
  __u32 pairs; /* every other slot holds a weight */
  __u32 found;
};
static int hcd_search_line(__u32 line, struct hcd_ring_search* search) {
  for (__u32 i = 0; i < HCD_RING_LINE; i++) {
    const __u32 slot = line * HCD_RING_LINE + i;
    if (slot >= hcd_ring_slots(search->ring)) return 1;
    if (search->pairs && i % 2) continue;
    if (hcd_ring_at(search->ring, slot) == search->host) search->found = 1;
  }
  return search->found;
}
HCD_INLINE int hcd_ring_has(__u64 ring, __u32 host, int pairs) {
  struct hcd_ring_search search = {.ring = ring, .host = host, .pairs = pairs};
  bpf_loop((hcd_ring_slots(ring) + HCD_RING_LINE - 1) / HCD_RING_LINE, hcd_search_line, &search, 0);
  return search.found;
}

/* Takes the host that the node leads to, if it is in the table that the choice is made from. */
__noinline int hcd_follow_lead(struct hcd_scratch* scratch) {
  struct hcd_source* node = scratch ? hcd_source_at(scratch->joined.place) : 0;
  const struct hcd_rule* rule = scratch ? hcd_rule(scratch->joined.rule) : 0;
  if (!node || !rule) return 0;
  struct hcd_choice* choice = &scratch->choice;
  const __u64 lead = scratch->joined.lead = HCD_READ_ONCE(node->lead);
  const __u32 host = hcd_lead_host(lead);
  if (!hcd_is_up(host)) return 0;
  if (hcd_lead_version(lead) != choice->version) {
    if (!hcd_ring_has(choice->ring, host, rule->method == HCD_LEAST_STATES)) return 0;
    __sync_val_compare_and_swap(&node->lead, lead, hcd_lead(host, choice->version));
  }
  choice->host = host;
  return 1;
}

/* The node leads to the chosen host from now on, unless another CPU has had it lead to another meanwhile. */
__noinline int hcd_make_lead(struct hcd_scratch* scratch) {
  struct hcd_source* node = scratch ? hcd_source_at(scratch->joined.place) : 0;
  if (!node) return 0;
  const __u64 before = scratch->joined.lead, lead = hcd_lead(scratch->choice.host, scratch->choice.version);
  return __sync_val_compare_and_swap(&node->lead, before, lead) == before;
}

#endif
