/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Source nodes: a client's states by one rule, or by all rules that track globally, counted together.
 *
 * A state is counted in its nodes from before it is made until it has ended, and hcd_more.flags says in which. Who wants to
 * count one adds first and looks at the key again afterwards; who wants to free a node makes its key a busy one first and looks
 * at the count afterwards: of the two at least one sees the other. The count itself is only ever added to and taken from, so
 * nobody's mistake outlives its correction. A node is made as a state is (kmod/state.bpf.h): its busy key names the client,
 * and whoever sees another for the same one begins again. */
#ifndef HCD_SOURCE_BPF_H
#define HCD_SOURCE_BPF_H

#include "kmod/flow.bpf.h"
#include "kmod/source.h"

enum { HCD_NO_SOURCE = -1 };
enum { HCD_RULE_TRACKS = HCD_RULE_SOURCE_TRACK | HCD_RULE_TRACK_GLOBAL };
enum { HCD_RULE_SOURCES = HCD_RULE_TRACKS | HCD_RULE_STICKY };

HCD_INLINE struct hcd_source* hcd_source_at(__u32 place) {
  place &= hcd_config.source_mask;
  return bpf_map_lookup_elem(&hcd_sources, &place);
}
HCD_INLINE __u64 hcd_hash_of_owner(const struct hcd_owner* owner) {
  return hcd_source_hash(hcd_seed(), owner->rule, owner->addr, owner->six);
}
HCD_INLINE int hcd_owns(const struct hcd_owner* owner, const struct hcd_source* node) {
  return HCD_READ_ONCE(node->addr[0]) == owner->addr[0] && HCD_READ_ONCE(node->addr[1]) == owner->addr[1];
}

/* The node's place, or HCD_NO_SOURCE. */
__noinline int hcd_find_source(const struct hcd_owner* owner) {
  if (!owner) return HCD_NO_SOURCE;
  const __u64 hash = hcd_hash_of_owner(owner), key = hcd_source_key(hash, owner->rule, owner->six);
  for (__u32 probe = 0; probe < HCD_SOURCE_PROBES; probe++) {
    const __u32 place = ((__u32)hash + probe) & hcd_config.source_mask;
    const struct hcd_source* node = hcd_source_at(place);
    if (node && HCD_READ_ONCE(node->key) == key && hcd_owns(owner, node)) return place;
  }
  return HCD_NO_SOURCE;
}

HCD_INLINE void hcd_add_sources(__u32 rule, __u32 change) {
  struct hcd_cursor* cursor = rule == HCD_SOURCE_GLOBAL ? 0 : bpf_map_lookup_elem(&hcd_cursors, &rule);
  struct hcd_pulse* pulse = hcd_pulse_now();
  if (cursor) __sync_fetch_and_add(&cursor->sources, change);
  if (pulse) __sync_fetch_and_add(&pulse->sources, change);
}

/* Frees a node that has no states and whose time is over. */
__noinline int hcd_free_source(__u32 place, __u32 now) {
  struct hcd_source* node = hcd_source_at(place);
  if (!node) return 0;
  const __u64 key = HCD_READ_ONCE(node->key);
  if (!key || hcd_source_family(key) == HCD_SOURCE_BUSY || HCD_READ_ONCE(node->states)) return 0;
  const __s32 idle = (__s32)(now - HCD_READ_ONCE(node->seen));
  const __u32 track = HCD_READ_ONCE(node->track);
  if (track && idle <= (__s32)track) return 0;
  if (__sync_val_compare_and_swap(&node->key, key, hcd_source_busy(key)) != key) return 0;
  if (HCD_READ_ONCE(node->states)) {
    __sync_lock_test_and_set(&node->key, key);
    return 0;
  }
  hcd_add_sources(hcd_source_rule(key), -1);
  hcd_count(HCD_SOURCE_REMOVED);
  __sync_lock_test_and_set(&node->key, 0);
  return 1;
}

