/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The host for a new flow: pf's methods, and a hash of the whole flow. Which slots a ring has is userland's affair
 * (fastpath/ring.h). */
#ifndef HCD_CHOOSE_BPF_H
#define HCD_CHOOSE_BPF_H

#include "kmod/pick.h"
#include "kmod/state.bpf.h"

enum { HCD_PICK_ATTEMPTS = 4 };
enum {
  HCD_LEAST_LOOKS = 16
}; /* hosts that are compared, from the cursor on: in a larger table some of it, each time others */

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

/* Where on the ring a new flow starts: the next place in turn, a hash, or chance. */
HCD_INLINE __u64 hcd_next(__u32 index) {
  struct hcd_cursor* cursor = bpf_map_lookup_elem(&hcd_cursors, &index);
  return cursor ? __sync_fetch_and_add(&cursor->next, 1) : 0;
}
__noinline __u64 hcd_number(const struct hcd_flow* flow, __u32 index) {
  const struct hcd_rule* rule = hcd_rule(index);
  if (!flow || !rule) return 0;
  switch (rule->method) {
    case HCD_SOURCE_HASH: return hcd_siphash(rule->hash_key, flow->addr, flow->six);
    case HCD_HASH: {
      const struct hcd_near* near = &flow->near[HCD_VIRTUAL];
      return hcd_siphash_flow(rule->hash_key, flow->addr, near->addr, flow->port, near->port, flow->proto, flow->six);
    }
    case HCD_RANDOM: return bpf_get_prandom_u32();
    default: return hcd_next(index);
  }
}

/* Takes the host of the pair if it has less to do than the best so far, for its weight. */
__noinline int hcd_weigh(struct hcd_scratch* scratch, __u32 pair) {
  if (!scratch) return 0;
  struct hcd_choice* choice = &scratch->choice;
  const __u32 host = hcd_ring_at(choice->ring, 2 * pair), weight = hcd_ring_at(choice->ring, 2 * pair + 1);
  const struct hcd_load* load = bpf_map_lookup_elem(&hcd_loads, &host);
  if (!load || !weight || !hcd_is_up(host)) return 0;
  const __u32 states = HCD_READ_ONCE(load->states);
  if (choice->host && (__u64)states * choice->weight >= (__u64)choice->load * weight) return 0;
  choice->host = host;
  choice->load = states;
  choice->weight = weight;
  return 1;
}

/* The host with the least states for its weight; the first that is met among equals, so idle ones take turns. */
HCD_INLINE int hcd_pick_least(struct hcd_scratch* scratch) {
  const __u32 hosts = hcd_ring_slots(scratch->choice.ring) / 2;
  scratch->choice.host = 0;
  if (!hosts) return 0;
  __u32 pair = scratch->choice.number % hosts;
  for (__u32 look = 0; look < HCD_LEAST_LOOKS && look < hosts; look++) {
    hcd_weigh(scratch, pair);
    if (++pair >= hosts) pair = 0;
  }
  return scratch->choice.host != 0;
}

/* Whether the chosen host's answers to this client would be taken for another flow's. A connection that is over does not
 * count: it ends. */
__noinline int hcd_conflicts(struct hcd_scratch* scratch, __u32 index) {
  if (!scratch) return 1;
  const struct hcd_host* host = hcd_host(scratch->choice.host);
  const struct hcd_rule* rule = hcd_rule(index);
  struct hcd_flow* flow = &scratch->flow;
  struct hcd_near* near = &flow->near[HCD_HOST];
  const __be16 vport = flow->near[HCD_VIRTUAL].port;
  if (!host || !rule) return 1;
  near->addr[0] = flow->six ? hcd_words(&host->at, 0) : *(const __u32*)host->at.addr;
  near->addr[1] = flow->six ? hcd_words(&host->at, 1) : 0;
  near->port = hcd_host_port(&host->at, rule, vport);
  if (!hcd_find(scratch, HCD_HOST)) return 0;
  const struct hcd_found* found = &scratch->found;
  if (found->rule == index && found->vport == vport) return 0;
  if (!hcd_sides_done(hcd_value_sides(found->value), flow->proto == HCD_PROTO_UDP)) return 1;
  scratch->end = hcd_end_of(flow, found->place, flow->key | found->rule, HCD_EXPIRED);
  return !hcd_kill(&scratch->end);
}

/* The host of the attempt, if it takes new flows. False: it does not. */
__noinline int hcd_pick(struct hcd_scratch* scratch, __u32 index, __u32 attempt) {
  const struct hcd_rule* rule = hcd_rule(index);
  if (!rule || !scratch) return 0;
  struct hcd_choice* choice = &scratch->choice;
  if (!hcd_ring_slots(choice->ring)) return 0;
  if (!attempt) choice->number = rule->method == HCD_ROUND_ROBIN ? hcd_next(index) : hcd_number(&scratch->flow, index);
  if (rule->method == HCD_LEAST_STATES) {
    if (!attempt) return hcd_pick_least(scratch);
    /* What has least to do could not be had. */
    const __u32 hosts = hcd_ring_slots(choice->ring) / 2;
    choice->host = hosts ? hcd_ring_at(choice->ring, 2 * (__u32)((choice->number + attempt) % hosts)) : 0;
  } else {
    choice->host = hcd_ring_at(choice->ring, hcd_ring_slot(choice->ring, choice->number, attempt));
  }
  return hcd_is_up(choice->host);
}

#endif
