/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The packet path, as an XDP and as a tc ingress program over the same maps. The tc program is always attached behind
 * the XDP one: XDP decides first, and what it cannot do itself it leaves to tc untouched. A state that XDP has made by
 * then is simply found by tc, to which the SYN is one sent twice. */

#include "kmod/beside.bpf.h"

/* Whether a SYN belongs to the state that its client and rule have already. */
HCD_INLINE int hcd_keeps(const struct hcd_client* client, __u64 value, __u32 rule) {
  const __u32 sides = hcd_value_sides(value);
  if (hcd_sides_done(sides) || hcd_expired(client->now, value, rule)) return 0;
  if (!hcd_sides_unanswered(sides)) return 1;
  const struct hcd_host* host = hcd_host(hcd_value_host(value));
  return host && !(host->flags & HCD_HOST_DOWN);
}

/* A state was stored: that of a host of the table as it is, or userland has acknowledged a change meanwhile and the
 * state is taken back. */
HCD_INLINE int hcd_confirm(const struct hcd_client* client, const struct hcd_rule* rule, __u64 ring, __u32 index) {
  __u64 value;
  const __u64 key = client->key | index;
  struct hcd_state6* entry = hcd_find_by_rule(client, index, &value);
  if (!entry) return HCD_STATE_RACE;
  __sync_val_compare_and_swap(&entry->key, key, key); /* the barrier between the store and the look */
  if (HCD_READ_ONCE(rule->ring) == ring) return HCD_TRANSLATED;
  __sync_val_compare_and_swap(&entry->key, key, 0);
  return HCD_STATE_RACE;
}

/* A host, and the ring by which it was picked. */
struct hcd_choice {
  __u64 ring;
  __u32 host;
};

/* One attempt at a SYN's state: finds it, or makes one for the host, which is picked when it is 0 yet. */
HCD_INLINE int hcd_open_once(const struct hcd_client* client, const struct hcd_rule* rule, __u32 index,
                             struct hcd_choice* choice, __u64* value) {
  struct hcd_state6* entry = hcd_find_by_rule(client, index, value);
  if (entry && hcd_keeps(client, *value, index)) {
    hcd_touch(entry, *value, client->now, HCD_SYN, 0);
    return HCD_TRANSLATED;
  }
  const __u64 ring = HCD_READ_ONCE(rule->ring);
  if (!ring) return HCD_PASSED;
  if (!choice->host || choice->ring != ring) {
    hcd_count_evaluation(index);
    choice->ring = ring;
    const int refused = hcd_pick(client, rule, ring, index, &choice->host);
    if (refused) return refused;
  }
  const __u64 old = *value;
  *value = hcd_value(client->now, choice->host, HCD_SIDES_NEW);
  if (!entry) {
    const int refused = hcd_insert(client, index, *value);
    if (refused) return refused;
  } else if (__sync_val_compare_and_swap(&entry->value, old, *value) != old) {
    return HCD_STATE_RACE;
  }
  if (hcd_confirm(client, rule, ring, index) != HCD_TRANSLATED) return HCD_STATE_RACE;
  hcd_count_state(index, choice->host);
  return HCD_TRANSLATED;
}

HCD_INLINE int hcd_open_in(const struct hcd_client* who, int six, __u32 index, __u64* value) {
  const struct hcd_rule* rule = hcd_rule(index);
  struct hcd_client client = *who;
  client.six = six;
  client.bucket = hcd_bucket(client.at, six);
  if (!client.bucket || !rule) return HCD_NO_HOST;
  struct hcd_choice choice = {};
  int reason = HCD_STATE_RACE;
  for (int attempt = 0; attempt < HCD_INSERT_ATTEMPTS && reason == HCD_STATE_RACE; attempt++)
    reason = hcd_open_once(&client, rule, index, &choice, value);
  return reason;
}

/* A SYN's state, found or made, its value in *value. Global, so that the verifier walks through it once only. */
__noinline int hcd_open(const struct hcd_client* client, __u32 index, __u64* value) {
  if (!client || !value) return HCD_NO_HOST;
  return client->six ? hcd_open_in(client, 1, index, value) : hcd_open_in(client, 0, index, value);
}

