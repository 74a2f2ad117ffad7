/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The packet path, as an XDP and as a tc ingress program over the same maps. The tc program is always attached behind
 * the XDP one: XDP decides first, and what it cannot do itself it leaves to tc untouched. A state that XDP has made by
 * then is simply found by tc, to which the SYN is one sent twice. */

#include "kmod/beside.bpf.h"
#include "kmod/open.bpf.h"
#include "kmod/overload.bpf.h"
#include "kmod/reset.bpf.h"
#include "kmod/sweep.bpf.h"

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
__noinline int hcd_deliver_skb(struct __sk_buff* skb, __u32 index, __be16 port) {
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
    tuple.ipv6.dport = port;
  } else {
    tuple.ipv4.saddr = (__u32)packet->src[0];
    tuple.ipv4.daddr = *(const __u32*)host->at.addr;
    tuple.ipv4.sport = packet->sport;
    tuple.ipv4.dport = port;
  }
  const __u32 size = packet->six ? sizeof(tuple.ipv6) : sizeof(tuple.ipv4);
  struct bpf_sock* socket = bpf_skc_lookup_tcp(skb, &tuple, size, BPF_F_CURRENT_NETNS, 0);
  if (!socket) return HCD_NO_ROUTE;
  const long refused = socket->state == BPF_TCP_LISTEN ? bpf_sk_assign(skb, socket, 0) : -1;
  bpf_sk_release(socket);
  return refused ? HCD_NO_ROUTE : HCD_DELIVERED;
}
HCD_INLINE int hcd_deliver(const struct hcd_arrival* in, const struct hcd_plan* plan) {
  return in->xdp ? HCD_TO_TC : hcd_deliver_skb(in->context, plan->host, plan->port);
}

/* Whether the sender left the checksum to hardware that is not there; only XDP sees such. */
HCD_INLINE int hcd_is_partial(const struct hcd_arrival* in, const struct hcd_packet* at) {
  if (!(hcd_link_flags(in->ifindex) & HCD_LINK_PARTIAL_CSUM)) return 0;
  struct hcd_packet packet = *at;
  packet.l4 = in->data + (packet.offset & HCD_OFFSET_MASK);
  if (packet.proto == HCD_PROTO_UDP) return packet.l4 + HCD_UDP <= in->end && hcd_csum_is_partial(&packet);
  return packet.l4 + HCD_TCP <= in->end && hcd_csum_is_partial(&packet);
}

/* Flaws, and what XDP must leave to tc before anything is done about the packet: whatever the rule, and where its time to live
 * counts. tc tells the sender whose time is up. */
HCD_INLINE int hcd_flaw(const struct hcd_arrival* in, const struct hcd_packet* packet) {
  if (packet->flaw) return packet->flaw;
  if (in->xdp && packet->piece) return HCD_TO_TC;
  return in->xdp && hcd_is_partial(in, packet) ? HCD_TO_TC : 0;
}
HCD_INLINE int hcd_spent(const struct hcd_arrival* in, const struct hcd_packet* packet) {
  return !packet->spent ? 0 : in->xdp ? HCD_TO_TC : HCD_TTL;
}

/* What the fast way has not found. From the client: what becomes of the packet, and by which rule. */
HCD_INLINE int hcd_meet_found(const struct hcd_scratch* scratch, int six, struct hcd_met* met) {
  const struct hcd_found* found = &scratch->found;
  const struct hcd_spot spot = hcd_spot(&scratch->flow, six, found->place);
  *met = (struct hcd_met){spot.entry,
                          spot.more,
                          hcd_rule(found->rule),
                          hcd_host(hcd_value_host(found->value)),
                          .value = found->value,
                          .index = found->rule,
                          .place = found->place,
                          .vport = found->vport};
  return spot.entry && met->rule && met->host;
}
/* The same of a flow that goes on without a state: met->entry is 0. */
HCD_INLINE int hcd_meet_unstored(const struct hcd_scratch* scratch, struct hcd_met* met) {
  const struct hcd_found* found = &scratch->found;
  *met = (struct hcd_met){0,
                          0,
                          hcd_rule(found->rule),
                          hcd_host(hcd_value_host(found->value)),
                          .value = found->value,
                          .index = found->rule,
                          .vport = found->vport};
  return met->rule && met->host;
}
/* Reads what a new state will be written to before anything else is done for it: there is no prefetch in BPF, but a load that
 * nobody waits for is one, and both lines then come while the rule is looked at. */
