/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * What the director says itself, as the router that it is: that a packet of ours is too big for the link it has to leave by
 * (RFC 1191, RFC 8201), or that its time is exceeded. It comes from the director's own address on the way back, never from
 * the host's, and quotes the packet as its sender sent it. Pieces are never made of a packet: one that may be cut is
 * answered too, and its sender cuts it.
 *
 * The offending packet is made into the answer. Where its checksum is still to be filled in, the kernel will do that in
 * the quote, and the sum of all that it covers is known before: the complement of what the field holds now (the kernel's
 * Documentation/networking/checksum-offloads.rst, "LCO"). */
#ifndef HCD_ANSWER_BPF_H
#define HCD_ANSWER_BPF_H

#include "kmod/desk.bpf.h"

enum { HCD_QUOTE4 = 548, HCD_QUOTE6 = 1232 };  /* an error of 576 bytes (RFC 1812), of 1280 (RFC 4443) */
enum { HCD_ANSWERS = 64 };                     /* of each kind, on each CPU in a tick: some 1,000 a second */
enum { HCD_BROADCAST = 1, HCD_MULTICAST = 2 }; /* pkt_type */
enum { HCD_QUOTE_CHUNK = sizeof(((struct hcd_desk*)0)->chunk) };

/* What has been said in this tick, by reason. */
struct hcd_meter {
  __u32 tick;
  __u32 said;
};
HCD_PER_CPU(hcd_meters, struct hcd_meter, HCD_REASONS);

HCD_INLINE int hcd_meter(__u32 reason) {
  struct hcd_meter* meter = bpf_map_lookup_elem(&hcd_meters, &reason);
  const __u32 now = hcd_now();
  if (!meter) return 0;
  if (meter->tick != now) *meter = (struct hcd_meter){.tick = now};
  return meter->said++ < HCD_ANSWERS;
}

/* Nobody is told who is not one host (RFC 1122, 3.2.2). */
HCD_INLINE int hcd_is_one_host(const struct hcd_packet* packet) {
  const __u8 first = (__u8)packet->src[0];
  if (packet->six) return first != 0xff && (packet->src[0] || packet->src[1]);
  return first && first != 127 && first < 224;
}

/* The packet onto the desk, and whether anything may be said about it. */
__noinline int hcd_may_answer(struct __sk_buff* skb, __u32 reason) {
  struct hcd_desk* desk = hcd_desk();
  const int kind = hcd_read_beside(skb);
  if (!desk || (kind != HCD_WHOLE && (kind != HCD_PIECE || desk->packet.at))) return 0;
  if (skb->pkt_type == HCD_BROADCAST || skb->pkt_type == HCD_MULTICAST) return 0;
  return hcd_is_one_host(&desk->packet) && hcd_meter(reason);
}

/* The way back, and the address of ours there: into desk->hop and desk->route.src. A kernel that cannot tell it (before 6.7)
 * has the virtual address speak. */
__noinline int hcd_route_answer(struct __sk_buff* skb, __u32 rule_index) {
  struct hcd_desk* desk = hcd_desk();
  const struct hcd_rule* rule = hcd_rule(rule_index);
  if (!desk || !rule) return 0;
  const int six = desk->packet.six;
  desk->route = (struct hcd_route){.dst = {desk->packet.src[0], desk->packet.src[1]},
                                   .six = desk->packet.six,
                                   .proto = six ? HCD_PROTO_ICMP6 : HCD_PROTO_ICMP};
  if (hcd_ask_route(skb, skb->ifindex, &desk->route, HCD_FIB_SRC, &desk->hop) == HCD_TRANSLATED) return 1;
  desk->route.src[0] = six ? hcd_words(&rule->to, 0) : *(const __u32*)rule->to.addr;
  desk->route.src[1] = six ? hcd_words(&rule->to, 1) : 0;
  return rule->to.family == (six ? 6 : 4) &&
         hcd_ask_route(skb, skb->ifindex, &desk->route, 0, &desk->hop) == HCD_TRANSLATED;
}