/* The end of a translated packet's road. */
HCD_INLINE int hcd_leave(const struct hcd_arrival* in, const struct hcd_packet* packet, struct hcd_plan* plan) {
  if (!(in->xdp ? hcd_rewrite_frame(in, packet, plan) : hcd_rewrite_skb(in->context, packet, plan))) return HCD_SHORT;
  hcd_count_packet(plan->rule, plan->host, plan->from_server, packet->bytes);
  plan->action = in->xdp ? bpf_redirect(plan->hop->ifindex, 0) : hcd_send(plan->hop);
  return HCD_TRANSLATED;
}

/* pf's "flags S/SA", and no nonsense beside. */
HCD_INLINE int hcd_opens(__u32 flags) {
  return (flags & (HCD_SYN | HCD_ACK | HCD_RST | HCD_FIN)) == HCD_SYN;
}

/* A host that is this machine itself, 127.0.0.1 too: the listener there is given the connection's first packet as it is. Its
 * socket then bears the public address, so nothing needs to be translated either way, and later packets find it by
 * themselves. XDP cannot give a packet to a socket. */
HCD_INLINE int hcd_deliver(const struct hcd_arrival* in, const struct hcd_packet* packet, const struct hcd_host* host) {
  if (in->xdp) return HCD_TO_TC;
  if (!hcd_opens(packet->flags)) return HCD_DELIVERED;
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
  struct bpf_sock* socket = bpf_skc_lookup_tcp(in->context, &tuple, size, BPF_F_CURRENT_NETNS, 0);
  if (!socket) return HCD_NO_ROUTE;
  const long refused = socket->state == BPF_TCP_LISTEN ? bpf_sk_assign(in->context, socket, 0) : -1;
  bpf_sk_release(socket);
  return refused ? HCD_NO_ROUTE : HCD_DELIVERED;
}

/* Flaws, and what XDP must leave to tc before anything is done about the packet. */
HCD_INLINE int hcd_fit(const struct hcd_arrival* in, const struct hcd_packet* packet) {
  if (packet->flaw) return packet->flaw;
  if (!in->xdp) return HCD_TRANSLATED;
  return hcd_link_flags(in->ifindex) & HCD_LINK_PARTIAL_CSUM && hcd_csum_is_partial(packet) ? HCD_TO_TC
                                                                                            : HCD_TRANSLATED;
}

HCD_INLINE int hcd_from_client(const struct hcd_arrival* in, const struct hcd_packet* packet, int six,
                               struct hcd_plan* plan) {
  struct hcd_client client;
  __u64 value = 0;
  const struct hcd_rule* rule = hcd_rule(plan->rule);
  if (!rule || !hcd_client(&client, packet->src, packet->sport, six)) return HCD_PASSED;
  struct hcd_state6* entry = hcd_find_by_rule(&client, plan->rule, &value);
  if (entry && hcd_expired(client.now, value, plan->rule)) entry = 0;
  if (!entry && !rule->ring) return HCD_PASSED;
  int reason = hcd_fit(in, packet);
  if (reason != HCD_TRANSLATED) return reason;
  const int opens = hcd_opens(packet->flags);
  if (opens) {
    reason = hcd_open(&client, plan->rule, &value);
    if (reason != HCD_TRANSLATED) return reason;
  } else if (!entry) {
    return HCD_NO_STATE;
  }
  plan->from_server = 0;
  plan->host = hcd_value_host(value);
  const struct hcd_host* host = hcd_host(plan->host);
  if (!host || host->at.family != (six ? 6 : 4)) return HCD_NO_HOST;
  plan->to = &host->at;
  reason = hcd_way_out(in, packet, client.now, plan);
  if (reason == HCD_DELIVERED) {
    reason = hcd_deliver(in, packet, host);
    if (reason != HCD_DELIVERED) return reason;
    if (!opens) hcd_touch_both(entry, value, client.now, packet->flags);
    hcd_count_packet(plan->rule, plan->host, 0, packet->bytes);
    return reason;
  }
  if (reason != HCD_TRANSLATED) return reason;
  if (!opens) hcd_touch(entry, value, client.now, packet->flags, 0);
  return hcd_leave(in, packet, plan);
}

