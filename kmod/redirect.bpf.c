/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The packet path, as an XDP and as a tc ingress program over the same maps. The tc program is always attached behind
 * the XDP one: XDP decides first, and what it cannot do itself it leaves to tc untouched. A state that XDP has made by
 * then is simply found by tc, to which the SYN is one sent twice. */

#include "kmod/beside.bpf.h"
#include "kmod/open.bpf.h"

/* The end of a translated packet's road. */
HCD_INLINE int hcd_leave(const struct hcd_arrival* in, const struct hcd_packet* packet, struct hcd_plan* plan) {
  if (!(in->xdp ? hcd_rewrite_frame(in, packet, plan) : hcd_rewrite_skb(in->context, packet, plan))) return HCD_SHORT;
  hcd_count_packet(plan->rule, plan->host, plan->from_server, packet->bytes);
  plan->action = in->xdp ? bpf_redirect(plan->hop->ifindex, 0) : hcd_send(plan->hop);
  return HCD_TRANSLATED;
}

/* A host that is this machine itself, 127.0.0.1 too: the listener there is given the connection's first packet as it is. Its
 * socket then bears the public address, so nothing needs to be translated either way, and later packets find it by
 * themselves. XDP cannot give a packet to a socket. A UDP socket would answer from another address: none is given one. */
__noinline int hcd_deliver_skb(struct __sk_buff* skb, __u32 index) {
  const struct hcd_scratch* scratch = hcd_scratch_now();
  const struct hcd_host* host = hcd_host(index);
  if (!scratch || !host) return HCD_NO_HOST;
  const struct hcd_packet* packet = &scratch->packet;
  if (packet->proto != HCD_PROTO_TCP) return HCD_NO_ROUTE;
  if (!hcd_opens(packet->proto, packet->flags)) return HCD_DELIVERED;
  struct bpf_sock_tuple tuple = {};
  if (packet->six) {
    __builtin_memcpy(tuple.ipv6.saddr, packet->src, 16);
    __builtin_memcpy(tuple.ipv6.daddr, host->at.addr, 16);
    tuple.ipv6.sport = packet->sport;
    tuple.ipv6.dport = host->at.port;
  } else {
    tuple.ipv4.saddr = (__u32)packet->src[0];
    tuple.ipv4.daddr = *(const __u32*)host->at.addr;
    tuple.ipv4.sport = packet->sport;
    tuple.ipv4.dport = host->at.port;
  }
  const __u32 size = packet->six ? sizeof(tuple.ipv6) : sizeof(tuple.ipv4);
  struct bpf_sock* socket = bpf_skc_lookup_tcp(skb, &tuple, size, BPF_F_CURRENT_NETNS, 0);
  if (!socket) return HCD_NO_ROUTE;
  const long refused = socket->state == BPF_TCP_LISTEN ? bpf_sk_assign(skb, socket, 0) : -1;
  bpf_sk_release(socket);
  return refused ? HCD_NO_ROUTE : HCD_DELIVERED;
}
HCD_INLINE int hcd_deliver(const struct hcd_arrival* in, __u32 host) {
  return in->xdp ? HCD_TO_TC : hcd_deliver_skb(in->context, host);
}

/* Whether the sender left the checksum to hardware that is not there; only XDP sees such. */
HCD_INLINE int hcd_is_partial(const struct hcd_arrival* in, const struct hcd_packet* at) {
  if (!(hcd_link_flags(in->ifindex) & HCD_LINK_PARTIAL_CSUM)) return 0;
  struct hcd_packet packet = *at;
  packet.l4 = in->data + (packet.offset & HCD_OFFSET_MASK);
  if (packet.proto == HCD_PROTO_UDP) return packet.l4 + HCD_UDP <= in->end && hcd_csum_is_partial(&packet);
  return packet.l4 + HCD_TCP <= in->end && hcd_csum_is_partial(&packet);
}

/* Flaws, and what XDP must leave to tc before anything is done about the packet. tc tells the sender whose time is up. */
HCD_INLINE int hcd_fit(const struct hcd_arrival* in, const struct hcd_packet* packet, const struct hcd_rule* rule,
                       struct hcd_plan* plan) {
  plan->keep_ttl = (rule->flags & HCD_RULE_KEEP_TTL) != 0;
  if (packet->flaw) return packet->flaw;
  if (packet->spent && !plan->keep_ttl) return in->xdp ? HCD_TO_TC : HCD_TTL;
  if (in->xdp && packet->piece) return HCD_TO_TC;
  return in->xdp && hcd_is_partial(in, packet) ? HCD_TO_TC : HCD_TRANSLATED;
}

/* What the fast way has not found, from the client and from the server: *found is the state, its entry is returned. Null:
 * there is none, and *reason says what becomes of the packet. */