HCD_INLINE void hcd_fetch_home(int six, __u64 hash) {
  const __u32 way = hcd_flow_way(hash, 0, six);
  const struct hcd_spot spot = hcd_spot_at(hcd_flow_bucket(hash, 0, hcd_config.bucket_mask), six, way);
  if (!spot.entry) return;
  const __u64 key = HCD_READ_ONCE(spot.entry->key);
  const __u32 birth = HCD_READ_ONCE(spot.more->birth);
  __asm__ volatile("" : : "r"(key), "r"(birth));
}
HCD_INLINE int hcd_admit_slowly(const struct hcd_arrival* in, const struct hcd_packet* packet, int six, __u64 hash,
                                const struct hcd_lead* to, struct hcd_plan* plan, struct hcd_met* met) {
  hcd_fetch_home(six, hash);
  struct hcd_scratch* scratch = hcd_scratch_now();
  if (!scratch) return HCD_NO_HOST;
  struct hcd_flow* flow = &scratch->flow;
  *flow = hcd_flow_of(packet, six, 0, hash);
  flow->flaw = hcd_flaw(in, packet);
  flow->spent = hcd_spent(in, packet);
  flow->ifindex = in->ifindex;
  flow->near_hash = to->hash;
  flow->lead = to->may_be;
  const int reason = hcd_admit(scratch);
  plan->rule = scratch->found.rule;
  if (reason == HCD_STATELESS) return hcd_meet_unstored(scratch, met) ? HCD_TRANSLATED : HCD_NO_HOST;
  return reason == HCD_TRANSLATED && !hcd_meet_found(scratch, six, met) ? HCD_NO_HOST : reason;
}
HCD_INLINE int hcd_meet_slowly(const struct hcd_packet* packet, int six, __u64 hash, struct hcd_met* met) {
  struct hcd_scratch* scratch = hcd_scratch_now();
  if (!scratch) return 0;
  scratch->flow = hcd_flow_of(packet, six, 1, hash);
  if (hcd_find(scratch, HCD_HOST)) return hcd_meet_found(scratch, six, met);
  return hcd_answers_unstored(scratch) && hcd_meet_unstored(scratch, met);
}

/* Of a flow that nobody has answered yet any packet could be the first, which is not to be sent to a host that is down. */
HCD_INLINE int hcd_goes_on(const struct hcd_met* met, int opens) {
  if (!opens || !(met->host->flags & HCD_HOST_DOWN)) return 1;
  return !hcd_sides_unanswered(hcd_value_sides(met->value));
}

/* Whether the sender is to be answered with a reset. */
HCD_INLINE int hcd_wants_reset(const struct hcd_met* met, const struct hcd_packet* packet) {
  return met->entry && hcd_sides_cut(hcd_value_sides(met->value)) && !(packet->flags & HCD_RST);
}

/* The state's part of the plan. */
HCD_INLINE void hcd_plan_for(const struct hcd_met* met, int from_server, struct hcd_plan* plan) {
  plan->rule = met->index;
  plan->host = hcd_value_host(met->value);
  plan->from_server = from_server;
  plan->keep_ttl = (met->rule->flags & HCD_RULE_KEEP_TTL) != 0;
  plan->to = from_server ? &met->rule->to : &met->host->at;
  plan->port = from_server ? met->vport : hcd_host_port(&met->host->at, met->rule, met->vport);
}

/* Why the packet can go no further by that rule, or HCD_TRANSLATED: it can. */
HCD_INLINE int hcd_fault(const struct hcd_arrival* in, const struct hcd_packet* packet, const struct hcd_plan* plan) {
  const int flaw = hcd_flaw(in, packet);
  const int spent = plan->keep_ttl ? 0 : hcd_spent(in, packet);
  return flaw ? flaw : spent ? spent : HCD_TRANSLATED;
}

/* A packet completed a handshake. 0, or why its connection may not go on after all. */
HCD_INLINE int hcd_count_connection(const struct hcd_packet* packet, int six, int from_server,
                                    const struct hcd_met* met) {
  struct hcd_scratch* scratch = met->rule->flags & HCD_RULE_TRACKS ? hcd_scratch_now() : 0;
  if (!scratch) return 0;
  scratch->flow = hcd_flow_of(packet, six, from_server, hcd_hash_of_client(packet, six, from_server));
  return hcd_connect(scratch, from_server ? HCD_HOST : HCD_VIRTUAL);
}