/* Whether the checksum there is still to be filled in: then the helper leaves it alone, because what it is told of is not in
 * the pseudo header. The field is left as it was, and its value in *check. */
HCD_INLINE int hcd_skb_is_partial(struct __sk_buff* skb, __u32 at, __u16* check) {
  __u16 after;
  if (bpf_skb_load_bytes(skb, at, check, sizeof(*check))) return 0;
  if (bpf_l4_csum_replace(skb, at, 0, 0x0100, sizeof(__u16))) return 0;
  if (bpf_skb_load_bytes(skb, at, &after, sizeof(after)) || after == *check) return after == *check;
  bpf_skb_store_bytes(skb, at, check, sizeof(*check), 0);
  return 0;
}

/* The sum of the frame's bytes from `at` to `end`, an even number from its beginning on. */
__noinline int hcd_sum_bytes(struct __sk_buff* skb, __u32 at, __u32 end) {
  struct hcd_desk* desk = hcd_desk();
  __s64 sum = 0;
  for (int i = 0; desk && i <= HCD_QUOTE6 / HCD_QUOTE_CHUNK && at < end; i++, at += HCD_QUOTE_CHUNK) {
    __u32 last = end - at - 1; /* of the chunk's bytes; the verifier believes a mask */
    if (last >= HCD_QUOTE_CHUNK) last = HCD_QUOTE_CHUNK - 1;
    if (last < HCD_QUOTE_CHUNK - 1) __builtin_memset(desk->chunk, 0, sizeof(desk->chunk));
    __asm__ volatile("" : "+r"(last));
    if (bpf_skb_load_bytes(skb, at, desk->chunk, (last & (HCD_QUOTE_CHUNK - 1)) + 1)) return 0;
    sum = bpf_csum_diff(0, 0, (__be32*)desk->chunk, sizeof(desk->chunk), (__u32)sum);
  }
  return hcd_csum_fold((__u64)sum & 0xffffffff);
}

/* Cuts the packet to what will be quoted, and puts its sum into desk->quote_sum, its length into desk->quote_bytes. */
__noinline int hcd_cut_quote(struct __sk_buff* skb) {
  struct hcd_desk* desk = hcd_desk();
  if (!desk || desk->packet.offset >= HCD_HEADERS) return 0;
  const __u32 most = desk->packet.six ? HCD_QUOTE6 : HCD_QUOTE4, l4 = desk->packet.offset;
  __u32 length = desk->packet.bytes < skb->len - HCD_ETHER ? desk->packet.bytes : skb->len - HCD_ETHER;
  if (length > most) length = most;
  __u16 check = 0;
  const int partial = hcd_skb_is_partial(skb, l4 + hcd_check_offset(desk->packet.proto), &check);
  if (bpf_skb_change_tail(skb, HCD_ETHER + length, 0)) return 0;
  desk->quote_bytes = length;
  desk->quote_sum = partial ? (__u32)hcd_sum_bytes(skb, HCD_ETHER, l4) + (__u16)~check
                            : (__u32)hcd_sum_bytes(skb, HCD_ETHER, HCD_ETHER + length);
  return 1;
}

struct hcd_icmp {
  __u8 type, code;
  __u16 check;
  __be32 rest;
};
struct hcd_answer4 {
  struct iphdr ip;
  struct hcd_icmp icmp;
} __attribute__((packed, aligned(4)));
struct hcd_answer6 {
  struct ipv6hdr ip;
  struct hcd_icmp icmp;
} __attribute__((packed, aligned(4)));

HCD_INLINE struct hcd_icmp hcd_icmp_of(int six, __u32 reason, __u32 mtu) {
  if (reason == HCD_TOO_BIG) return (struct hcd_icmp){.type = six ? 2 : 3, .code = six ? 0 : 4, .rest = bpf_htonl(mtu)};
  return (struct hcd_icmp){.type = six ? 3 : 11};
}

