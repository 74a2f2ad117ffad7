/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The host for a new flow: pf's methods, and a hash of the whole flow. Which slots a ring has is userland's affair
 * (fastpath/ring.h). */
#ifndef HCD_CHOOSE_BPF_H
#define HCD_CHOOSE_BPF_H

#include "kmod/pick.h"
#include "kmod/state.bpf.h"
#include "kmod/unstored.bpf.h"

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

/* Where on the ring a new flow starts: the next place in turn, a hash, or chance. By hash whatever the method: then of a
 * client that is to stay with one host all flows have the same. */
HCD_INLINE __u64 hcd_next(__u32 index) {
  struct hcd_cursor* cursor = bpf_map_lookup_elem(&hcd_cursors, &index);
  return cursor ? __sync_fetch_and_add(&cursor->next, 1) : 0;
}
__noinline __u64 hcd_number(const struct hcd_flow* flow, __u32 index, __u32 by_hash) {
  const struct hcd_rule* rule = hcd_rule(index);
  if (!flow || !rule) return 0;
  const int keyed = rule->method == HCD_SOURCE_HASH || rule->method == HCD_HASH;
  if (keyed || by_hash) {
    const __u64 key[2] = {keyed ? rule->hash_key[0] : hcd_config.seed[0],
                          keyed ? rule->hash_key[1] : hcd_config.seed[1]};
    const struct hcd_near* near = &flow->near[HCD_VIRTUAL];
    if (rule->method == HCD_SOURCE_HASH || (by_hash && rule->flags & HCD_RULE_STICKY))
      return hcd_siphash(key, flow->addr, flow->six);
    return hcd_siphash_flow(key, flow->addr, near->addr, flow->port, near->port, flow->proto, flow->six);
  }
  return rule->method == HCD_RANDOM ? bpf_get_prandom_u32() : hcd_next(index);
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

/* By hash: of the hosts that are looked at from the number's place on, the one into whose share of their weights it falls. */
HCD_INLINE int hcd_pick_by_weight(struct hcd_scratch* scratch) {
  struct hcd_choice* choice = &scratch->choice;
  const __u32 hosts = hcd_ring_slots(choice->ring) / 2;
  choice->host = 0;
  if (!hosts) return 0;
  const __u32 first = choice->number % hosts;
  __u32 sum = 0;
  for (__u32 look = 0; look < HCD_LEAST_LOOKS && look < hosts; look++)
    sum += hcd_ring_at(choice->ring, 2 * ((first + look) % hosts) + 1);
  __u32 share = sum ? (choice->number >> 32) % sum : 0;
  for (__u32 look = 0; look < HCD_LEAST_LOOKS && look < hosts; look++) {
    const __u32 pair = (first + look) % hosts, weight = hcd_ring_at(choice->ring, 2 * pair + 1);
    if (share < weight) {
      choice->host = hcd_ring_at(choice->ring, 2 * pair);
      break;
    }
    share -= weight;
  }
  return hcd_is_up(choice->host);
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
  if (!attempt)
    choice->number = rule->method == HCD_ROUND_ROBIN && !choice->by_hash
                         ? hcd_next(index)
                         : hcd_number(&scratch->flow, index, choice->by_hash);
  if (rule->method == HCD_LEAST_STATES) {
    if (!attempt) return choice->by_hash ? hcd_pick_by_weight(scratch) : hcd_pick_least(scratch);
    /* What has least to do could not be had. */
    const __u32 hosts = hcd_ring_slots(choice->ring) / 2;
    choice->host = hosts ? hcd_ring_at(choice->ring, 2 * (__u32)((choice->number + attempt) % hosts)) : 0;
  } else {
    choice->host = hcd_ring_at(choice->ring, hcd_ring_slot(choice->ring, choice->number, attempt));
  }
  return hcd_is_up(choice->host);
}

#endif