HCD_INLINE int hcd_from_client(const struct hcd_arrival* in, const struct hcd_packet* packet, int six,
                               const struct hcd_lead* to, struct hcd_plan* plan) {
  const int opens = hcd_opens(packet->proto, packet->flags), syn = opens && packet->proto == HCD_PROTO_TCP;
  const __u64 hash = hcd_hash_of_client(packet, six, 0);
  const struct hcd_flow flow = hcd_flow_of(packet, six, 0, hash);
  struct hcd_met met;
  int reason;
  if (!syn && hcd_meet_at_home(&flow, six, HCD_VIRTUAL, &met) && hcd_goes_on(&met, opens)) {
    hcd_plan_for(&met, 0, plan);
    reason = hcd_fault(in, packet, plan);
  } else {
    reason = hcd_admit_slowly(in, packet, six, hash, to, plan, &met);
    if (reason == HCD_TRANSLATED) hcd_plan_for(&met, 0, plan);
  }
  if (reason != HCD_TRANSLATED) return reason;
  if (hcd_wants_reset(&met, packet)) return hcd_answer_cut(in, &met, flow.now);
  if (plan->to->family != (six ? 6 : 4)) return HCD_NO_HOST;
  reason = hcd_way_out(in, packet, flow.now, plan);
  if (reason == HCD_DELIVERED) {
    reason = hcd_deliver(in, plan);
    if (reason != HCD_DELIVERED) return reason;
    if (met.entry) {
      const int up = opens ? 0 : hcd_touch_both(&met.entry->value, met.value, flow.now, packet->flags);
      if (up && hcd_count_connection(packet, six, 0, &met)) return HCD_SRC_LIMIT;
      hcd_count_in(&flow, six, &met, 0, packet->bytes);
    }
    hcd_count_packet(plan->rule, plan->host, 0, packet->bytes);
    return reason;
  }
  if (reason != HCD_TRANSLATED) return reason;
  if (!met.entry)
    hcd_count_unstored(packet->proto, packet->flags);
  else if (hcd_touch(&flow, six, &met, packet, 0) && hcd_count_connection(packet, six, 0, &met))
    return HCD_SRC_LIMIT;
  return hcd_leave(in, packet, plan);
}

HCD_INLINE int hcd_from_server(const struct hcd_arrival* in, const struct hcd_packet* packet, int six,
                               struct hcd_plan* plan) {
  const __u64 hash = hcd_hash_of_client(packet, six, 1);
  const struct hcd_flow flow = hcd_flow_of(packet, six, 1, hash);
  struct hcd_met met;
  if (!hcd_meet_at_home(&flow, six, HCD_HOST, &met) && !hcd_meet_slowly(packet, six, hash, &met)) return HCD_PASSED;
  hcd_plan_for(&met, 1, plan);
  const int fault = hcd_fault(in, packet, plan);
  if (fault != HCD_TRANSLATED) return fault;
  if (hcd_wants_reset(&met, packet)) return hcd_answer_cut(in, &met, flow.now);
  const int reason = hcd_way_out(in, packet, flow.now, plan);
  /* Without a state what is for us may be the answer to a check of ours. */
  if (reason != HCD_TRANSLATED) return reason != HCD_DELIVERED ? reason : met.entry ? HCD_NO_ROUTE : HCD_PASSED;
  if (!met.entry)
    hcd_count_unstored(packet->proto, 0);
  else if (hcd_touch(&flow, six, &met, packet, 1) && hcd_count_connection(packet, six, 1, &met))
    return HCD_SRC_LIMIT;
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
  if (!to.may_be && !hcd_may_be_hosts(parsed, six)) {
    if (hcd_is_sampled()) hcd_put_away(parsed); /* to be told of */
    return HCD_PASSED;
  }
  const struct hcd_packet* packet = hcd_put_away(parsed);
  if (!packet) return HCD_PASSED;
  if (to.may_be) {
    const int reason = hcd_from_client(in, packet, six, &to, plan);
    if (reason != HCD_PASSED || !hcd_may_be_hosts(packet, six)) return reason;
  }
  return hcd_from_server(in, packet, six, plan);
}

