/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * What a state counts in one word for each direction: packets << 36 | bytes. Before either overflows, who counts empties the
 * word into hcd_large; a state's totals are what is in both. */
#ifndef HCD_COUNT_H
#define HCD_COUNT_H

#include "kmod/pure.h"

HCD_PURE_BEGIN

enum { HCD_COUNT_BYTES = 36 }; /* bits; the other 28 are for packets */

HCD_INLINE __u64 hcd_count_of(__u32 bytes) {
  return 1ULL << HCD_COUNT_BYTES | bytes;
}
HCD_INLINE __u32 hcd_count_packets(__u64 count) {
  return (__u32)(count >> HCD_COUNT_BYTES);
}
HCD_INLINE __u64 hcd_count_bytes(__u64 count) {
  return count & ((1ULL << HCD_COUNT_BYTES) - 1);
}
/* Half of either is used up. */
HCD_INLINE int hcd_count_is_full(__u64 count) {
  return (count & (1ULL << 63 | 1ULL << (HCD_COUNT_BYTES - 1))) != 0;
}

/* A state's own name for as long as it lives. */
HCD_INLINE __u64 hcd_state_id(__u32 birth, __u32 bucket, __u32 way, int six) {
  return (__u64)birth << 32 | bucket << 4 | way << 1 | (six ? 1 : 0);
}

/* Where in hcd_large the state may stand. */
HCD_INLINE __u32 hcd_large_at(__u64 id, __u32 probe) {
  return ((__u32)((id ^ id >> 32) * 0x9e3779b97f4a7c15 >> 40) ^ probe) & (HCD_LARGE - 1);
}

HCD_PURE_END

#endif