HCD_INLINE struct hcd_state6* hcd_admit_slowly(const struct hcd_flow* flow, int six, __u32 rule,
                                               struct hcd_found* found, int* reason) {
  struct hcd_scratch* scratch = hcd_scratch_now();
  if (!scratch) return 0;
  scratch->flow = *flow;
  *reason = hcd_admit(scratch, rule);
  *found = scratch->found;
  return *reason == HCD_TRANSLATED ? hcd_entry(flow, six, found->place) : 0;
}
HCD_INLINE struct hcd_state6* hcd_find_slowly(const struct hcd_flow* flow, int six, __u32 host,
                                              struct hcd_found* found) {
  struct hcd_scratch* scratch = hcd_scratch_now();
  if (!scratch) return 0;
  scratch->flow = *flow;
  if (!hcd_find(scratch, 0, host)) return 0;
  *found = scratch->found;
  return hcd_entry(flow, six, found->place);
}

HCD_INLINE int hcd_from_client(const struct hcd_arrival* in, const struct hcd_packet* packet, int six,
                               struct hcd_plan* plan) {
  const struct hcd_rule* rule = hcd_rule(plan->rule);
  if (!rule) return HCD_PASSED;
  const int fit = hcd_fit(in, packet, rule, plan), opens = hcd_opens(packet->proto, packet->flags);
  struct hcd_found found = {};
  struct hcd_flow flow = hcd_flow_of(packet->src, packet->sport, packet->proto, six);
  flow.tcp = packet->flags;
  flow.flaw = fit == HCD_TRANSLATED ? 0 : fit;
  int reason = fit;
  struct hcd_state6* entry =
      opens && packet->proto == HCD_PROTO_TCP ? 0 : hcd_find_at_home(&flow, six, plan->rule, 0, &found);
  /* Of a flow that nobody has answered yet any packet could be the first. */
  if (entry && opens && hcd_sides_unanswered(hcd_value_sides(found.value))) entry = 0;
  if (!entry) entry = hcd_admit_slowly(&flow, six, plan->rule, &found, &reason);
  if (!entry || reason != HCD_TRANSLATED) return reason;
  plan->from_server = 0;
  plan->host = hcd_value_host(found.value);
  const struct hcd_host* host = hcd_host(plan->host);
  if (!host || host->at.family != (six ? 6 : 4)) return HCD_NO_HOST;
  plan->to = &host->at;
  reason = hcd_way_out(in, packet, flow.now, plan);
  if (reason == HCD_DELIVERED) {
    reason = hcd_deliver(in, plan->host);
    if (reason != HCD_DELIVERED) return reason;
    if (!opens) hcd_touch_both(&entry->value, found.value, flow.now, packet->flags);
    hcd_count_packet(plan->rule, plan->host, 0, packet->bytes);
    return reason;
  }
  if (reason != HCD_TRANSLATED) return reason;
  hcd_touch(entry, found.value, flow.now, packet, 0);
  return hcd_leave(in, packet, plan);
}

HCD_INLINE int hcd_from_server(const struct hcd_arrival* in, const struct hcd_packet* packet, int six,
                               struct hcd_plan* plan) {
  struct hcd_found found = {};
  const struct hcd_flow flow = hcd_flow_of(packet->dst, packet->dport, packet->proto, six);
  struct hcd_state6* entry = hcd_find_at_home(&flow, six, 0, plan->host, &found);
  if (!entry) entry = hcd_find_slowly(&flow, six, plan->host, &found);
  const struct hcd_rule* rule = entry ? hcd_rule(found.rule) : 0;
  if (!rule) return HCD_PASSED;
  plan->rule = found.rule; /* whose virtual address speaks where the packet cannot go on */
  int reason = hcd_fit(in, packet, rule, plan);
  if (reason != HCD_TRANSLATED) return reason;
  plan->from_server = 1;
  plan->to = &rule->to;
  reason = hcd_way_out(in, packet, flow.now, plan);
  if (reason != HCD_TRANSLATED) return reason == HCD_DELIVERED ? HCD_NO_ROUTE : reason;
  hcd_touch(entry, found.value, flow.now, packet, 1);
  return hcd_leave(in, packet, plan);
}

/* Puts the packet away into memory, without its pointer. What the verifier knows of it by the way in which it was parsed
 * would have it walk all that follows once for each such way: so it forgets. */
HCD_INLINE const struct hcd_packet* hcd_put_away(struct hcd_packet* packet) {
  struct hcd_scratch* scratch = hcd_scratch_now();
  if (!scratch) return 0;
  packet->l4 = 0;
  scratch->packet = *packet;
  __asm__ volatile("" : : : "memory");
  return &scratch->packet;
}

HCD_INLINE int hcd_decide_for(const struct hcd_arrival* in, struct hcd_packet* parsed, int six, struct hcd_plan* plan) {
  const struct hcd_lead to = hcd_rule_lead(parsed, six);
  if (!to.first && !hcd_host_lead(parsed, six).first) return HCD_PASSED;
  const struct hcd_packet* packet = hcd_put_away(parsed);
  if (!packet) return HCD_PASSED;
  plan->rule = hcd_rule_of(packet, six, in->ifindex, to);
  if (plan->rule) return hcd_from_client(in, packet, six, plan);
  plan->host = hcd_host_of(packet, six, hcd_host_lead(packet, six));
  return plan->host ? hcd_from_server(in, packet, six, plan) : HCD_PASSED;
}

