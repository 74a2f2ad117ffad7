/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Where tc works on the packets that the fast path leaves aside: ICMP errors and fragments. Their functions are global, so
 * that each is verified once and none is paid for by a common packet; what they hand each other lies here and not on the
 * stack, which is too small for it. Only offsets: a pointer into a packet does not outlive its function. */
#ifndef HCD_DESK_BPF_H
#define HCD_DESK_BPF_H

#include <linux/tcp.h>

#include "kmod/flow.bpf.h"
#include "kmod/forward.bpf.h"
#include "kmod/icmp.h"
#include "kmod/tell.bpf.h"

/* What tc does aside, beside the kernel's verdicts. */
enum hcd_tc_aside { HCD_TC_BESIDE = 1000, HCD_TC_AWAITED, HCD_TC_STRANGER, HCD_TC_TTL, HCD_TC_TOO_BIG, HCD_TC_RESET };

struct hcd_desk {
  struct hcd_packet packet; /* the packet itself */
  struct hcd_packet quoted; /* HCD_ERROR: what it is about */
  struct hcd_packet turned; /* and that the other way */
  struct hcd_route route;   /* the packet as it will be, */
  struct hcd_hop hop;       /* and where it goes */
  __u32 quoted_ip;          /* where the quoted IP header begins in the frame, */
  __u32 quoted_l4;          /* and the ports */
  __u32 rule, host;         /* of the state that was found */
  int from_server;          /* and on whose side the packet came in */
  int onward;               /* of a reset: the other end is to be told, too */
  struct tcphdr tcp;        /* and this is the header that it answers */
  __u32 piece_end;          /* of a later fragment: where its packet's first one ends */
  __be16 port;              /* to which that side's is translated */
  __u32 mtu;                /* of an answer: the next hop's, */
  __u32 quote_bytes;        /* what it quotes, */
  __u32 quote_sum;          /* and the sum of that */
  __u8 chunk[128];
};
HCD_PER_CPU(hcd_desks, struct hcd_desk, 1);

HCD_INLINE struct hcd_desk* hcd_desk(void) {
  const __u32 zero = 0;
  return bpf_map_lookup_elem(&hcd_desks, &zero);
}

/* The last word on the packet on the desk: counted, told where somebody reads, and its verdict. */
__noinline int hcd_tell_beside(__u32 reason, __u32 ifindex) {
  const struct hcd_desk* desk = hcd_desk();
  return desk ? hcd_tell_decision(&desk->packet, reason | HCD_HOOK_TC << 8, desk->rule, desk->host, ifindex) : 0;
}
HCD_INLINE int hcd_done_beside(const struct __sk_buff* skb, __u32 reason, int action) {
  if (hcd_is_sampled()) hcd_tell_beside(reason, skb->ifindex);
  return hcd_done(reason, action);
}

/* Headers that are not in the first buffer are brought there. */
enum { HCD_HEADERS = 256 };
HCD_INLINE void hcd_pull_headers(struct __sk_buff* skb) {
  if ((const __u8*)(long)skb->data + HCD_HEADERS > (const __u8*)(long)skb->data_end &&
      skb->data_end - skb->data < skb->len)
    bpf_skb_pull_data(skb, skb->len < HCD_HEADERS ? skb->len : HCD_HEADERS);
}

/* Reads the packet onto the desk; its enum hcd_kind. */
__noinline int hcd_read_beside(struct __sk_buff* skb) {
  struct hcd_desk* desk = hcd_desk();
  struct hcd_packet packet = {};
  if (!desk) return HCD_OTHER;
  hcd_pull_headers(skb);
  const int kind =
      hcd_parse((const __u8*)(long)skb->data, (const __u8*)(long)skb->data_end, skb->len, skb->gso_size != 0, &packet);
  packet.l4 = 0;
  desk->packet = packet;
  desk->port = 0;
  return kind;
}

#endif
