/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Internet checksums, updated incrementally as RFC 1624 (equation 3) does it: sums are of the complements of the words
 * that go and of the words that come. A packet that came with a wrong checksum leaves with one as wrong, for whom it
 * meets to see. Words are as read from the packet: the sum does not care for byte order. */
#ifndef HCD_CSUM_H
#define HCD_CSUM_H

#include "kmod/pure.h"

HCD_PURE_BEGIN

HCD_INLINE __u16 hcd_csum_fold(__u64 sum) {
  sum = (sum >> 32) + (sum & 0xffffffff);
  sum = (sum >> 16) + (sum & 0xffff);
  sum = (sum >> 16) + (sum & 0xffff);
  sum = (sum >> 16) + (sum & 0xffff);
  return (__u16)sum;
}

/* A sum may hold the differences of some 2^32 words before it overflows. */
HCD_INLINE __u64 hcd_csum_swap16(__u64 sum, __u16 from, __u16 to) {
  return sum + (__u16)~from + to;
}
HCD_INLINE __u64 hcd_csum_swap32(__u64 sum, __u32 from, __u32 to) {
  return sum + (__u32)~from + to;
}

HCD_INLINE __u64 hcd_csum_add64(__u64 sum, __u64 words) {
  return sum + (words >> 32) + (__u32)words;
}
HCD_INLINE __u64 hcd_csum_swap64(__u64 sum, __u64 from, __u64 to) {
  return hcd_csum_add64(hcd_csum_add64(sum, ~from), to);
}

/* The checksum field after the differences in sum. */
HCD_INLINE __u16 hcd_csum_apply(__u16 check, __u64 sum) {
  return (__u16)~hcd_csum_fold(sum + (__u16)~check);
}

HCD_PURE_END

#endif
