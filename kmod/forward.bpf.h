/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The way out of a packet that is to be translated, and the rewriting: in place for XDP, by the kernel's helpers for
 * tc, where a checksum may still be partial and a packet stand for many segments. All is decided before a byte is
 * changed, so that what XDP passes to tc is always untouched.
 *
 * Answers, too, are redirected and never handed to the stack: their new source is an address of ours, a martian
 * there. */
#ifndef HCD_FORWARD_BPF_H
#define HCD_FORWARD_BPF_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>

#include "kmod/rule.bpf.h"

typedef __u32 __attribute__((may_alias)) hcd_word;

/* How the packet came, the same for XDP and tc. */
struct hcd_arrival {
  void* context;
  __u8* data; /* XDP: the frame, as if its tag were not there */
  const __u8* end;
  __u32 tag; /* XDP: the length of the tag before what is taken for the frame */
  __u32 ifindex;
  int xdp;
  __u32 segment; /* not 0: to be cut on its way out into segments with so many bytes of payload */
};

struct hcd_plan {
  const struct hcd_endpoint* to; /* the new destination, or from a server the new source; its port is `port` */
  const struct hcd_hop* hop;
  __u32 rule;
  __u32 host;
  __be16 port;
  __u8 from_server;
  __u8 keep_ttl;
  int action; /* the program's verdict */
};

enum { HCD_INET = 2, HCD_INET6 = 10 }; /* AF_INET, AF_INET6: the kernel's header for them is not to be had in BPF */

/* Source and destination as they will be after the rewriting. */
struct hcd_route {
  __u64 src[2];
  __u64 dst[2];
  __be16 sport;
  __be16 dport;
  __u32 now;
  __u32 generation; /* hcd_settings.hop_generation, from before the routing table is asked */
  __u8 tos;
  __u8 six;
  __u8 proto;
};

HCD_INLINE void hcd_fill_fib(struct bpf_fib_lookup* fib, const struct hcd_route* route, __u32 ifindex) {
  fib->family = route->six ? HCD_INET6 : HCD_INET;
  fib->l4_protocol = route->proto;
  fib->sport = route->sport;
  fib->dport = route->dport;
  fib->tot_len = 1; /* too small for any link, but asks for the route's MTU */
  fib->ifindex = ifindex;
  if (route->six) {
    fib->flowinfo = bpf_htonl((__u32)route->tos << 20);
    __builtin_memcpy(fib->ipv6_src, route->src, 16);
    __builtin_memcpy(fib->ipv6_dst, route->dst, 16);
  } else {
    fib->tos = route->tos;
    fib->ipv4_src = (__u32)route->src[0];
    fib->ipv4_dst = (__u32)route->dst[0];
  }
}

/* Asks the routing table; with HCD_FIB_SRC also for the source to be used. HCD_DELIVERED: not a way out, it may be this
 * machine's own address. */
enum { HCD_FIB_SRC = 1 << 4 }; /* BPF_FIB_LOOKUP_SRC, which Debian 12's header lacks */
static __noinline int hcd_ask_route(void* context, __u32 ifindex, struct hcd_route* route, __u32 flags,
                                    struct hcd_hop* hop) {
  struct bpf_fib_lookup fib = {};
  hcd_fill_fib(&fib, route, ifindex);
  const long answer = bpf_fib_lookup(context, &fib, sizeof(fib), flags);
  if (flags) __builtin_memcpy(route->src, fib.ipv6_src, 16);
  hop->ifindex = fib.ifindex;
  hop->generation = 0;
  hop->unresolved = answer == BPF_FIB_LKUP_RET_NO_NEIGH;
  if (hop->unresolved) {
    hop->six = fib.family == HCD_INET6;
    __builtin_memcpy(hop->addr, fib.ipv6_dst, 16);
    return HCD_TRANSLATED;
  }
  if (answer == BPF_FIB_LKUP_RET_NOT_FWDED) return HCD_DELIVERED;
  if (answer != BPF_FIB_LKUP_RET_SUCCESS) return HCD_NO_ROUTE;
  hop->addr[0] = route->dst[0];
  hop->addr[1] = route->dst[1];
  hop->six = route->six;
  hop->mtu = fib.mtu_result;
  hop->xdp = (hcd_link_flags(fib.ifindex) & HCD_LINK_XDP_TARGET) != 0;
  __builtin_memcpy((__u8*)hop->mac, fib.dmac, 6);
  __builtin_memcpy((__u8*)hop->mac + 6, fib.smac, 6);
  hop->tick = route->now;
  hop->generation = route->generation;
  return HCD_TRANSLATED;
}

