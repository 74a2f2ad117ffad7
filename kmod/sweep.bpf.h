/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The sweeper: frees what is expired, states and source nodes, a slice of buckets at a time, on a timer of the kernel's, so
 * that it goes on with no daemon there. A turn begins with clearing one half of all spill bits, in which it then notes each
 * state that it finds away from home's first line; at its end they say what is there, and the others are cleared in the next
 * turn. It also frees entries that were left busy, and at the end of each turn over both tables it sets the factor by which
 * timeouts shrink as the tables fill (pf: adaptive.start, adaptive.end), from what it has found alive. */
#ifndef HCD_SWEEP_BPF_H
#define HCD_SWEEP_BPF_H

#include "kmod/state.bpf.h"

enum { HCD_CLOCK_MONOTONIC = 1 };

static __u32 hcd_found_alive; /* in this turn so far; new programs begin their first turn in the midst of one */
static __u64 hcd_swept_at;    /* when the last slice of it began, ns */

/* pf_state_expires: nothing changes below the start, all expires at the end. */
HCD_INLINE __u32 hcd_factor_of(const struct hcd_settings* settings, __u32 states) {
  const __u32 start = settings->adaptive_start, end = settings->adaptive_end;
  if (!start || end <= start || states <= start) return HCD_FACTOR_ONE;
  return states >= end ? 0 : (__u32)((__u64)(end - states) * HCD_FACTOR_ONE / (end - start));
}

/* The half of the spill bits that this turn makes anew. */
HCD_INLINE __u64 hcd_spills_anew(const struct hcd_pulse* pulse) {
  return hcd_spill_half(pulse->turns);
}

HCD_INLINE void hcd_clear_spills(__u32 at, __u64 half) {
  struct hcd_spill* of[] = {bpf_map_lookup_elem(&hcd_spills4, &at), bpf_map_lookup_elem(&hcd_spills6, &at)};
  for (int six = 0; six < 2; six++)
    for (int i = 0; of[six] && i < 8; i++) __sync_fetch_and_and(&of[six]->homes[i], ~half);
}

/* Notes in that half where a state stands, unless it is where it is looked for first. */
HCD_INLINE void hcd_note_spill(const struct hcd_state6* entry, __u64 key, __u32 at, __u32 way, int six, __u64 half) {
  const __be16 port = (__be16)(key >> 16);
  const __u64 hash = six ? hcd_flow_hash6(hcd_seed(), entry->addr[0], entry->addr[1], port)
                         : hcd_flow_hash4(hcd_seed(), (__u32)(key >> 32), port);
  const __u32 home = hcd_flow_bucket(hash, 0, hcd_config.bucket_mask);
  if (at == home && hcd_way_is_first(hash, way, six)) return;
  struct hcd_spill* spill = hcd_spill_of(home, six);
  for (__u32 rank = 0; spill && rank < HCD_RANKS; rank++)
    if (at == hcd_flow_bucket(hash, rank, hcd_config.bucket_mask))
      __sync_fetch_and_or(hcd_spill_at(spill, home), hcd_spill_bits(home, rank) & half);
}

/* Frees an entry that was busy in the last turn already; else notes that it is in this one. No packet takes so long. */
HCD_INLINE void hcd_loosen(struct hcd_spot spot, __u64 key) {
  union {
    struct hcd_more more;
    __u64 word;
  } was = {.more = *spot.more}, stuck = was;
  stuck.more.flags |= HCD_MORE_STUCK;
  if (!(was.more.flags & HCD_MORE_STUCK)) {
    __sync_val_compare_and_swap((__u64*)spot.more, was.word, stuck.word);
    return;
  }
  const __u32 host = hcd_value_host(__sync_lock_test_and_set(&spot.entry->value, 0));
  struct hcd_pulse* pulse = hcd_pulse_now();
  if (host) hcd_add_states_of(host, -1); /* whose rule is not known any more */
  if (host && pulse) __sync_fetch_and_add(&pulse->user_killed, 1);
  was.more.flags = 0;
  __sync_lock_test_and_set((__u64*)spot.more, was.word);
  __sync_val_compare_and_swap(&spot.entry->key, key, 0);
}

