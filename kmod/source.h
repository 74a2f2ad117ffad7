/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Source nodes: where one is kept, what its key says, where it leads, and pf's estimate of a rate. */
#ifndef HCD_SOURCE_H
#define HCD_SOURCE_H

#include "kmod/index.h"

HCD_PURE_BEGIN

/* A node's place is one of HCD_SOURCE_PROBES from the low bits on; the upper half is in its key. */
HCD_INLINE __u64 hcd_source_hash(struct hcd_seed seed, __u32 rule, const __u64 addr[2], int six) {
  return six ? hcd_mix6(seed, addr[0], addr[1], rule) : hcd_mix(seed, (__u64)rule << 32 | (__u32)addr[0]);
}
HCD_INLINE __u64 hcd_source_key(__u64 hash, __u32 rule, int six) {
  return (hash >> 32) << 32 | (__u64)rule << 8 | (six ? 6 : 4);
}
HCD_INLINE __u8 hcd_source_family(__u64 key) {
  return (__u8)key;
}
HCD_INLINE __u32 hcd_source_rule(__u64 key) {
  return (__u32)key >> 8;
}
/* Busy: of whoever makes the node, or takes it away. */
HCD_INLINE __u64 hcd_source_busy(__u64 key) {
  return (key & ~0xffULL) | HCD_SOURCE_BUSY;
}

/* hcd_source.lead: the host, and hcd_rule.version when it was known to be in the rule's table. */
HCD_INLINE __u64 hcd_lead(__u32 host, __u32 version) {
  return (__u64)version << 32 | host;
}
HCD_INLINE __u32 hcd_lead_host(__u64 lead) {
  return (__u32)lead;
}
HCD_INLINE __u32 hcd_lead_version(__u64 lead) {
  return (__u32)(lead >> 32);
}

/* pf_add_threshold: what was counted before fades evenly within the time. In parts of HCD_RATE_ONE. */
HCD_INLINE __u32 hcd_rate_faded(__u32 rate, __u32 since, __u32 ticks) {
  return since >= ticks ? 0 : rate - (__u32)((__u64)rate * since / ticks);
}

HCD_PURE_END

#endif