/* Whether a next hop that was asked for earlier still holds. Where changes are watched it is asked for anew now and then all
 * the same: what the kernel has learnt of a path's MTU it tells nobody. */
enum { HCD_HOP_TICKS = 512 };
HCD_INLINE int hcd_hop_holds(const struct hcd_hop* hop, const struct hcd_route* route, __u32 until) {
  if (!(route->generation & 1) || hop->generation != route->generation) return 0;
  const __u32 age = route->now - hop->tick;
  return !age || (age < HCD_HOP_TICKS && (__s32)(until - route->now) >= 0);
}

/* The next hop into the plan: remembered, or asked for. One place an address, chosen by `slot`. */
HCD_INLINE int hcd_find_hop(const struct hcd_arrival* in, struct hcd_route* route, __u32 slot, struct hcd_plan* plan) {
  const __u32 at = slot & hcd_config.hop_mask;
  struct hcd_hop* hop = bpf_map_lookup_elem(&hcd_hops, &at);
  const struct hcd_settings* settings = hcd_settings_now();
  if (!hop || !settings) return HCD_NO_ROUTE;
  plan->hop = hop;
  route->generation = *(const volatile __u32*)&settings->hop_generation;
  if (hcd_hop_holds(hop, route, settings->hop_until) && hop->addr[0] == route->dst[0] &&
      hop->addr[1] == route->dst[1] && hop->six == route->six)
    return HCD_TRANSLATED;
  return hcd_ask_route(in->context, in->ifindex, route, 0, hop);
}

/* Every bit of the address counts, in whichever byte order. */
HCD_INLINE __u32 hcd_hop_slot(const __u64 addr[2]) {
  const __u64 both = addr[0] ^ addr[1];
  return (__u32)(both ^ both >> 32) * 0x9e3779b97f4a7c15 >> 32;
}

/* tc: the length of the packet, or of its largest segment. */
HCD_INLINE __u32 hcd_largest(const struct hcd_arrival* in, const struct hcd_packet* packet) {
  if (!in->segment) return packet->bytes;
  __u8 words = HCD_UDP / 4 << 4;
  if (packet->proto == HCD_PROTO_TCP) bpf_skb_load_bytes(in->context, packet->offset + 12, &words, sizeof(words));
  return packet->offset - HCD_ETHER + (words >> 4) * 4 + in->segment;
}

/* Whether the packet can go that way from here. */
enum { HCD_NO_MTU = 1 << 30 };
HCD_INLINE int hcd_may_leave(const struct hcd_arrival* in, const struct hcd_packet* packet, struct hcd_plan* plan) {
  if (plan->hop->unresolved) return in->xdp ? HCD_TO_TC : HCD_TRANSLATED;
  const __u32 mtu = plan->hop->mtu ? plan->hop->mtu : HCD_NO_MTU;
  if (in->xdp) {
    if (in->tag && plan->hop->ifindex != in->ifindex) return HCD_TO_TC;
    return packet->bytes > mtu || !plan->hop->xdp ? HCD_TO_TC : HCD_TRANSLATED;
  }
  return hcd_largest(in, packet) > mtu ? HCD_TOO_BIG : HCD_TRANSLATED;
}

