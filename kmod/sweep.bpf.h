/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The sweeper: frees what is expired, a slice of buckets at a time, on a timer of the kernel's, so that it goes on with no
 * daemon there. At the end of each turn over both tables it sets the factor by which timeouts shrink as the tables fill (pf:
 * adaptive.start, adaptive.end), from what it has found alive. */
#ifndef HCD_SWEEP_BPF_H
#define HCD_SWEEP_BPF_H

#include "kmod/state.bpf.h"

enum { HCD_CLOCK_MONOTONIC = 1 };

static __u32 hcd_found_alive; /* in this turn so far; new programs begin their first turn in the midst of one */

/* pf_state_expires: nothing changes below the start, all expires at the end. */
HCD_INLINE __u32 hcd_factor_of(const struct hcd_settings* settings, __u32 states) {
  const __u32 start = settings->adaptive_start, end = settings->adaptive_end;
  if (!start || end <= start || states <= start) return HCD_FACTOR_ONE;
  return states >= end ? 0 : (__u32)((__u64)(end - states) * HCD_FACTOR_ONE / (end - start));
}

/* Frees the states of a bucket whose time is over. How many live on. */
HCD_INLINE __u32 hcd_sweep_in(__u32 at, int six, __u32 now) {
  void* bucket = hcd_bucket(at, six);
  if (!bucket) return 0;
  __u32 live = 0;
  for (__u32 way = 0; way < HCD_WAYS; way++) {
    const struct hcd_state6* entry = hcd_way(bucket, six, way);
    const __u64 key = HCD_READ_ONCE(entry->key);
    if (!key || (__u16)key == HCD_RULE_BUSY) continue;
    const struct hcd_end end = {key, at, way, six, HCD_EXPIRED};
    if (!hcd_expired(now, HCD_READ_ONCE(entry->value), (__u16)key) || !hcd_kill(&end)) live++;
  }
  return live;
}

/* The next bucket: of hcd_states4, then of hcd_states6. */
static int hcd_sweep_next(__u32 index __attribute__((unused)), void* context __attribute__((unused))) {
  struct hcd_pulse* pulse = hcd_pulse_now();
  const struct hcd_settings* settings = hcd_settings_now();
  if (!pulse || !settings) return 1;
  const __u32 buckets = hcd_config.bucket_mask + 1, at = pulse->position;
  const __u32 now = hcd_now();
  hcd_found_alive += at < buckets ? hcd_sweep_in(at, 0, now) : hcd_sweep_in(at - buckets, 1, now);
  if (at + 1 < 2 * buckets) {
    pulse->position = at + 1;
    return 0;
  }
  HCD_WRITE_ONCE(pulse->factor, hcd_factor_of(settings, hcd_found_alive));
  pulse->position = hcd_found_alive = 0;
  pulse->turns++;
  return 0;
}

static int hcd_sweep_slice(void* map __attribute__((unused)), __u32* key __attribute__((unused)),
                           struct hcd_sweep* sweep) {
  struct hcd_pulse* pulse = hcd_pulse_now();
  if (!pulse) return 0;
  const __u64 began = bpf_ktime_get_ns();
  bpf_loop(hcd_config.sweep_buckets, hcd_sweep_next, 0, 0);
  const __u32 took = (__u32)(bpf_ktime_get_ns() - began);
  if (took > pulse->sweep_ns) pulse->sweep_ns = took;
  pulse->swept_tick = hcd_now();
  bpf_timer_start(&sweep->timer, 1000ULL * hcd_config.sweep_every, 0);
  return 0;
}

/* Starts it; or has it go on with these programs instead of those that it was started by. */
SEC("syscall")
int hcd_start_sweep(void* context __attribute__((unused))) {
  const __u32 zero = 0;
  struct hcd_sweep* sweep = bpf_map_lookup_elem(&hcd_sweep, &zero);
  if (!sweep) return 1;
  bpf_timer_init(&sweep->timer, &hcd_sweep, HCD_CLOCK_MONOTONIC); /* fails where it is already */
  if (bpf_timer_set_callback(&sweep->timer, hcd_sweep_slice)) return 2;
  return bpf_timer_start(&sweep->timer, 1000ULL * hcd_config.sweep_every, 0) ? 3 : 0;
}

#endif
