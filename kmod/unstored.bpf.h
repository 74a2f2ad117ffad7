/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Which flows may be under way without a state. A Bloom filter remembers for two generations, eight to sixteen seconds, whose
 * packets went on so, and by which rule: it may take another's flow for one of them, the more likely the more there are, but
 * never misses one. Without it all that a host sends to people who never heard of its service would be taken for answers
 * while there is a flood.
 *
 * Nothing is cleared: a word bears the number of its generation, and who comes first in a new one makes the word anew. */
#ifndef HCD_UNSTORED_BPF_H
#define HCD_UNSTORED_BPF_H

#include "kmod/flow.bpf.h"

enum {
  HCD_UNSTORED_SHIFT = 7, /* a generation in ticks, as a power of two */
  HCD_UNSTORED_WORDS = 1 << 16,
  HCD_UNSTORED_BITS = 48, /* of a word; its generation stands above them */
};
HCD_MAPPED(hcd_unstored, __u64, 2 * HCD_UNSTORED_WORDS);

/* Whether there may be any such flow. */
HCD_INLINE int hcd_has_unstored(__u32 now) {
  const struct hcd_pulse* pulse = hcd_pulse_now();
  const __u32 until = pulse ? HCD_READ_ONCE(pulse->flood_until) : 0;
  return until && (__s32)(until - now) > 0;
}

HCD_INLINE __u64 hcd_unstored_hash(const struct hcd_flow* flow, __u32 rule) {
  return hcd_mix(hcd_seed(), flow->hash + rule);
}
/* Three bits, of a byte of the hash each. */
HCD_INLINE __u64 hcd_unstored_bits(__u64 hash) {
  __u64 bits = 0;
  for (int byte = 0; byte < 3; byte++) bits |= 1ULL << ((hash >> 8 * byte & 255) * HCD_UNSTORED_BITS >> 8);
  return bits;
}
HCD_INLINE __u64* hcd_unstored_word(__u64 hash, __u32 generation) {
  const __u32 at = (generation & 1) * HCD_UNSTORED_WORDS + ((__u32)(hash >> 32) & (HCD_UNSTORED_WORDS - 1));
  return bpf_map_lookup_elem(&hcd_unstored, &at);
}
HCD_INLINE int hcd_is_of_generation(__u64 word, __u32 generation) {
  return word >> HCD_UNSTORED_BITS == (__u16)generation;
}

/* Notes that the flow may go on without a state, by that rule. */
__noinline int hcd_remember_unstored(const struct hcd_flow* flow, __u32 rule) {
  if (!flow) return 0;
  const __u64 hash = hcd_unstored_hash(flow, rule), bits = hcd_unstored_bits(hash);
  const __u32 generation = flow->now >> HCD_UNSTORED_SHIFT;
  __u64* word = hcd_unstored_word(hash, generation);
  if (!word) return 0;
  const __u64 before = HCD_READ_ONCE(*word);
  const int current = hcd_is_of_generation(before, generation);
  if (current && (before & bits) == bits) return 1;
  const __u64 anew = (__u64)(__u16)generation << HCD_UNSTORED_BITS | bits;
  if (current || __sync_val_compare_and_swap(word, before, anew) != before) __sync_fetch_and_or(word, bits);
  return 1;
}
__noinline int hcd_may_be_unstored(const struct hcd_flow* flow, __u32 rule) {
  if (!flow) return 0;
  const __u64 hash = hcd_unstored_hash(flow, rule), bits = hcd_unstored_bits(hash);
  for (__u32 back = 0; back < 2; back++) {
    const __u32 generation = (flow->now >> HCD_UNSTORED_SHIFT) - back;
    const __u64* place = hcd_unstored_word(hash, generation);
    const __u64 word = place ? HCD_READ_ONCE(*place) : 0;
    if (hcd_is_of_generation(word, generation) && (word & bits) == bits) return 1;
  }
  return 0;
}

/* The tick until which what is remembered now will be. */
HCD_INLINE __u32 hcd_unstored_until(__u32 now) {
  return ((now >> HCD_UNSTORED_SHIFT) + 2) << HCD_UNSTORED_SHIFT;
}

#endif
