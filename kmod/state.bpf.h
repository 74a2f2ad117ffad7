/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Births and deaths of states. An insert claims its entry with a key that already names the client, and then looks
 * around: whoever sees another claim on, or entry for, the same flow gives its own up and starts again. Each claim is a
 * full barrier, so of two CPUs at least the later one sees the other, and no flow is ever in the table twice. */
#ifndef HCD_STATE_BPF_H
#define HCD_STATE_BPF_H

#include "kmod/source.bpf.h"
#include "kmod/tell.bpf.h"

/* Adds, and is a full barrier: an addition whose outcome nobody asks for is none on some machines. */
HCD_INLINE void hcd_add(__u32* place, __u32 change) {
  const __u32 was = __sync_fetch_and_add(place, change);
  __asm__ volatile("" : : "r"(was) : "memory");
}

HCD_INLINE void hcd_add_states_of(__u32 host, __u32 change) {
  struct hcd_load* load = bpf_map_lookup_elem(&hcd_loads, &host);
  if (load) hcd_add(&load->states, change);
}
HCD_INLINE void hcd_add_states_by(__u32 rule, __u32 change) {
  struct hcd_cursor* cursor = bpf_map_lookup_elem(&hcd_cursors, &rule);
  if (cursor) hcd_add(&cursor->states, change);
}

/* The flags of what stands beside a state, set and taken by more than one CPU: what they were before. */
union hcd_flag_word {
  struct {
    __be16 vport;
    __u16 flags;
  };
  __u32 word;
};
HCD_INLINE __u16 hcd_set_flag(struct hcd_more* more, __u16 flag) {
  const union hcd_flag_word set = {.flags = flag};
  return ((union hcd_flag_word){.word = __sync_fetch_and_or((__u32*)&more->vport, set.word)}).flags;
}
HCD_INLINE __u16 hcd_take_flag(struct hcd_more* more, __u16 flag) {
  const union hcd_flag_word taken = {.flags = flag};
  return ((union hcd_flag_word){.word = __sync_fetch_and_and((__u32*)&more->vport, ~taken.word)}).flags;
}

/* A state of a rule that counts sources: its client's nodes count it no more. */
__noinline int hcd_leave_nodes(const struct hcd_end* end) {
  if (!end) return 0;
  const struct hcd_spot spot = hcd_spot_of(end);
  struct hcd_scratch* scratch = hcd_scratch_now();
  if (!spot.entry || !scratch) return 0;
  struct hcd_owner* owner = &scratch->owner;
  *owner = (struct hcd_owner){.addr = {(__u32)(end->key >> 32)}, .rule = (__u16)end->key, .six = end->six};
  if (end->six) {
    owner->addr[0] = HCD_READ_ONCE(spot.entry->addr[0]);
    owner->addr[1] = HCD_READ_ONCE(spot.entry->addr[1]);
  }
  hcd_leave_sources(owner, hcd_take_flag(spot.more, (__u16)~0));
  return 1;
}

/* The entry is the caller's, who swapped its key for a busy one: counts the state's death. The key stays busy. */
HCD_INLINE int hcd_bury(const struct hcd_end* end) {
  if (!end) return 0;
  struct hcd_state6* entry = hcd_spot_of(end).entry;
  const __u32 index = (__u16)end->key;
  const struct hcd_rule* rule = hcd_rule(index);
  if (!entry) return 0;
  const __u64 value = __sync_lock_test_and_set(&entry->value, 0);
  hcd_add_states_of(hcd_value_host(value), -1);
  hcd_add_states_by(index, -1);
  if (hcd_is_watched()) hcd_tell_death(end, value);
  if (rule && rule->flags & HCD_RULE_SOURCES) hcd_leave_nodes(end);
  hcd_count(end->reason);
  return 1;
}

/* Ends the state if it still has this key. True: it was ours to end. */
__noinline int hcd_kill(const struct hcd_end* end) {
  if (!end) return 0;
  struct hcd_state6* entry = hcd_spot_of(end).entry;
  if (!entry || __sync_val_compare_and_swap(&entry->key, end->key, end->key | HCD_RULE_BUSY) != end->key) return 0;
  hcd_bury(end);
  __sync_lock_test_and_set(&entry->key, 0);
  return 1;
}

HCD_INLINE struct hcd_end hcd_end_of(const struct hcd_flow* flow, __u32 place, __u64 key, __u8 reason) {
  return (struct hcd_end){key, hcd_bucket_of(flow, place), place & (HCD_WAYS - 1), flow->six, reason};
}

/* What a new state costs in a place: nothing where it is free, and the more the dearer the entry there is; -1: it is not
 * to be had. */
