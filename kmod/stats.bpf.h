/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Counters. Per CPU, so an increment is a plain one. */
#ifndef HCD_STATS_BPF_H
#define HCD_STATS_BPF_H

#include "kmod/maps.bpf.h"
#include "kmod/pure.h"

HCD_INLINE void hcd_count(__u32 reason) {
  __u64* counter = bpf_map_lookup_elem(&hcd_reasons, &reason);
  if (counter) *counter += 1;
}

/* The last word on a packet: counted, and its verdict. */
HCD_INLINE int hcd_done(__u32 reason, int action) {
  hcd_count(reason);
  return action;
}

HCD_INLINE void hcd_count_packet(__u32 rule, __u32 host, int from_server, __u32 bytes) {
  const __u32 side = from_server & 1; /* said to the verifier */
  struct hcd_stats* of_rule = bpf_map_lookup_elem(&hcd_rule_stats, &rule);
  struct hcd_stats* of_host = bpf_map_lookup_elem(&hcd_host_stats, &host);
  if (of_rule) {
    of_rule->packets[side] += 1;
    of_rule->bytes[side] += bytes;
  }
  if (of_host) {
    of_host->packets[side] += 1;
    of_host->bytes[side] += bytes;
  }
}

HCD_INLINE void hcd_count_state(__u32 rule, __u32 host) {
  struct hcd_stats* of_rule = bpf_map_lookup_elem(&hcd_rule_stats, &rule);
  struct hcd_stats* of_host = bpf_map_lookup_elem(&hcd_host_stats, &host);
  if (of_rule) of_rule->states += 1;
  if (of_host) of_host->states += 1;
  hcd_count(HCD_CREATED);
}

HCD_INLINE void hcd_count_evaluation(__u32 rule) {
  struct hcd_stats* of_rule = bpf_map_lookup_elem(&hcd_rule_stats, &rule);
  if (of_rule) of_rule->evaluations += 1;
}

#endif