/* What became of the packet. HCD_TRANSLATED: it is rewritten, and plan->action sends it on; else it is untouched. */
HCD_INLINE int hcd_decide(const struct hcd_arrival* in, struct hcd_packet* packet, struct hcd_plan* plan) {
  return packet->six ? hcd_decide_for(in, packet, 1, plan) : hcd_decide_for(in, packet, 0, plan);
}

/* A first fragment is known by its ports. */
HCD_INLINE int hcd_may_be_ours(int kind, const struct hcd_packet* packet) {
  if (kind == HCD_WHOLE) return 1;
  return kind == HCD_PIECE && !packet->at && packet->proto != HCD_PROTO_NONE;
}

SEC("xdp")
int hcd_xdp(struct xdp_md* ctx) {
  const __u8 *data = (const __u8*)(long)ctx->data, *end = (const __u8*)(long)ctx->data_end;
  struct hcd_packet packet;
  struct hcd_plan plan;
  int reason = HCD_PASSED;
  plan.action = XDP_DROP;
  if (hcd_may_be_ours(hcd_parse(data, end, end - data, 0, &packet), &packet)) {
    const struct hcd_arrival in = {.context = ctx,
                                   .data = (__u8*)(long)*(volatile __u32*)&ctx->data,
                                   .end = (const __u8*)(long)*(volatile __u32*)&ctx->data_end,
                                   .ifindex = ctx->ingress_ifindex,
                                   .xdp = 1};
    reason = hcd_decide(&in, &packet, &plan);
  }
  hcd_count(reason);
  return reason == HCD_PASSED || reason == HCD_TO_TC ? XDP_PASS : plan.action;
}

HCD_INLINE int hcd_parse_skb(struct __sk_buff* skb, struct hcd_packet* packet) {
  hcd_pull_headers(skb);
  const __u8* data = (const __u8*)(long)skb->data;
  return hcd_parse(data, (const __u8*)(long)skb->data_end, skb->len, skb->gso_size != 0, packet);
}

/* A packet that is not to go on, and about which its sender should hear. */
HCD_INLINE int hcd_put_refusal(const struct hcd_plan* plan, int reason) {
  struct hcd_desk* desk = hcd_desk();
  if (!desk) return TC_ACT_SHOT;
  desk->rule = plan->rule;
  desk->mtu = plan->hop ? plan->hop->mtu : 0;
  return reason == HCD_TTL ? HCD_TC_TTL : HCD_TC_TOO_BIG;
}

/* A first fragment after the verdict on it, which those that follow share. */
HCD_INLINE int hcd_lead_pieces(const struct hcd_plan* plan, int reason) {
  if (reason == HCD_PASSED || reason == HCD_DELIVERED) return HCD_TC_STRANGER;
  if (reason != HCD_TRANSLATED) return 0;
  struct hcd_desk* desk = hcd_desk();
  if (!hcd_note_piece(plan->rule, plan->host, plan->from_server) || !desk || !plan->hop) return 0;
  if (!hcd_is_first_awaited()) return 0;
  desk->hop = *plan->hop;
  return HCD_TC_AWAITED;
}

/* The verdict, or an enum hcd_tc_aside: what is done aside needs the stack that this is done with. */
__noinline int hcd_tc_common(struct __sk_buff* skb) {
  const struct hcd_arrival in = {.context = skb, .ifindex = skb->ifindex, .segment = skb->gso_size};
  struct hcd_packet packet;
  struct hcd_plan plan;
  int reason = HCD_PASSED;
  plan.action = TC_ACT_SHOT;
  plan.hop = 0;
  const int kind = skb->vlan_present ? HCD_OTHER : hcd_parse_skb(skb, &packet);
  if (kind == HCD_ERROR || (kind == HCD_PIECE && packet.at)) return HCD_TC_BESIDE;
  if (hcd_may_be_ours(kind, &packet)) reason = hcd_decide(&in, &packet, &plan);
  hcd_count(reason);
  const int aside = kind == HCD_PIECE ? hcd_lead_pieces(&plan, reason) : 0;
  if (aside) return aside;
  if (reason == HCD_TTL || reason == HCD_TOO_BIG) return hcd_put_refusal(&plan, reason);
  return reason == HCD_PASSED || reason == HCD_DELIVERED ? TC_ACT_UNSPEC : plan.action;
}

SEC("tc")
int hcd_tc(struct __sk_buff* skb) {
  const int verdict = hcd_tc_common(skb);
  switch (verdict) {
    case HCD_TC_BESIDE: return hcd_tc_beside(skb);
    case HCD_TC_AWAITED: return hcd_tc_awaited(skb);
    case HCD_TC_STRANGER: return hcd_tc_stranger(skb);
    case HCD_TC_TTL: return hcd_tc_answer(skb, HCD_TTL);
    case HCD_TC_TOO_BIG: return hcd_tc_answer(skb, HCD_TOO_BIG);
    default: return verdict;
  }
}

char hcd_license[] SEC("license") = "Dual MIT/GPL";
