/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * What becomes of a connection that userland has cut (HCD_CUT): an operator's wish, or `on down reset`. The first packet of either
 * end has both told by resets with the numbers that they wait for (RFC 9293, 3.5.2): the sender by the answer to it, the other by
 * the packet itself, of which only the header goes on, with RST in it. Whatever comes within tcp.closed after that is answered too
 * (a challenge, RFC 5961, from who had got further). The state says nothing of sequence numbers, so nobody is told as long as
 * both are silent. A SYN begins anew.
 *
 * XDP leaves such packets to tc, which sends the one reset round through its own ingress, where it is translated as any packet,
 * and makes the packet into the other. Of the headers IP options stay; a checksum that is still to be filled in remains so. */
#ifndef HCD_RESET_BPF_H
#define HCD_RESET_BPF_H

#include "kmod/answer.bpf.h"

/* The packet is of a connection that was cut. XDP: it is tc's. */
HCD_INLINE int hcd_answer_cut(const struct hcd_arrival* in, const struct hcd_met* met, __u32 now) {
  struct hcd_desk* desk = hcd_desk();
  if (in->xdp) return HCD_TO_TC;
  const int noted = hcd_note(&met->entry->value, met->value, now, HCD_SIDES_TOLD);
  if (desk) desk->onward = noted && hcd_value_sides(met->value) == HCD_SIDES_CUT;
  return HCD_RESET;
}

struct hcd_rst {
  __be16 sport, dport;
  __be32 seq, ack;
  __be16 flags; /* and the length */
  __be16 window, check, urgent;
};

/* The TCP header of the answer, or of what goes on, but for its checksum. `bytes`: of the segment answered, header and all. */
HCD_INLINE void hcd_make_rst(const struct tcphdr* tcp, __u32 bytes, int onward, struct hcd_rst* rst) {
  *rst = (struct hcd_rst){.sport = tcp->dest, .dport = tcp->source, .flags = bpf_htons(5 << 12 | HCD_RST)};
  if (onward) {
    rst->sport = tcp->source;
    rst->dport = tcp->dest;
    rst->seq = tcp->seq;
  } else if (tcp->ack) {
    rst->seq = tcp->ack_seq;
  } else {
    rst->flags = bpf_htons(5 << 12 | HCD_RST | HCD_ACK);
    rst->ack = bpf_htonl(bpf_ntohl(tcp->seq) + bytes - tcp->doff * 4 + tcp->syn + tcp->fin);
  }
}

/* What the packet has as its length when it is headers alone. */
HCD_INLINE __u16 hcd_rst_length(const struct hcd_desk* desk) {
  return (__u16)(desk->packet.offset - HCD_ETHER + sizeof(struct hcd_rst));
}
__noinline int hcd_shorten_ip(struct __sk_buff* skb) {
  const struct hcd_desk* desk = hcd_desk();
  if (!desk) return 0;
  if (desk->packet.six) {
    const __be16 length = bpf_htons(hcd_rst_length(desk) - HCD_IP6);
    return !bpf_skb_store_bytes(skb, HCD_ETHER + 4, &length, sizeof(length), BPF_F_RECOMPUTE_CSUM);
  }
  struct iphdr ip;
  if (bpf_skb_load_bytes(skb, HCD_ETHER, &ip, sizeof(ip))) return 0;
  const __be16 length = bpf_htons(hcd_rst_length(desk));
  ip.check = hcd_csum_apply(ip.check, hcd_csum_swap16(0, ip.tot_len, length));
  ip.tot_len = length;
  return !bpf_skb_store_bytes(skb, HCD_ETHER, &ip, sizeof(ip), BPF_F_RECOMPUTE_CSUM);
}

/* Cuts the packet on the desk to its headers and turns its addresses round. False: it is not to be had. */
__noinline int hcd_turn_ip4(struct __sk_buff* skb) {
  const struct hcd_desk* desk = hcd_desk();
  struct iphdr ip;
  if (!desk || bpf_skb_load_bytes(skb, HCD_ETHER, &ip, sizeof(ip))) return 0;
  const __be16 length = bpf_htons(hcd_rst_length(desk));
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
  ip.payload_len = bpf_htons(hcd_rst_length(desk) - HCD_IP6);
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

__noinline int hcd_put_rst(struct __sk_buff* skb, int onward) {
  struct hcd_desk* desk = hcd_desk();
  struct hcd_rst rst;
  if (!desk || desk->packet.offset >= HCD_HEADERS) return 0;
  const __u32 at = desk->packet.offset;
  hcd_make_rst(&desk->tcp, desk->packet.bytes - (at - HCD_ETHER), onward, &rst);
  __u16 check = 0;
  const int partial = hcd_skb_is_partial(skb, at + hcd_check_offset(HCD_PROTO_TCP), &check);
  if (bpf_skb_change_tail(skb, at + sizeof(rst), 0)) return 0;
  const __u16 pseudo = hcd_csum_fold(hcd_pseudo_sum(&desk->packet));
  rst.check = partial ? pseudo : (__u16)~hcd_csum_fold((__u64)pseudo + hcd_sum_of(&rst, sizeof(rst)));
  return !bpf_skb_store_bytes(skb, at, &rst, sizeof(rst), BPF_F_RECOMPUTE_CSUM);
}

/* The packet's header goes on as a reset to the other end: once more through this link's ingress. */
enum { HCD_TO_INGRESS = 1 }; /* BPF_F_INGRESS */
HCD_INLINE int hcd_reset_onward(struct __sk_buff* skb) {
  return hcd_put_rst(skb, 1) && hcd_shorten_ip(skb) && !bpf_clone_redirect(skb, skb->ifindex, HCD_TO_INGRESS);
}

/* The packet is made into the reset, and sent back. */
__noinline int hcd_tc_reset(struct __sk_buff* skb) {
  struct hcd_desk* desk = hcd_desk();
  if (!desk || hcd_read_beside(skb) != HCD_WHOLE || desk->packet.proto != HCD_PROTO_TCP) return TC_ACT_SHOT;
  if (bpf_skb_load_bytes(skb, desk->packet.offset, &desk->tcp, sizeof(desk->tcp))) return TC_ACT_SHOT;
  const struct hcd_packet* packet = &desk->packet;
  desk->route = (struct hcd_route){.src = {packet->dst[0], packet->dst[1]},
                                   .dst = {packet->src[0], packet->src[1]},
                                   .sport = packet->dport,
                                   .dport = packet->sport,
                                   .six = packet->six,
                                   .proto = HCD_PROTO_TCP};
  if (desk->onward && !hcd_reset_onward(skb)) return TC_ACT_SHOT;
  if (hcd_ask_route(skb, skb->ifindex, &desk->route, 0, &desk->hop) != HCD_TRANSLATED) return TC_ACT_SHOT;
  if (!hcd_put_rst(skb, 0)) return TC_ACT_SHOT;
  if (!(desk->packet.six ? hcd_turn_ip6(skb) : hcd_turn_ip4(skb))) return TC_ACT_SHOT;
  return hcd_new_link(skb, &desk->hop) ? hcd_send(&desk->hop) : TC_ACT_SHOT;
}

#endif