/* What became of the packet. HCD_TRANSLATED: it is rewritten, and plan->action sends it on; else it is untouched. */
HCD_INLINE int hcd_decide(const struct hcd_arrival* in, struct hcd_packet* packet, struct hcd_plan* plan) {
  return packet->six ? hcd_decide_for(in, packet, 1, plan) : hcd_decide_for(in, packet, 0, plan);
}

/* Tells of what became of the packet that is put away. */
HCD_INLINE void hcd_tell(const struct hcd_plan* plan, __u32 reason, __u32 ifindex, __u32 hook) {
  const struct hcd_scratch* scratch = hcd_is_sampled() ? hcd_scratch_now() : 0;
  if (scratch) hcd_tell_decision(&scratch->packet, reason | hook << 8, plan->rule, plan->host, ifindex);
}

/* A first fragment is known by its ports. */
HCD_INLINE int hcd_may_be_ours(int kind, const struct hcd_packet* packet) {
  if (kind == HCD_WHOLE) return 1;
  return kind == HCD_PIECE && !packet->at && packet->proto != HCD_PROTO_NONE;
}

/* A VLAN that has an interface of its own is that one's business. */
HCD_INLINE int hcd_takes_tags(__u32 ifindex) {
  return !(hcd_link_flags(ifindex) & HCD_LINK_VLANS);
}
HCD_INLINE __u32 hcd_tag_here(__u32 ifindex, const __u8* data, const __u8* end) {
  const __u32 tag = hcd_tag(data, end);
  return tag && hcd_takes_tags(ifindex) ? tag : 0;
}

SEC("xdp")
int hcd_xdp(struct xdp_md* ctx) {
  const __u8 *data = (const __u8*)(long)ctx->data, *end = (const __u8*)(long)ctx->data_end;
  struct hcd_packet packet;
  struct hcd_plan plan;
  int reason = HCD_PASSED;
  plan.action = XDP_DROP;
  plan.rule = plan.host = 0;
  const __u32 tag = hcd_tag_here(ctx->ingress_ifindex, data, end);
  data += tag;
  if (hcd_may_be_ours(hcd_parse(data, end, end - data, 0, &packet), &packet)) {
    const struct hcd_arrival in = {.context = ctx,
                                   .data = (__u8*)(long)*(volatile __u32*)&ctx->data + tag,
                                   .end = (const __u8*)(long)*(volatile __u32*)&ctx->data_end,
                                   .tag = tag,
                                   .ifindex = ctx->ingress_ifindex,
                                   .xdp = 1};
    reason = hcd_decide(&in, &packet, &plan);
    hcd_tell(&plan, reason, ctx->ingress_ifindex, HCD_HOOK_XDP);
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
  plan.rule = plan.host = 0;
  const int kind = skb->vlan_present && !hcd_takes_tags(skb->ifindex) ? HCD_OTHER : hcd_parse_skb(skb, &packet);
  if (kind == HCD_ERROR || (kind == HCD_PIECE && packet.at)) return HCD_TC_BESIDE;
  if (hcd_may_be_ours(kind, &packet)) {
    reason = hcd_decide(&in, &packet, &plan);
    hcd_tell(&plan, reason, skb->ifindex, HCD_HOOK_TC);
  }
  hcd_count(reason);
  const int aside = kind == HCD_PIECE ? hcd_lead_pieces(&plan, reason) : 0;
  if (aside) return aside;
  if (reason == HCD_TTL || reason == HCD_TOO_BIG) return hcd_put_refusal(&plan, reason);
  if (reason == HCD_RESET) return HCD_TC_RESET;
  return reason == HCD_PASSED || reason == HCD_DELIVERED ? TC_ACT_UNSPEC : plan.action;
}

SEC("tc")
int hcd_tc(struct __sk_buff* skb) {
  const int verdict = hcd_tc_common(skb);
  switch (verdict) {
    case HCD_TC_BESIDE: return hcd_tc_beside(skb);
    case HCD_TC_AWAITED: return hcd_tc_awaited(skb);
    case HCD_TC_STRANGER: return hcd_tc_stranger(skb);
    case HCD_TC_RESET: return hcd_tc_reset(skb);
    case HCD_TC_TTL: return hcd_tc_answer(skb, HCD_TTL);
    case HCD_TC_TOO_BIG: return hcd_tc_answer(skb, HCD_TOO_BIG);
    default: return verdict;
  }
}

char hcd_license[] SEC("license") = "Dual MIT/GPL";