HCD_INLINE __s64 hcd_worth(__u64 key, __u64 value, __u32 now) {
  if (!key) return 0;
  if ((__u16)key == HCD_RULE_BUSY) return -1;
  if (hcd_expired(now, value, (__u16)key)) return 1;
  const __u32 sides = hcd_value_sides(value);
  const int udp = hcd_rule_is_udp((__u16)key);
  if (hcd_sides_done(sides, udp)) return 2;
  return hcd_sides_half_open(sides, udp) ? 3LL << 32 | (__u32)~hcd_age(now, value) : -1;
}

/* In a flood that is guarded against their own clients have them made again. */
HCD_INLINE int hcd_spares_half_open(const struct hcd_choice* choice) {
  const struct hcd_settings* settings = hcd_settings_now();
  return settings && settings->when_full == HCD_REFUSE && !choice->by_hash;
}

/* Looks whether a place is cheaper than the cheapest so far. */
__noinline int hcd_price(struct hcd_scratch* scratch, __u32 place) {
  if (!scratch) return 0;
  const struct hcd_flow* flow = &scratch->flow;
  struct hcd_victim* victim = &scratch->victim;
  const struct hcd_spot spot = flow->six ? hcd_spot(flow, 1, place) : hcd_spot(flow, 0, place);
  const struct hcd_state6* entry = spot.entry;
  if (!entry) return 0;
  const __u64 key = HCD_READ_ONCE(entry->key);
  const __s64 worth = hcd_worth(key, HCD_READ_ONCE(entry->value), flow->now);
  if (worth > 2 && hcd_spares_half_open(&scratch->choice)) return 0;
  if (worth < 0 || (victim->worth >= 0 && worth >= victim->worth)) return 0;
  /* The client's own is not for it unless it is dead: it may be this very flow's, made by another CPU just now. */
  if (key && !((key ^ flow->key) >> 16) && worth > 1) return 0;
  *victim = (struct hcd_victim){key, worth, place};
  return 1;
}

/* The first free place; HCD_PLACES: none. Nearly always it is in home's first line. */
__noinline int hcd_free_beyond(const struct hcd_flow* flow) {
  if (!flow) return HCD_PLACES;
  const int six = flow->six != 0;
  for (__u32 nth = 0; nth < HCD_PLACES; nth++) {
    const __u32 place = nth / HCD_WAYS * HCD_WAYS + hcd_flow_way(flow->hash, nth, six);
    const struct hcd_spot spot = six ? hcd_spot(flow, 1, place) : hcd_spot(flow, 0, place);
    if (spot.entry && !HCD_READ_ONCE(spot.entry->key)) return place;
  }
  return HCD_PLACES;
}
HCD_INLINE __u32 hcd_free_place(const struct hcd_flow* flow, void* home, int six) {
  for (__u32 nth = 0; nth < (six ? HCD_LINE_WAYS6 : HCD_LINE_WAYS4); nth++) {
    const __u32 way = hcd_flow_way(flow->hash, nth, six);
    if (!HCD_READ_ONCE(hcd_way(home, six, way)->key)) return way;
  }
  return hcd_free_beyond(flow);
}

/* Says that a state may stand in that place, where it is not in home's first line; for who looks the other way it must be
 * said before and after. */
HCD_INLINE void hcd_spill(const struct hcd_flow* flow, int six, __u32 place) {
  const __u32 rank = place / HCD_WAYS & (HCD_RANKS - 1), home = hcd_bucket_of(flow, 0);
  if (!rank && hcd_way_is_first(flow->hash, place % HCD_WAYS, six)) return;
  struct hcd_spill* spill = hcd_spill_of(home, six);
  const __u64 bits = hcd_spill_bits(home, rank);
  if (spill && ~HCD_READ_ONCE(*hcd_spill_at(spill, home)) & bits) __sync_fetch_and_or(hcd_spill_at(spill, home), bits);
}

/* Claims the place of an entry whose state goes for the new one. */
HCD_INLINE int hcd_evict(struct hcd_scratch* scratch, int six, __u64 claim) {
  struct hcd_victim* victim = &scratch->victim;
  victim->worth = -1;
  for (__u32 place = 0; place < HCD_PLACES; place++)
    if (hcd_price(scratch, place) && victim->worth == 0) break;
  const __u32 place = victim->place;
  struct hcd_state6* entry = victim->worth < 0 ? 0 : hcd_spot(&scratch->flow, six, place).entry;
  if (!entry) return -HCD_MEMORY;
  const __u64 key = victim->key;
  hcd_spill(&scratch->flow, six, place);
  if (__sync_val_compare_and_swap(&entry->key, key, key | HCD_RULE_BUSY) != key) return -HCD_STATE_RACE;
  /* None: another CPU freed it since it was looked for. */
  if (key) {
    scratch->end = hcd_end_of(&scratch->flow, place, key, victim->worth > 2 ? HCD_EVICTED : HCD_EXPIRED);
    hcd_bury(&scratch->end);
  }
  __sync_lock_test_and_set(&entry->key, claim);
  return place;
}

