/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Tells whoever reads hcd_events what becomes of states and packets. While nobody does, all of it is the look at a word of
 * hcd_settings, in a line that each packet reads anyway, and the words are cleared by the sweeper where a reader has died.
 * Whoever reads has a time to live for it; a full ring costs an event, which is counted, and never a packet.
 *
 * An event is made in its place in the ring: the stack has no room for one. The reader sleeps until its own next look unless
 * the ring fills: an event each would cost an interrupt each. */
#ifndef HCD_TELL_BPF_H
#define HCD_TELL_BPF_H

#include "kmod/flow.bpf.h"

enum { HCD_WAKE_PART = 4 }; /* of the ring, that is full when the reader is woken */

HCD_INLINE int hcd_is_ahead(__u32 until) {
  return until && (__s32)(until - hcd_now()) > 0;
}

/* Whether somebody may be reading: of states, of packets. */
HCD_INLINE int hcd_is_watched(void) {
  const struct hcd_settings* settings = hcd_settings_now();
  return settings && HCD_READ_ONCE(settings->watch_until);
}
HCD_INLINE int hcd_is_sampled(void) {
  const struct hcd_settings* settings = hcd_settings_now();
  return settings && HCD_READ_ONCE(settings->sample_until);
}

/* Of a reader that has gone nothing is asked any more. */
HCD_INLINE void hcd_end_watch(__u32* until) {
  const __u32 was = HCD_READ_ONCE(*until);
  if (was && !hcd_is_ahead(was)) __sync_val_compare_and_swap(until, was, 0);
}