/* Frees the states of a bucket whose time is over. How many live on. */
HCD_INLINE __u32 hcd_sweep_in(__u32 at, int six, __u32 now, __u64 half) {
  void* bucket = hcd_bucket(at, six);
  if (!bucket) return 0;
  __u32 live = 0;
  for (__u32 way = 0; way < HCD_WAYS; way++) {
    const struct hcd_spot spot = {hcd_way(bucket, six, way), hcd_more_in(bucket, six, way)};
    const __u64 key = HCD_READ_ONCE(spot.entry->key);
    if (!key) continue;
    if ((__u16)key == HCD_RULE_BUSY) {
      hcd_loosen(spot, key);
      continue;
    }
    const struct hcd_end end = {key, at, way, six, HCD_EXPIRED};
    if (hcd_expired(now, HCD_READ_ONCE(spot.entry->value), (__u16)key) && hcd_kill(&end)) continue;
    hcd_note_spill(spot.entry, key, at, way, six, half);
    live++;
  }
  return live;
}

/* Frees the source nodes whose turn it is with that bucket. */
enum { HCD_NODES_A_BUCKET = 16 };
HCD_INLINE void hcd_sweep_sources(__u32 at, __u32 buckets, __u32 now) {
  for (__u32 i = 0; i < HCD_NODES_A_BUCKET && at <= hcd_config.source_mask; i++, at += buckets)
    hcd_free_source(at, now);
}

/* What is next: spill bits, then the buckets of hcd_states4, then those of hcd_states6. */
static int hcd_sweep_next(__u32 index __attribute__((unused)), void* context __attribute__((unused))) {
  struct hcd_pulse* pulse = hcd_pulse_now();
  const struct hcd_settings* settings = hcd_settings_now();
  if (!pulse || !settings) return 1;
  const __u32 buckets = hcd_config.bucket_mask + 1, spills = (buckets + 63) / 64, at = pulse->position;
  const __u32 now = hcd_now();
  const __u64 half = hcd_spills_anew(pulse);
  if (at < spills)
    hcd_clear_spills(at, half);
  else
    hcd_found_alive += at - spills < buckets ? hcd_sweep_in(at - spills, 0, now, half)
                                             : hcd_sweep_in(at - spills - buckets, 1, now, half);
  hcd_sweep_sources(at, spills + 2 * buckets, now);
  if (at + 1 < spills + 2 * buckets) {
    pulse->position = at + 1;
    return 0;
  }
  HCD_WRITE_ONCE(pulse->factor, hcd_factor_of(settings, hcd_found_alive));
  pulse->position = hcd_found_alive = 0;
  pulse->turns++;
  return 0;
}

/* Ends the states of a bucket whose client is in hcd_flushes. */
HCD_INLINE int hcd_is_flushed(const struct hcd_state6* entry, __u64 key, int six) {
  struct hcd_flush_key flush = {.addr = {(__u32)(key >> 32)}, .rule = (__u16)key, .family = six ? 6 : 4};
  if (six) {
    flush.addr[0] = HCD_READ_ONCE(entry->addr[0]);
    flush.addr[1] = HCD_READ_ONCE(entry->addr[1]);
  }
  if (bpf_map_lookup_elem(&hcd_flushes, &flush)) return 1;
  flush.rule = 0;
  return bpf_map_lookup_elem(&hcd_flushes, &flush) != 0;
}
HCD_INLINE void hcd_flush_in(__u32 at, int six) {
  void* bucket = hcd_bucket(at, six);
  if (!bucket) return;
  for (__u32 way = 0; way < HCD_WAYS; way++) {
    const struct hcd_state6* entry = hcd_way(bucket, six, way);
    const __u64 key = HCD_READ_ONCE(entry->key);
    if (!key || (__u16)key == HCD_RULE_BUSY || !hcd_is_flushed(entry, key, six)) continue;
    const struct hcd_end end = {key, at, way, six, HCD_KILLED};
    hcd_kill(&end);
  }
}
static int hcd_flush_next(__u32 index __attribute__((unused)), void* context __attribute__((unused))) {
  struct hcd_pulse* pulse = hcd_pulse_now();
  if (!pulse || !pulse->flush_left) return 1;
  const __u32 buckets = hcd_config.bucket_mask + 1, at = --pulse->flush_left;
  if (at < buckets)
    hcd_flush_in(at, 0);
  else
    hcd_flush_in(at - buckets, 1);
  return 0;
}
/* Takes away a client whose states all of a walk has looked for; who came in later has it walk once more. */
static long hcd_forget_flush(void* map __attribute__((unused)), struct hcd_flush_key* key, __u32* walk,
                             struct hcd_pulse** pulse) {
  if (*walk < (*pulse)->flush_walks)
    bpf_map_delete_elem(&hcd_flushes, key);
  else
    (*pulse)->flush_wanted = 1;
  return 0;
}