/* Claims a place. Or minus the reason why not. */
HCD_INLINE int hcd_claim(struct hcd_scratch* scratch, void* home, int six) {
  const struct hcd_flow* flow = &scratch->flow;
  const __u64 claim = flow->key | HCD_RULE_BUSY;
  const __u32 place = hcd_free_place(flow, home, six);
  if (place >= HCD_PLACES) return hcd_evict(scratch, six, claim);
  hcd_spill(flow, six, place);
  struct hcd_state6* entry = hcd_spot_from(flow, home, six, place).entry;
  return entry && !__sync_val_compare_and_swap(&entry->key, 0, claim) ? (int)place : -HCD_STATE_RACE;
}

/* Whether the client has another entry, or another CPU's claim, for this very flow beside ours. */
__noinline int hcd_is_rival(const struct hcd_scratch* scratch, __u32 place) {
  if (!scratch) return 1;
  const struct hcd_flow* flow = &scratch->flow;
  const int six = flow->six != 0;
  const struct hcd_spot spot = six ? hcd_spot(flow, 1, place) : hcd_spot(flow, 0, place);
  if (!spot.entry) return 1;
  const __u64 key = HCD_READ_ONCE(spot.entry->key);
  if ((key ^ flow->key) >> 16) return 0;
  if ((__u16)key == HCD_RULE_BUSY) return 1;
  return (__u16)key == scratch->found.rule && hcd_is_client(flow, six, key, spot.entry) &&
         HCD_READ_ONCE(spot.more->vport) == scratch->found.vport;
}
HCD_INLINE int hcd_has_rivals(struct hcd_scratch* scratch, void* home, int six, __u32 ours) {
  struct hcd_flow* flow = &scratch->flow;
  flow->spilled = hcd_spilled(flow, six); /* read after our claim */
  if (hcd_hits(flow, home, six) == 1) return 0;
  for (__u32 place = 0; place < HCD_PLACES; place++)
    if (place != ours && hcd_is_rival(scratch, place)) return 1;
  return 0;
}

HCD_INLINE int hcd_insert_in(struct hcd_scratch* scratch, int six) {
  const struct hcd_flow* flow = &scratch->flow;
  const struct hcd_found* found = &scratch->found;
  void* home = hcd_bucket(hcd_bucket_of(flow, 0), six);
  const int place = home ? hcd_claim(scratch, home, six) : -HCD_MEMORY;
  if (place < 0) return -place;
  const struct hcd_spot spot = hcd_spot_from(flow, home, six, place);
  struct hcd_state6* entry = spot.entry;
  if (!entry) return HCD_MEMORY;
  if (hcd_has_rivals(scratch, home, six, place)) {
    __sync_lock_test_and_set(&entry->key, 0);
    return HCD_STATE_RACE;
  }
  if (six) {
    HCD_WRITE_ONCE(entry->addr[0], flow->addr[0]);
    HCD_WRITE_ONCE(entry->addr[1], flow->addr[1]);
  }
  *spot.more = (struct hcd_more){.birth = flow->now, .vport = found->vport, .flags = scratch->joined.flags};
  entry->counts[0] = entry->counts[1] = 0;
  HCD_WRITE_ONCE(entry->value, found->value);
  if (hcd_is_watched())
    hcd_tell_birth(scratch, hcd_state_id(flow->now, hcd_bucket_of(flow, place), place & (HCD_WAYS - 1), six));
  /* The counts are barriers: the key is seen by nobody before all that is above, and before anything is read again below. */
  hcd_add_states_by(found->rule, 1);
  HCD_WRITE_ONCE(entry->key, flow->key | found->rule);
  hcd_add_states_of(hcd_value_host(found->value), 1);
  hcd_spill(flow, six, place);
  scratch->found.place = place;
  return 0;
}

/* Stores the new state that is in scratch->found, and says there at which place. 0, or the reason why not;
 * HCD_STATE_RACE: look again. */
__noinline int hcd_insert(struct hcd_scratch* scratch) {
  if (!scratch) return HCD_MEMORY;
  return scratch->flow.six ? hcd_insert_in(scratch, 1) : hcd_insert_in(scratch, 0);
}

#endif
