/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The host for a new flow: pf's methods. Which slots a ring has is userland's affair (fastpath/ring.h). */
#ifndef HCD_CHOOSE_BPF_H
#define HCD_CHOOSE_BPF_H

#include "kmod/state.bpf.h"

enum { HCD_PICK_ATTEMPTS = 4 };

/* The host in a slot of the ring. */
HCD_INLINE __u32 hcd_ring_at(__u64 ring, __u32 slot) {
  const __u32 at = hcd_ring_line_of(ring, slot);
  const struct hcd_ring_line* line = bpf_map_lookup_elem(&hcd_rings, &at);
  return line ? line->host[slot % HCD_RING_LINE] : 0;
}

HCD_INLINE int hcd_is_up(__u32 index) {
  const struct hcd_host* host = index ? hcd_host(index) : 0;
  return host && !(host->flags & HCD_HOST_DOWN);
}

/* Where on the ring a new flow starts: its source's hash, or the next place in turn. */
HCD_INLINE __u64 hcd_number(const struct hcd_flow* flow, const struct hcd_rule* rule, __u32 index) {
  if (rule->method == HCD_SOURCE_HASH) return hcd_siphash(rule->hash_key, flow->addr, flow->six);
  struct hcd_cursor* cursor = bpf_map_lookup_elem(&hcd_cursors, &index);
  return cursor ? __sync_fetch_and_add(&cursor->next, 1) : 0;
}

/* Whether the chosen host's answers to this client would be taken for another flow's. A connection that is over does not
 * count: it ends. */
__noinline int hcd_conflicts(struct hcd_scratch* scratch, __u32 index) {
  if (!scratch || !hcd_find(scratch, 0, scratch->choice.host) || scratch->found.rule == index) return 0;
  const struct hcd_found* found = &scratch->found;
  if (!hcd_sides_done(hcd_value_sides(found->value), hcd_rule_is_udp(found->rule))) return 1;
  const struct hcd_end end = hcd_end_of(&scratch->flow, found->place, scratch->flow.key | found->rule, HCD_EXPIRED);
  return !hcd_kill(&end);
}

/* The host of the attempt's slot, if it is up. False: it is not. */
__noinline int hcd_pick(struct hcd_scratch* scratch, __u32 index, __u32 attempt) {
  const struct hcd_rule* rule = hcd_rule(index);
  if (!rule || !scratch) return 0;
  struct hcd_choice* choice = &scratch->choice;
  if (!hcd_ring_slots(choice->ring)) return 0;
  if (!attempt) choice->number = hcd_number(&scratch->flow, rule, index);
  choice->host = hcd_ring_at(choice->ring, hcd_ring_slot(choice->ring, choice->number, attempt));
  return hcd_is_up(choice->host);
}

#endif
