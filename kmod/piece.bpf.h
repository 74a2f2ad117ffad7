/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Fragments. The first of a packet has its ports and goes the common road of tc (XDP leaves it alone); what it was found to
 * be is remembered, and those that follow go the same way. kmod/stash.bpf.h has those that come before their first. */
#ifndef HCD_PIECE_BPF_H
#define HCD_PIECE_BPF_H

#include "kmod/icmp.bpf.h"

enum { HCD_MAX_PIECES = 1 << 12 }; /* packets whose fragments are under way; the oldest are forgotten first */

/* RFC 791, and RFC 8200, in which the protocol does not count. */
struct hcd_piece_key {
  __u64 src[2], dst[2];
  __be32 id;
  __u16 six;
  __u16 proto;
};
struct hcd_piece {
  __u32 rule, host;
  __u32 seen; /* tick */
  __be16 sport, dport;
  __u16 from_server;
  __u16 end; /* how much of the whole the first holds; none may write over that */
};
struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, HCD_MAX_PIECES);
  __type(key, struct hcd_piece_key);
  __type(value, struct hcd_piece);
} hcd_pieces SEC(".maps");

HCD_INLINE struct hcd_piece_key hcd_piece_key(const struct hcd_packet* packet) {
  return (struct hcd_piece_key){.src = {packet->src[0], packet->src[1]},
                                .dst = {packet->dst[0], packet->dst[1]},
                                .id = packet->id,
                                .six = packet->six,
                                .proto = packet->six ? 0 : packet->proto};
}

/* A first fragment, which stands in the scratch as it came, is sent on. */
__noinline int hcd_note_piece(__u32 rule, __u32 host, __u32 from_server) {
  const struct hcd_scratch* scratch = hcd_scratch_now();
  if (!scratch) return 0;
  const struct hcd_packet* packet = &scratch->packet;
  const struct hcd_piece_key key = hcd_piece_key(packet);
  const struct hcd_piece piece = {.rule = rule,
                                  .host = host,
                                  .seen = hcd_now(),
                                  .sport = packet->sport,
                                  .dport = packet->dport,
                                  .from_server = (__u16)from_server,
                                  .end = packet->span};
  hcd_count(HCD_PIECES);
  return !bpf_map_update_elem(&hcd_pieces, &key, &piece, BPF_ANY);
}

/* Whose the later fragment on the desk is. False: nobody's. */
__noinline int hcd_find_piece(void) {
  struct hcd_desk* desk = hcd_desk();
  if (!desk) return 0;
  const struct hcd_piece_key key = hcd_piece_key(&desk->packet);
  const struct hcd_piece* piece = bpf_map_lookup_elem(&hcd_pieces, &key);
  const __u32 zero = 0;
  const struct hcd_timeout_set* timeouts = bpf_map_lookup_elem(&hcd_timeout_sets, &zero);
  if (!piece || !timeouts || hcd_now() - piece->seen > timeouts->ticks[HCD_TM_FRAG]) return 0;
  desk->rule = piece->rule;
  desk->host = piece->host;
  desk->from_server = piece->from_server != 0;
  desk->piece_end = piece->end;
  desk->turned = desk->packet;
  desk->turned.sport = piece->sport;
  desk->turned.dport = piece->dport;
  return 1;
}

/* Its flaws, and its way out. None may write over what the first holds, by which it was found to be ours, nor over TCP's own
 * header (RFC 1858, RFC 5722). */
__noinline int hcd_route_piece(struct __sk_buff* skb) {
  struct hcd_desk* desk = hcd_desk();
  if (!desk) return HCD_PASSED;
  const struct hcd_packet* packet = &desk->packet;
  if (packet->flaw) return packet->flaw;
  if (packet->at < desk->piece_end || (packet->proto == HCD_PROTO_TCP && packet->at < HCD_TCP)) return HCD_FRAGMENT;
  return hcd_route_aside(skb);
}

__noinline int hcd_rewrite_piece(struct __sk_buff* skb) {
  struct hcd_desk* desk = hcd_desk();
  struct hcd_plan plan = {};
  if (!desk || !hcd_plan_of(desk, &plan)) return 0;
  plan.hop = &desk->hop;
  return hcd_rewrite_header(skb, &desk->packet, &plan, hcd_address_change(&desk->packet, &plan)) &&
         hcd_new_link(skb, plan.hop);
}

/* The later fragment on the desk, which is known to be ours. */
HCD_INLINE int hcd_tc_follower(struct __sk_buff* skb) {
  const struct hcd_desk* desk = hcd_desk();
  if (!desk) return TC_ACT_SHOT;
  const int reason = hcd_route_piece(skb);
  if (reason == HCD_PASSED) return hcd_done_beside(skb, reason, TC_ACT_UNSPEC);
  if (reason != HCD_TRANSLATED) return hcd_done_beside(skb, reason, TC_ACT_SHOT);
  if (!hcd_rewrite_piece(skb)) return hcd_done_beside(skb, HCD_SHORT, TC_ACT_SHOT);
  hcd_count_packet(desk->rule, desk->host, desk->from_server, desk->packet.bytes);
  hcd_count(HCD_PIECES);
  return hcd_done_beside(skb, HCD_TRANSLATED, hcd_send(&desk->hop));
}

#endif