HCD_INLINE int hcd_from_server(const struct hcd_arrival* in, const struct hcd_packet* packet, int six,
                               struct hcd_plan* plan) {
  struct hcd_client client;
  __u64 value = 0;
  if (!hcd_client(&client, packet->dst, packet->dport, six)) return HCD_PASSED;
  struct hcd_state6* entry = hcd_find_by_host(&client, plan->host, &value, &plan->rule);
  if (!entry) return HCD_PASSED;
  const struct hcd_rule* rule = hcd_rule(plan->rule);
  if (!rule) return HCD_PASSED;
  int reason = hcd_fit(in, packet);
  if (reason != HCD_TRANSLATED) return reason;
  plan->from_server = 1;
  plan->to = &rule->to;
  reason = hcd_way_out(in, packet, client.now, plan);
  if (reason != HCD_TRANSLATED) return reason == HCD_DELIVERED ? HCD_NO_ROUTE : reason;
  hcd_touch(entry, value, client.now, packet->flags, 1);
  return hcd_leave(in, packet, plan);
}

HCD_INLINE int hcd_decide_for(const struct hcd_arrival* in, const struct hcd_packet* packet, int six,
                              struct hcd_plan* plan) {
  plan->rule = hcd_rule_of(packet, six, in->ifindex);
  if (plan->rule) return hcd_from_client(in, packet, six, plan);
  plan->host = hcd_host_of(packet, six);
  return plan->host ? hcd_from_server(in, packet, six, plan) : HCD_PASSED;
}

/* What became of the packet. HCD_TRANSLATED: it is rewritten, and plan->action sends it on; else it is untouched. */
HCD_INLINE int hcd_decide(const struct hcd_arrival* in, const struct hcd_packet* packet, struct hcd_plan* plan) {
  if (packet->proto != HCD_PROTO_TCP) return HCD_PASSED;
  return packet->six ? hcd_decide_for(in, packet, 1, plan) : hcd_decide_for(in, packet, 0, plan);
}

/* A first fragment is known by its ports. */
HCD_INLINE int hcd_may_be_ours(int kind, struct hcd_packet* packet) {
  if (kind == HCD_WHOLE) return 1;
  if (kind != HCD_PIECE || packet->at || packet->proto == HCD_PROTO_NONE) return 0;
  packet->flaw = HCD_FRAGMENT;
  return 1;
}

SEC("xdp")
int hcd_xdp(struct xdp_md* ctx) {
  __u8 *data = (__u8*)(long)ctx->data, *end = (__u8*)(long)ctx->data_end;
  const struct hcd_arrival in = {.context = ctx, .data = data, .end = end, .ifindex = ctx->ingress_ifindex, .xdp = 1};
  struct hcd_packet packet;
  struct hcd_plan plan;
  int reason = HCD_PASSED;
  plan.action = XDP_DROP;
  if (hcd_may_be_ours(hcd_parse(data, end, end - data, 0, &packet), &packet)) reason = hcd_decide(&in, &packet, &plan);
  hcd_count(reason);
  return reason == HCD_PASSED || reason == HCD_TO_TC ? XDP_PASS : plan.action;
}

HCD_INLINE int hcd_parse_skb(struct __sk_buff* skb, struct hcd_packet* packet) {
  hcd_pull_headers(skb);
  const __u8* data = (const __u8*)(long)skb->data;
  return hcd_parse(data, (const __u8*)(long)skb->data_end, skb->len, skb->gso_size != 0, packet);
}

SEC("tc")
int hcd_tc(struct __sk_buff* skb) {
  const struct hcd_arrival in = {.context = skb, .ifindex = skb->ifindex, .large = skb->gso_size != 0};
  struct hcd_packet packet;
  struct hcd_plan plan;
  int reason = HCD_PASSED;
  plan.action = TC_ACT_SHOT;
  const int kind = skb->vlan_present ? HCD_OTHER : hcd_parse_skb(skb, &packet);
  if (kind == HCD_ERROR) return hcd_tc_beside(skb);
  if (hcd_may_be_ours(kind, &packet)) reason = hcd_decide(&in, &packet, &plan);
  hcd_count(reason);
  return reason == HCD_PASSED || reason == HCD_DELIVERED ? TC_ACT_UNSPEC : plan.action;
}

char hcd_license[] SEC("license") = "Dual MIT/GPL";
