/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * What tc sees to beside the fast path, which XDP leaves alone. */
#ifndef HCD_BESIDE_BPF_H
#define HCD_BESIDE_BPF_H

#include "kmod/icmp.bpf.h"

/* Reads the packet onto the desk; its enum hcd_kind. */
__noinline int hcd_read_beside(struct __sk_buff* skb) {
  struct hcd_desk* desk = hcd_desk();
  struct hcd_packet packet = {};
  if (!desk) return HCD_OTHER;
  hcd_pull_headers(skb);
  const int kind = hcd_parse((const __u8*)(long)skb->data, (const __u8*)(long)skb->data_end, skb->len, 0, &packet);
  packet.l4 = 0;
  desk->packet = packet;
  return kind;
}

__noinline int hcd_tc_beside(struct __sk_buff* skb) {
  const int kind = hcd_read_beside(skb);
  if (kind == HCD_ERROR && hcd_read_quote(skb)) return hcd_tc_error(skb);
  return hcd_done(HCD_PASSED, TC_ACT_UNSPEC);
}

#endif