/* The packet's source and destination as the plan has them. */
HCD_INLINE void hcd_route_of(const struct hcd_packet* packet, __u32 now, const struct hcd_plan* plan,
                             struct hcd_route* route) {
  const int six = packet->six, server = plan->from_server;
  const __u64 to[2] = {six ? hcd_words(plan->to, 0) : *(const __u32*)plan->to->addr, six ? hcd_words(plan->to, 1) : 0};
  *route = (struct hcd_route){
      .src = {server ? to[0] : packet->src[0], server ? to[1] : packet->src[1]},
      .dst = {server ? packet->dst[0] : to[0], server ? packet->dst[1] : to[1]},
      .sport = server ? plan->port : packet->sport,
      .dport = server ? packet->dport : plan->port,
      .now = now,
      .tos = packet->tos,
      .six = six,
      .proto = packet->proto,
  };
}

HCD_INLINE int hcd_find_way(const struct hcd_arrival* in, struct hcd_route* route, const struct hcd_packet* packet,
                            struct hcd_plan* plan) {
  const int reason = hcd_find_hop(in, route, plan->from_server ? hcd_hop_slot(route->dst) : plan->host, plan);
  return reason == HCD_TRANSLATED ? hcd_may_leave(in, packet, plan) : reason;
}

/* Decides how the packet of the plan leaves. HCD_TRANSLATED, or the reason why not. */
HCD_INLINE int hcd_way_out(const struct hcd_arrival* in, const struct hcd_packet* packet, __u32 now,
                           struct hcd_plan* plan) {
  struct hcd_route route;
  hcd_route_of(packet, now, plan, &route);
  return hcd_find_way(in, &route, packet, plan);
}

/* The sum of what changes in the pseudo header. */
HCD_INLINE __u64 hcd_address_change(const struct hcd_packet* packet, const struct hcd_plan* plan) {
  const __u64* from = plan->from_server ? packet->src : packet->dst;
  if (!packet->six) return hcd_csum_swap32(0, (__u32)from[0], *(const __u32*)plan->to->addr);
  return hcd_csum_swap64(hcd_csum_swap64(0, from[0], hcd_words(plan->to, 0)), from[1], hcd_words(plan->to, 1));
}

HCD_INLINE void hcd_new_ip4(struct iphdr* ip, const struct hcd_plan* plan, __u64 change) {
  __be16* word = (__be16*)&ip->ttl; /* and the protocol */
  const __be16 less = *word - (plan->keep_ttl ? 0 : bpf_htons(0x0100));
  ip->check = hcd_csum_apply(ip->check, hcd_csum_swap16(change, *word, less));
  *word = less;
  *(plan->from_server ? &ip->saddr : &ip->daddr) = *(const __u32*)plan->to->addr;
}

HCD_INLINE void hcd_new_ip6(struct ipv6hdr* ip, const struct hcd_plan* plan) {
  if (!plan->keep_ttl) ip->hop_limit--;
  __builtin_memcpy(plan->from_server ? &ip->saddr : &ip->daddr, plan->to->addr, 16);
}

/* The new port, and the checksum, which UDP may do without. False never comes to pass; the kernel's verifier wants it
 * said. */
HCD_INLINE int hcd_new_ports(const struct hcd_arrival* in, const struct hcd_packet* packet, const struct hcd_plan* plan,
                             __u64 change) {
  __u8* l4 = in->data + (packet->offset & HCD_OFFSET_MASK);
  __be16 *port = (__be16*)(plan->from_server ? l4 : l4 + 2), *check = (__be16*)(l4 + 16);
  if (packet->proto == HCD_PROTO_UDP) {
    if (l4 + HCD_UDP > in->end) return 0;
    check = (__be16*)(l4 + 6);
    if (*check) {
      *check = hcd_csum_apply(*check, hcd_csum_swap16(change, *port, plan->port));
      if (!*check) *check = 0xffff;
    }
  } else {
    if (l4 + HCD_TCP > in->end) return 0;
    *check = hcd_csum_apply(*check, hcd_csum_swap16(change, *port, plan->port));
  }
  *port = plan->port;
  return 1;
}