/* Room in the ring, to be sent; or none. */
HCD_INLINE struct hcd_event* hcd_new_event(__u8 kind, int six, __u8 proto, __u32 tick) {
  struct hcd_event* event = bpf_ringbuf_reserve(&hcd_events, sizeof(*event), 0);
  if (!event) {
    struct hcd_pulse* pulse = hcd_pulse_now();
    if (pulse) __sync_fetch_and_add(&pulse->lost_events, 1);
    return 0;
  }
  __builtin_memset(event, 0, sizeof(*event));
  event->tick = tick;
  event->kind = kind;
  event->family = six ? 6 : 4;
  event->proto = proto;
  return event;
}
HCD_INLINE void hcd_send_event(struct hcd_event* event) {
  const __u64 unread = bpf_ringbuf_query(&hcd_events, BPF_RB_AVAIL_DATA);
  const __u64 enough = bpf_ringbuf_query(&hcd_events, BPF_RB_RING_SIZE) / HCD_WAKE_PART;
  bpf_ringbuf_submit(event, unread >= enough ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

/* The state in scratch->found, before its key is there for others: so nobody can tell of its death before. */
__noinline int hcd_tell_birth(const struct hcd_scratch* scratch, __u64 id) {
  const struct hcd_settings* settings = hcd_settings_now();
  if (!scratch || !settings || !hcd_is_ahead(settings->watch_until)) return 0;
  const struct hcd_flow* flow = &scratch->flow;
  struct hcd_event* event = hcd_new_event(HCD_EVENT_BIRTH, flow->six, flow->proto, flow->now);
  if (!event) return 0;
  event->id = id;
  event->addr[0] = flow->addr[0];
  event->addr[1] = flow->addr[1];
  event->dst[0] = flow->near[HCD_VIRTUAL].addr[0];
  event->dst[1] = flow->near[HCD_VIRTUAL].addr[1];
  event->port = flow->port;
  event->dport = scratch->found.vport;
  event->rule = scratch->found.rule;
  event->host = hcd_value_host(scratch->found.value);
  event->sides = hcd_value_sides(scratch->found.value);
  hcd_send_event(event);
  return 1;
}

/* What the state has counted, with what was emptied into hcd_large. */
HCD_INLINE void hcd_tell_counts(const __u64 counts[2], struct hcd_event* event) {
  for (int side = 0; side < 2; side++) {
    const __u64 count = HCD_READ_ONCE(counts[side]);
    event->packets[side] = hcd_count_packets(count);
    event->bytes[side] = hcd_count_bytes(count);
  }
  for (__u32 probe = 0; probe < HCD_LARGE_PROBES; probe++) {
    const __u32 at = hcd_large_at(event->id, probe);
    const struct hcd_large* large = bpf_map_lookup_elem(&hcd_large, &at);
    for (int side = 0; large && large->id == event->id && side < 2; side++) {
      event->packets[side] += large->packets[side];
      event->bytes[side] += large->bytes[side];
    }
  }
}

/* The state that had this value, while its key is still a busy one. */
__noinline int hcd_tell_death(const struct hcd_end* end, __u64 value) {
  const struct hcd_settings* settings = hcd_settings_now();
  if (!end || !settings || !hcd_is_ahead(settings->watch_until)) return 0;
  const struct hcd_spot spot = hcd_spot_of(end);
  const struct hcd_rule* rule = hcd_rule((__u16)end->key);
  if (!spot.entry || !rule) return 0;
  struct hcd_event* event = hcd_new_event(HCD_EVENT_DEATH, end->six, rule->to.proto, hcd_now());
  if (!event) return 0;
  event->reason = end->reason;
  event->id = hcd_state_id(spot.more->birth, end->at, end->way, end->six);
  event->addr[0] = end->six ? spot.entry->addr[0] : end->key >> 32;
  event->addr[1] = end->six ? spot.entry->addr[1] : 0;
  event->dst[0] = end->six ? hcd_words(&rule->to, 0) : *(const __u32*)rule->to.addr;
  event->dst[1] = end->six ? hcd_words(&rule->to, 1) : 0;
  event->port = (__be16)(end->key >> 16);
  event->dport = spot.more->vport;
  event->rule = (__u16)end->key;
  event->host = hcd_value_host(value);
  event->sides = hcd_value_sides(value);
  hcd_tell_counts(spot.entry->counts, event);
  hcd_send_event(event);
  return 1;
}

/* The client of the state in scratch->found was put into the table. */
__noinline int hcd_tell_overload(const struct hcd_scratch* scratch, __u32 table) {
  const struct hcd_settings* settings = hcd_settings_now();
  if (!scratch || !settings || !hcd_is_ahead(settings->watch_until)) return 0;
  const struct hcd_flow* flow = &scratch->flow;
  struct hcd_event* event = hcd_new_event(HCD_EVENT_OVERLOAD, flow->six, flow->proto, flow->now);
  if (!event) return 0;
  event->addr[0] = flow->addr[0];
  event->addr[1] = flow->addr[1];
  event->port = flow->port;
  event->rule = scratch->found.rule;
  event->host = hcd_value_host(scratch->found.value);
  event->table = table;
  hcd_send_event(event);
  return 1;
}

/* Whether the packet is one of those that are told of. By chance: what comes in turns would have a part in each or in none. */
HCD_INLINE int hcd_is_wanted(const struct hcd_settings* settings, __u32 reason) {
  const __u64 reasons = HCD_READ_ONCE(settings->sample_reasons);
  if (!hcd_is_ahead(HCD_READ_ONCE(settings->sample_until)) || (reasons && !(reasons >> (reason & 63) & 1))) return 0;
  const __u32 one_in = HCD_READ_ONCE(settings->sample_one_in);
  return one_in < 2 || !((__u64)bpf_get_prandom_u32() * one_in >> 32);
}

/* What became of a packet, as it came in. What: the reason, and the hook << 8. */
__noinline int hcd_tell_decision(const struct hcd_packet* packet, __u32 what, __u32 rule, __u32 host, __u32 ifindex) {
  const struct hcd_settings* settings = hcd_settings_now();
  if (!packet || !settings || !hcd_is_wanted(settings, what & 255)) return 0;
  struct hcd_event* event = hcd_new_event(HCD_EVENT_DECISION, packet->six, packet->proto, hcd_now());
  if (!event) return 0;
  event->reason = (__u8)what;
  event->hook = (__u8)(what >> 8);
  event->addr[0] = packet->src[0];
  event->addr[1] = packet->src[1];
  event->dst[0] = packet->dst[0];
  event->dst[1] = packet->dst[1];
  event->port = packet->sport;
  event->dport = packet->dport;
  event->rule = event->reason == HCD_PASSED ? 0 : rule;
  event->host = event->reason == HCD_PASSED ? 0 : host;
  event->ifindex = ifindex;
  event->flags = packet->flags;
  event->bytes[0] = packet->bytes;
  hcd_send_event(event);
  return 1;
}

#endif
