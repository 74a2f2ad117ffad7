/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * ICMP errors about flows of ours, both ways. Without them path MTU discovery ends at the director: the sender of a packet
 * that is too big would never hear of it, for the error is about addresses that it does not know.
 *
 * An error goes the way of the flow's packets in its own direction, and is translated as those are; what it quotes went the
 * other way, and is translated back. From the servers' side all errors get the virtual address as their source, as in pf and
 * netfilter: the client knows no other, and a router's there may mean nothing to it. Only a live state is a reason to
 * touch an error, or that its flow goes on without: all others pass as they came. */
#ifndef HCD_ICMP_BPF_H
#define HCD_ICMP_BPF_H

#include "kmod/desk.bpf.h"
#include "kmod/guard.bpf.h"

/* Reads what the error on the desk quotes. False: not one of our packets. */
__noinline int hcd_read_quote(struct __sk_buff* skb) {
  struct hcd_desk* desk = hcd_desk();
  struct hcd_packet quoted = {};
  if (!desk || desk->packet.offset >= HCD_HEADERS) return 0;
  const __u8 *icmp = (const __u8*)(long)skb->data + desk->packet.offset, *end = (const __u8*)(long)skb->data_end;
  if (!hcd_parse_quote(icmp, end, desk->packet.six, &quoted) || !hcd_quote_fits(&desk->packet, &quoted)) return 0;
  desk->quoted_ip = desk->packet.offset + HCD_ICMP;
  desk->quoted_l4 = desk->quoted_ip + quoted.offset - HCD_ETHER;
  quoted.l4 = 0;
  desk->quoted = quoted;
  hcd_turn(&desk->quoted, &desk->turned);
  return 1;
}

/* Whether a packet like desk->turned has a live state by that end: rule, host and the port that it is translated to. */
__noinline int hcd_meet_turned(int from_server, __u32 ifindex) {
  struct hcd_desk* desk = hcd_desk();
  struct hcd_scratch* scratch = hcd_scratch_now();
  if (!desk || !scratch) return 0;
  const struct hcd_packet* packet = &desk->turned;
  const int six = packet->six != 0;
  if (from_server ? !hcd_may_be_hosts(packet, six) : !hcd_rule_lead(packet, six).may_be) return 0;
  const __u64 hash = hcd_hash_of_client(packet, six, from_server);
  scratch->flow = from_server ? hcd_flow_of(packet, six, 1, hash) : hcd_flow_of(packet, six, 0, hash);
  scratch->flow.ifindex = ifindex;
  if (!hcd_find(scratch, from_server ? HCD_HOST : HCD_VIRTUAL) &&
      !(from_server ? hcd_answers_unstored(scratch) : hcd_asks_unstored(scratch)))
    return 0;
  const struct hcd_found* found = &scratch->found;
  const struct hcd_rule* rule = hcd_rule(found->rule);
  const struct hcd_host* host = hcd_host(hcd_value_host(found->value));
  if (!rule || !host || hcd_expired(scratch->flow.now, found->value, found->rule)) return 0;
  desk->rule = found->rule;
  desk->host = hcd_value_host(found->value);
  desk->from_server = from_server;
  desk->port = from_server ? found->vport : hcd_host_port(&host->at, rule, found->vport);
  return 1;
}
HCD_INLINE int hcd_find_turned(__u32 ifindex) {
  return hcd_meet_turned(0, ifindex) || hcd_meet_turned(1, ifindex);
}

/* The same as a plan. */
HCD_INLINE int hcd_plan_of(const struct hcd_desk* desk, struct hcd_plan* plan) {
  const struct hcd_host* host = hcd_host(desk->host);
  const struct hcd_rule* rule = hcd_rule(desk->rule);
  if (!host || !rule || host->at.family != rule->to.family) return 0;
  plan->rule = desk->rule;
  plan->host = desk->host;
  plan->from_server = desk->from_server;
  plan->keep_ttl = (rule->flags & HCD_RULE_KEEP_TTL) != 0;
  plan->to = plan->from_server ? &rule->to : &host->at;
  plan->port = desk->port;
  return 1;
}

/* What is quoted gets the address and the port back that it had on the sender's side. The differences that this makes to the
 * error's own checksum in *change. False: out of memory. */