/* Whether another CPU has made, or is making, the owner's node in another place. */
HCD_INLINE int hcd_has_twin(const struct hcd_owner* owner, __u64 hash, __u32 ours) {
  const __u64 key = hcd_source_key(hash, owner->rule, owner->six);
  for (__u32 probe = 0; probe < HCD_SOURCE_PROBES; probe++) {
    const struct hcd_source* node = hcd_source_at((__u32)hash + probe);
    if (!node || probe == ours) continue;
    const __u64 other = HCD_READ_ONCE(node->key);
    if (other == hcd_source_busy(key) || (other == key && hcd_owns(owner, node))) return 1;
  }
  return 0;
}

/* Makes the owner's node. Its place, or minus the reason why not. */
__noinline int hcd_make_source(const struct hcd_owner* owner, __u32 now) {
  if (!owner) return -HCD_SRC_LIMIT;
  const __u64 hash = hcd_hash_of_owner(owner), key = hcd_source_key(hash, owner->rule, owner->six);
  struct hcd_source* node = 0;
  __u32 probe = 0;
  for (; probe < HCD_SOURCE_PROBES; probe++) {
    node = hcd_source_at((__u32)hash + probe);
    if (!node) return -HCD_SRC_LIMIT;
    if (!HCD_READ_ONCE(node->key) || hcd_free_source((__u32)hash + probe, now)) break;
  }
  if (!node || probe >= HCD_SOURCE_PROBES) return -HCD_SRC_LIMIT;
  if (__sync_val_compare_and_swap(&node->key, 0, hcd_source_busy(key))) return -HCD_STATE_RACE;
  if (hcd_has_twin(owner, hash, probe)) {
    __sync_lock_test_and_set(&node->key, 0);
    return -HCD_STATE_RACE;
  }
  HCD_WRITE_ONCE(node->addr[0], owner->addr[0]);
  HCD_WRITE_ONCE(node->addr[1], owner->addr[1]);
  HCD_WRITE_ONCE(node->lead, 0);
  HCD_WRITE_ONCE(node->conns, 0);
  HCD_WRITE_ONCE(node->rate, 0);
  HCD_WRITE_ONCE(node->rate_since, now);
  HCD_WRITE_ONCE(node->seen, now);
  HCD_WRITE_ONCE(node->birth, now);
  HCD_WRITE_ONCE(node->track, 1); /* or the sweeper could take it before it has its first state */
  hcd_add_sources(owner->rule, 1);
  hcd_count(HCD_SOURCE_CREATED);
  __sync_lock_test_and_set(&node->key, key);
  return ((__u32)hash + probe) & hcd_config.source_mask;
}

/* A state of the owner's has ended, or was not made after all. */
HCD_INLINE int hcd_leave_source(const struct hcd_owner* owner, __u32 now, __u32 conn) {
  if (!owner) return 0;
  const int place = hcd_find_source(owner);
  struct hcd_source* node = place < 0 ? 0 : hcd_source_at(place);
  if (!node) return 0;
  if (conn) __sync_fetch_and_sub(&node->conns, 1);
  HCD_WRITE_ONCE(node->seen, now);
  if (__sync_fetch_and_sub(&node->states, 1) == 1 && !HCD_READ_ONCE(node->track)) hcd_free_source(place, now);
  return 1;
}

/* Counts down in the owner's nodes what a state's flags say. */
HCD_INLINE void hcd_leave_sources(struct hcd_owner* owner, __u32 flags) {
  const __u32 now = hcd_now(), conn = flags & HCD_MORE_CONN;
  if (flags & HCD_MORE_SOURCE) hcd_leave_source(owner, now, flags & HCD_MORE_GLOBAL ? 0 : conn);
  owner->rule = HCD_SOURCE_GLOBAL;
  if (flags & HCD_MORE_GLOBAL) hcd_leave_source(owner, now, conn);
}

/* Counts the state that is to be made in its client's node of the rule's own or the global one. 0, or the reason why it must not be
 * made. Whether the limits are counted there: the other node is for sticky-address alone. */