/* XDP. */
HCD_INLINE int hcd_rewrite_frame(const struct hcd_arrival* in, const struct hcd_packet* packet,
                                 const struct hcd_plan* plan) {
  const int six = packet->six;
  __u8* data = in->data;
  const __u64 change = hcd_address_change(packet, plan);
  if (data + HCD_ETHER + (six ? HCD_IP6 : HCD_IP4) > in->end) return 0;
  if (!hcd_new_ports(in, packet, plan, change)) return 0;
  if (six)
    hcd_new_ip6((struct ipv6hdr*)(data + HCD_ETHER), plan);
  else
    hcd_new_ip4((struct iphdr*)(data + HCD_ETHER), plan, change);
  for (int i = 0; i < 3; i++) ((hcd_word*)(data - in->tag))[i] = plan->hop->mac[i];
  return 1;
}

/* tc. The IPv4 header's change leaves the sum over all of it as it was; IPv6 has no checksum of its own, so a sum that
 * a network card made must be told. False: dropped half rewritten, out of memory. */
HCD_INLINE int hcd_rewrite_header(struct __sk_buff* skb, const struct hcd_packet* packet, const struct hcd_plan* plan,
                                  __u64 change) {
  if (packet->six) {
    struct ipv6hdr ip;
    if (bpf_skb_load_bytes(skb, HCD_ETHER, &ip, sizeof(ip))) return 0;
    hcd_new_ip6(&ip, plan);
    return !bpf_skb_store_bytes(skb, HCD_ETHER, &ip, sizeof(ip), BPF_F_RECOMPUTE_CSUM);
  }
  struct iphdr ip;
  if (bpf_skb_load_bytes(skb, HCD_ETHER, &ip, sizeof(ip))) return 0;
  hcd_new_ip4(&ip, plan, change);
  return !bpf_skb_store_bytes(skb, HCD_ETHER, &ip, sizeof(ip), 0);
}

/* A VLAN's tag is kept on the link that it came by; another is the routing table's choice, and knows nothing of it. */
HCD_INLINE int hcd_new_link(struct __sk_buff* skb, const struct hcd_hop* hop) {
  if (skb->vlan_present && hop->ifindex != skb->ifindex && bpf_skb_vlan_pop(skb)) return 0;
  if (hop->unresolved) return 1;
  const __u32 mac[3] = {hop->mac[0], hop->mac[1], hop->mac[2]};
  return !bpf_skb_store_bytes(skb, 0, mac, sizeof(mac), 0);
}

HCD_INLINE int hcd_rewrite_skb(struct __sk_buff* skb, const struct hcd_packet* packet, const struct hcd_plan* plan) {
  const __u64 change = hcd_address_change(packet, plan);
  const __u32 check = packet->offset + hcd_check_offset(packet->proto);
  const __u32 udp = packet->proto == HCD_PROTO_UDP ? BPF_F_MARK_MANGLED_0 : 0; /* a checksum of 0 is none */
  const __u32 at = packet->offset + (plan->from_server ? 0 : 2);
  const __be16 old = plan->from_server ? packet->sport : packet->dport, port = plan->port;
  if (bpf_l4_csum_replace(skb, check, 0, hcd_csum_fold(change), BPF_F_PSEUDO_HDR | udp)) return 0;
  if (old != port && (bpf_l4_csum_replace(skb, check, old, port, sizeof(port) | udp) ||
                      bpf_skb_store_bytes(skb, at, &port, sizeof(port), 0)))
    return 0;
  return hcd_rewrite_header(skb, packet, plan, change) && hcd_new_link(skb, plan->hop);
}

/* Sends it on; a neighbour that is not known yet is the kernel's to resolve, which holds the packet meanwhile. */
HCD_INLINE int hcd_send(const struct hcd_hop* hop) {
  if (!hop->unresolved) return bpf_redirect(hop->ifindex, 0);
  struct bpf_redir_neigh neighbour = {.nh_family = hop->six ? HCD_INET6 : HCD_INET};
  __builtin_memcpy(neighbour.ipv6_nh, hop->addr, 16);
  return bpf_redirect_neigh(hop->ifindex, &neighbour, sizeof(neighbour), 0);
}

#endif