HCD_INLINE int hcd_rewrite_quote(struct __sk_buff* skb, const struct hcd_desk* desk, const struct hcd_plan* plan,
                                 __u64* change) {
  const struct hcd_packet* quoted = &desk->quoted;
  const int six = quoted->six, to_server = plan->from_server;
  const __u32 ip = desk->quoted_ip, l4 = desk->quoted_l4, check_at = l4 + hcd_check_offset(quoted->proto);
  const __u64* old = to_server ? quoted->dst : quoted->src;
  const __be16 old_port = to_server ? quoted->dport : quoted->sport, port = plan->port;
  __u64 sum;
  if (six) {
    sum = hcd_csum_swap64(hcd_csum_swap64(0, old[0], hcd_words(plan->to, 0)), old[1], hcd_words(plan->to, 1));
    *change = sum;
    if (bpf_skb_store_bytes(skb, ip + (to_server ? 24 : 8), plan->to->addr, 16, 0)) return 0;
  } else {
    __u16 check;
    sum = hcd_csum_swap32(0, (__u32)old[0], *(const __u32*)plan->to->addr);
    *change = 0; /* the header's checksum takes back what the address adds */
    if (bpf_skb_load_bytes(skb, ip + 10, &check, sizeof(check))) return 0;
    check = hcd_csum_apply(check, sum);
    if (bpf_skb_store_bytes(skb, ip + 10, &check, sizeof(check), 0)) return 0;
    if (bpf_skb_store_bytes(skb, ip + (to_server ? 16 : 12), plan->to->addr, 4, 0)) return 0;
  }
  if (bpf_skb_store_bytes(skb, l4 + (to_server ? 2 : 0), &port, sizeof(port), 0)) return 0;
  *change = hcd_csum_swap16(*change, old_port, port);
  __u16 check;
  if (check_at + sizeof(check) > HCD_ETHER + desk->packet.bytes ||
      bpf_skb_load_bytes(skb, check_at, &check, sizeof(check)))
    return 1; /* it is not quoted */
  const __u16 fixed = hcd_csum_apply_to(quoted->proto, check, hcd_csum_swap16(sum, old_port, port));
  *change = hcd_csum_swap16(*change, check, fixed);
  return !bpf_skb_store_bytes(skb, check_at, &fixed, sizeof(fixed), 0);
}

/* Where the packet on the desk goes, before a byte is changed: the next hop, by the ports and addresses of desk->turned.
 * HCD_TRANSLATED, or the reason why not. */
__noinline int hcd_route_aside(struct __sk_buff* skb) {
  struct hcd_desk* desk = hcd_desk();
  struct hcd_plan plan = {};
  if (!desk || !hcd_plan_of(desk, &plan)) return HCD_PASSED;
  if (desk->packet.flaw) return desk->packet.flaw;
  if (desk->packet.spent && !plan.keep_ttl) return HCD_TTL;
  const struct hcd_arrival in = {.context = skb, .ifindex = skb->ifindex};
  hcd_route_of(&desk->turned, hcd_now(), &plan, &desk->route);
  const int reason = hcd_find_way(&in, &desk->route, &desk->turned, &plan);
  if (reason == HCD_TRANSLATED) desk->hop = *plan.hop;
  return reason == HCD_DELIVERED ? HCD_PASSED : reason; /* delivered: the host is this machine */
}

/* The same of an error, which has the ports of its flow. */
__noinline int hcd_route_error(struct __sk_buff* skb) {
  struct hcd_desk* desk = hcd_desk();
  if (!desk) return HCD_PASSED;
  const struct hcd_packet* packet = &desk->packet;
  struct hcd_packet* as = &desk->turned;
  as->src[0] = packet->src[0];
  as->src[1] = packet->src[1];
  as->bytes = packet->bytes;
  as->tos = packet->tos;
  as->proto = packet->six ? HCD_PROTO_ICMP6 : HCD_PROTO_ICMP;
  return hcd_route_aside(skb);
}

__noinline int hcd_rewrite_error(struct __sk_buff* skb) {
  struct hcd_desk* desk = hcd_desk();
  struct hcd_plan plan = {};
  if (!desk || !hcd_plan_of(desk, &plan)) return 0;
  plan.hop = &desk->hop;
  const __u32 check = desk->packet.offset + 2;
  const __u64 outer = hcd_address_change(&desk->packet, &plan);
  __u64 inner = 0;
  if (!hcd_rewrite_quote(skb, desk, &plan, &inner)) return 0;
  if (bpf_l4_csum_replace(skb, check, 0, hcd_csum_fold(inner), 0)) return 0;
  if (desk->packet.six && bpf_l4_csum_replace(skb, check, 0, hcd_csum_fold(outer), BPF_F_PSEUDO_HDR)) return 0;
  return hcd_rewrite_header(skb, &desk->packet, &plan, outer) && hcd_new_link(skb, plan.hop);
}

/* The error on the desk, whose quote is read. */
HCD_INLINE int hcd_tc_error(struct __sk_buff* skb) {
  const struct hcd_desk* desk = hcd_desk();
  if (!desk || !hcd_find_turned(skb->ifindex)) return hcd_done_beside(skb, HCD_PASSED, TC_ACT_UNSPEC);
  const int reason = hcd_route_error(skb);
  if (reason == HCD_PASSED) return hcd_done_beside(skb, reason, TC_ACT_UNSPEC);
  if (reason != HCD_TRANSLATED) return hcd_done_beside(skb, reason, TC_ACT_SHOT);
  if (!hcd_rewrite_error(skb)) return hcd_done_beside(skb, HCD_SHORT, TC_ACT_SHOT);
  hcd_count_packet(desk->rule, desk->host, desk->from_server, desk->packet.bytes);
  hcd_count(HCD_ICMP_ERROR);
  return hcd_done_beside(skb, HCD_TRANSLATED, hcd_send(&desk->hop));
}

#endif