/* A part of a walk over all states, if there is one to be made. True: it is to go on soon. */
enum { HCD_FLUSH_SLICE = 4096 };
HCD_INLINE int hcd_flush_slice(struct hcd_pulse* pulse) {
  if (!pulse->flush_left) {
    if (!HCD_READ_ONCE(pulse->flush_wanted)) return 0;
    __sync_lock_test_and_set(&pulse->flush_wanted, 0);
    HCD_WRITE_ONCE(pulse->flush_walks, pulse->flush_walks + 1);
    pulse->flush_left = 2 * (hcd_config.bucket_mask + 1);
  }
  bpf_loop(HCD_FLUSH_SLICE, hcd_flush_next, 0, 0);
  if (!pulse->flush_left) bpf_for_each_map_elem(&hcd_flushes, hcd_forget_flush, &pulse, 0);
  return pulse->flush_left || HCD_READ_ONCE(pulse->flush_wanted);
}

/* What a reader that has died had asked for. */
HCD_INLINE void hcd_end_watches(void) {
  struct hcd_settings* settings = hcd_settings_now();
  if (!settings) return;
  hcd_end_watch(&settings->watch_until);
  hcd_end_watch(&settings->sample_until);
}

/* A slice of the turn, unless the last one was just now: a flush has the timer fire often, and a turn must stay far longer
 * than a packet for hcd_loosen. */
HCD_INLINE void hcd_turn_slice(struct hcd_pulse* pulse) {
  const __u64 began = bpf_ktime_get_ns();
  if (began - hcd_swept_at < 1000ULL * hcd_config.sweep_every) return;
  hcd_swept_at = began;
  pulse->swept_tick = hcd_now();
  hcd_end_watches();
  bpf_loop(hcd_config.sweep_buckets, hcd_sweep_next, 0, 0);
  const __u32 took = (__u32)(bpf_ktime_get_ns() - began);
  if (took > pulse->longest_ns) pulse->longest_ns = took;
  pulse->sweeping_ns += took;
}

enum { HCD_FLUSH_PAUSE = 100 }; /* microseconds */
static int hcd_timer_fires(void* map __attribute__((unused)), __u32* key __attribute__((unused)),
                           struct hcd_sweep* sweep) {
  struct hcd_pulse* pulse = hcd_pulse_now();
  if (!pulse) return 0;
  hcd_turn_slice(pulse);
  const int soon = hcd_flush_slice(pulse);
  bpf_timer_start(&sweep->timer, 1000ULL * (soon ? HCD_FLUSH_PAUSE : hcd_config.sweep_every), 0);
  return 0;
}

/* Starts it; or has it go on with these programs instead of those that it was started by. */
SEC("syscall")
int hcd_start_sweep(void* context __attribute__((unused))) {
  const __u32 zero = 0;
  struct hcd_sweep* sweep = bpf_map_lookup_elem(&hcd_sweep, &zero);
  if (!sweep) return 1;
  bpf_timer_init(&sweep->timer, &hcd_sweep, HCD_CLOCK_MONOTONIC); /* fails where it is already */
  if (bpf_timer_set_callback(&sweep->timer, hcd_timer_fires)) return 2;
  return bpf_timer_start(&sweep->timer, 1000ULL * hcd_config.sweep_every, 0) ? 3 : 0;
}

#endif