__noinline int hcd_join_source(struct hcd_scratch* scratch, __u32 own) {
  const struct hcd_rule* rule = scratch ? hcd_rule(scratch->joined.rule) : 0;
  if (!rule) return HCD_SRC_LIMIT;
  const __u32 set = rule->timeouts, index = scratch->joined.rule, flags = rule->flags;
  const struct hcd_timeout_set* timeouts = bpf_map_lookup_elem(&hcd_timeout_sets, &set);
  const struct hcd_flow* flow = &scratch->flow;
  struct hcd_owner* owner = &scratch->owner;
  *owner = (struct hcd_owner){{flow->addr[0], flow->addr[1]}, own ? index : HCD_SOURCE_GLOBAL, flow->six};
  const int limited = flags & (own ? HCD_RULE_SOURCE_TRACK : HCD_RULE_TRACK_GLOBAL);
  hcd_count(HCD_SOURCE_SEARCHES);
  int place = hcd_find_source(owner);
  if (place < 0) {
    const struct hcd_cursor* cursor = bpf_map_lookup_elem(&hcd_cursors, &index);
    if (limited && own && rule->max_src_nodes && cursor && HCD_READ_ONCE(cursor->sources) >= rule->max_src_nodes) {
      hcd_count(HCD_LIMIT_SRC_NODES);
      return HCD_SRC_LIMIT;
    }
    place = hcd_make_source(owner, flow->now);
    if (place < 0) return -place;
  }
  struct hcd_source* node = hcd_source_at(place);
  if (!node) return HCD_SRC_LIMIT;
  const __u64 key = hcd_source_key(hcd_hash_of_owner(owner), owner->rule, owner->six);
  const __u32 before = __sync_fetch_and_add(&node->states, 1);
  if (HCD_READ_ONCE(node->key) != key || !hcd_owns(owner, node)) {
    __sync_fetch_and_sub(&node->states, 1);
    return HCD_STATE_RACE;
  }
  HCD_WRITE_ONCE(node->seen, flow->now);
  if (timeouts) HCD_WRITE_ONCE(node->track, timeouts->ticks[HCD_TM_SRC_TRACK]);
  if (limited && rule->max_src_states && before >= rule->max_src_states) {
    hcd_count(HCD_LIMIT_SRC_STATES);
    hcd_leave_source(owner, flow->now, 0);
    return HCD_SRC_LIMIT;
  }
  if (own) scratch->joined.place = place;
  scratch->joined.flags |= !own                      ? HCD_MORE_GLOBAL
                           : flags & HCD_RULE_STICKY ? HCD_MORE_SOURCE | HCD_MORE_STICKY
                                                     : HCD_MORE_SOURCE;
  return 0;
}

/* Takes the client out of the nodes that it was counted in for a state that is not there. */
__noinline int hcd_part_sources(struct hcd_scratch* scratch) {
  if (!scratch) return 0;
  scratch->owner =
      (struct hcd_owner){{scratch->flow.addr[0], scratch->flow.addr[1]}, scratch->joined.rule, scratch->flow.six};
  hcd_leave_sources(&scratch->owner, scratch->joined.flags);
  scratch->joined.flags = 0;
  return 1;
}

/* Counts the state that is to be made, of a rule that counts. Where there is no room for the node of a rule that has no limits,
 * its clients are led to any host. */
__noinline int hcd_join_sources(struct hcd_scratch* scratch, __u32 index) {
  const struct hcd_rule* rule = scratch ? hcd_rule(index) : 0;
  if (!rule) return HCD_SRC_LIMIT;
  const __u32 flags = rule->flags;
  scratch->joined.rule = index;
  int barred = flags & HCD_RULE_TRACK_GLOBAL ? hcd_join_source(scratch, 0) : 0;
  if (!barred && flags & (HCD_RULE_SOURCE_TRACK | HCD_RULE_STICKY)) {
    barred = hcd_join_source(scratch, 1);
    if (barred == HCD_SRC_LIMIT && !(flags & HCD_RULE_SOURCE_TRACK)) barred = 0;
  }
  if (barred && scratch->joined.flags) hcd_part_sources(scratch);
  return barred;
}

#endif
