/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * `on down reset`: what becomes of a connection whose host has left the tables. Each end is told by the answer to its next
 * packet, a reset with the number that it waits for (RFC 9293, 3.5.2), as from the other end. The state says nothing of
 * sequence numbers, so an end that is silent is not told before it speaks; the state is closed at the first such packet, and what
 * comes within tcp.closed is answered too. A SYN begins anew with another host, and so does any packet of UDP.
 *
 * XDP leaves such packets to tc, where the offending packet is made into the answer. Of its headers IP options stay; a checksum
 * that is still to be filled in remains so. */
#ifndef HCD_RESET_BPF_H
#define HCD_RESET_BPF_H

#include <linux/tcp.h>

#include "kmod/answer.bpf.h"

/* Whether the state's rule resets, and its host is gone. Drained ones are not: their connections live on. */
HCD_INLINE int hcd_is_lost(const struct hcd_rule* rule, const struct hcd_host* host) {
  return host->flags & HCD_HOST_DOWN && rule->flags & HCD_RULE_RESET;
}

enum { HCD_SIDES_OVER = HCD_TIME_WAIT << 4 | HCD_TIME_WAIT };

/* The packet is of a lost connection: closes its state. XDP: it is tc's. */
HCD_INLINE int hcd_close_lost(const struct hcd_arrival* in, const struct hcd_met* met, __u32 now) {
  if (in->xdp) return HCD_TO_TC;
  hcd_note(&met->entry->value, met->value, now, HCD_SIDES_OVER);
  return HCD_RESET;
}

struct hcd_rst {
  __be16 sport, dport;
  __be32 seq, ack;
  __be16 flags; /* and the length */
  __be16 window, check, urgent;
};

/* The answer's TCP header, but for its checksum. `bytes`: of the segment, header and all. */
HCD_INLINE void hcd_make_rst(const struct tcphdr* tcp, __u32 bytes, struct hcd_rst* rst) {
  *rst = (struct hcd_rst){.sport = tcp->dest, .dport = tcp->source, .flags = bpf_htons(5 << 12 | HCD_RST)};
  if (tcp->ack) {
    rst->seq = tcp->ack_seq;
    return;
  }
  rst->flags = bpf_htons(5 << 12 | HCD_RST | HCD_ACK);
  rst->ack = bpf_htonl(bpf_ntohl(tcp->seq) + bytes - tcp->doff * 4 + tcp->syn + tcp->fin);
}

/* Cuts the packet on the desk to its headers and turns its addresses round. False: it is not to be had. */
__noinline int hcd_turn_ip4(struct __sk_buff* skb) {
  const struct hcd_desk* desk = hcd_desk();
  struct iphdr ip;
  if (!desk || bpf_skb_load_bytes(skb, HCD_ETHER, &ip, sizeof(ip))) return 0;
  const __be16 length = bpf_htons((__u16)(desk->packet.offset - HCD_ETHER + sizeof(struct hcd_rst)));
  const __be16 old = *(const __be16*)&ip.ttl, fresh = bpf_htons(64 << 8 | HCD_PROTO_TCP);
  ip.check = hcd_csum_apply(ip.check, hcd_csum_swap16(hcd_csum_swap16(0, ip.tot_len, length), old, fresh));
  ip.tot_len = length;
  ip.ttl = 64;
  const __be32 to = ip.saddr;
  ip.saddr = ip.daddr;
  ip.daddr = to;
  return !bpf_skb_store_bytes(skb, HCD_ETHER, &ip, sizeof(ip), BPF_F_RECOMPUTE_CSUM);
}
__noinline int hcd_turn_ip6(struct __sk_buff* skb) {
  const struct hcd_desk* desk = hcd_desk();
  struct ipv6hdr ip;
  if (!desk || bpf_skb_load_bytes(skb, HCD_ETHER, &ip, sizeof(ip))) return 0;
  ip.payload_len = bpf_htons((__u16)(desk->packet.offset - HCD_ETHER - HCD_IP6 + sizeof(struct hcd_rst)));
  ip.hop_limit = 64;
  __builtin_memcpy(&ip.saddr, desk->packet.dst, 16);
  __builtin_memcpy(&ip.daddr, desk->packet.src, 16);
  return !bpf_skb_store_bytes(skb, HCD_ETHER, &ip, sizeof(ip), BPF_F_RECOMPUTE_CSUM);
}

/* The sum of the pseudo header, which has the same addresses either way round. */
HCD_INLINE __u64 hcd_pseudo_sum(const struct hcd_packet* packet) {
  const __u32 size = packet->six ? 16 : 4;
  const __u64 sum = (__u64)hcd_sum_of(packet->src, size) + hcd_sum_of(packet->dst, size);
  return sum + bpf_htons(sizeof(struct hcd_rst)) + bpf_htons(HCD_PROTO_TCP);
}

__noinline int hcd_put_rst(struct __sk_buff* skb) {
  struct hcd_desk* desk = hcd_desk();
  struct tcphdr tcp;
  struct hcd_rst rst;
  if (!desk || desk->packet.offset >= HCD_HEADERS) return 0;
  const __u32 at = desk->packet.offset;
  if (bpf_skb_load_bytes(skb, at, &tcp, sizeof(tcp))) return 0;
  hcd_make_rst(&tcp, desk->packet.bytes - (at - HCD_ETHER), &rst);
  __u16 check = 0;
  const int partial = hcd_skb_is_partial(skb, at + hcd_check_offset(HCD_PROTO_TCP), &check);
  if (bpf_skb_change_tail(skb, at + sizeof(rst), 0)) return 0;
  const __u16 pseudo = hcd_csum_fold(hcd_pseudo_sum(&desk->packet));
  rst.check = partial ? pseudo : (__u16)~hcd_csum_fold((__u64)pseudo + hcd_sum_of(&rst, sizeof(rst)));
  return !bpf_skb_store_bytes(skb, at, &rst, sizeof(rst), BPF_F_RECOMPUTE_CSUM);
}

/* The packet is made into the reset, and sent back. */
__noinline int hcd_tc_reset(struct __sk_buff* skb) {
  struct hcd_desk* desk = hcd_desk();
  if (!desk || hcd_read_beside(skb) != HCD_WHOLE || desk->packet.proto != HCD_PROTO_TCP) return TC_ACT_SHOT;
  const struct hcd_packet* packet = &desk->packet;
  desk->route = (struct hcd_route){.src = {packet->dst[0], packet->dst[1]},
                                   .dst = {packet->src[0], packet->src[1]},
                                   .sport = packet->dport,
                                   .dport = packet->sport,
                                   .six = packet->six,
                                   .proto = HCD_PROTO_TCP};
  if (hcd_ask_route(skb, skb->ifindex, &desk->route, 0, &desk->hop) != HCD_TRANSLATED) return TC_ACT_SHOT;
  if (!hcd_put_rst(skb)) return TC_ACT_SHOT;
  if (!(desk->packet.six ? hcd_turn_ip6(skb) : hcd_turn_ip4(skb))) return TC_ACT_SHOT;
  return hcd_new_link(skb, &desk->hop) ? hcd_send(&desk->hop) : TC_ACT_SHOT;
}

#endif