HCD_INLINE __u16 hcd_sum_of(const void* words, __u32 size) {
  return hcd_csum_fold((__u64)bpf_csum_diff(0, 0, (__be32*)words, size, 0) & 0xffffffff);
}

/* The IP and ICMP headers before the quote, RFC 1812's precedence and all. */
__noinline int hcd_put_answer4(struct __sk_buff* skb, __u32 reason) {
  struct hcd_desk* desk = hcd_desk();
  if (!desk) return 0;
  const __u32 size = sizeof(struct hcd_answer4);
  struct hcd_answer4 out = {.ip = {.version = 4,
                                   .ihl = 5,
                                   .tos = 0xc0,
                                   .tot_len = bpf_htons(size + desk->quote_bytes),
                                   .frag_off = bpf_htons(0x4000),
                                   .ttl = 64,
                                   .protocol = HCD_PROTO_ICMP,
                                   .saddr = (__u32)desk->route.src[0],
                                   .daddr = (__u32)desk->packet.src[0]},
                            .icmp = hcd_icmp_of(0, reason, desk->mtu)};
  out.ip.check = ~hcd_sum_of(&out.ip, sizeof(out.ip));
  out.icmp.check = ~hcd_csum_fold((__u64)desk->quote_sum + hcd_sum_of(&out.icmp, sizeof(out.icmp)));
  if (bpf_skb_adjust_room(skb, size, BPF_ADJ_ROOM_MAC, 0)) return 0;
  return !bpf_skb_store_bytes(skb, HCD_ETHER, &out, size, BPF_F_RECOMPUTE_CSUM);
}
__noinline int hcd_put_answer6(struct __sk_buff* skb, __u32 reason) {
  struct hcd_desk* desk = hcd_desk();
  if (!desk) return 0;
  const __u32 size = sizeof(struct hcd_answer6);
  const __u16 payload = (__u16)(sizeof(struct hcd_icmp) + desk->quote_bytes);
  struct hcd_answer6 out = {
      .ip = {.version = 6, .payload_len = bpf_htons(payload), .nexthdr = HCD_PROTO_ICMP6, .hop_limit = 64},
      .icmp = hcd_icmp_of(1, reason, desk->mtu)};
  __builtin_memcpy(&out.ip.saddr, desk->route.src, 16);
  __builtin_memcpy(&out.ip.daddr, desk->packet.src, 16);
  const __u64 pseudo = (__u64)hcd_sum_of(&out.ip.saddr, 32) + bpf_htons(payload) + bpf_htons(HCD_PROTO_ICMP6);
  out.icmp.check = ~hcd_csum_fold(pseudo + desk->quote_sum + hcd_sum_of(&out.icmp, sizeof(out.icmp)));
  if (bpf_skb_adjust_room(skb, size, BPF_ADJ_ROOM_MAC, 0)) return 0;
  return !bpf_skb_store_bytes(skb, HCD_ETHER, &out, size, BPF_F_RECOMPUTE_CSUM);
}

/* The packet, whose rule and next hop's MTU are on the desk, is made into the answer to its sender, and sent. */
__noinline int hcd_tc_answer(struct __sk_buff* skb, __u32 reason) {
  struct hcd_desk* desk = hcd_desk();
  if (!desk || !hcd_may_answer(skb, reason) || !hcd_route_answer(skb, desk->rule))
    return hcd_done(HCD_ERROR_LIMIT, TC_ACT_SHOT);
  if (!hcd_cut_quote(skb)) return TC_ACT_SHOT;
  if (!(desk->packet.six ? hcd_put_answer6(skb, reason) : hcd_put_answer4(skb, reason))) return TC_ACT_SHOT;
  if (!hcd_new_link(skb, &desk->hop)) return TC_ACT_SHOT;
  return hcd_done(HCD_ERROR_SENT, hcd_send(&desk->hop));
}

#endif
