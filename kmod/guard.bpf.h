/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Flows that go on without a state: SYNs, when more come in a tick than hcd_settings.flood_inserts, so that a flood of them
 * neither costs the room of others nor that of the clients who come meanwhile; and any flow that finds no room where
 * hcd_settings.when_full is HCD_BY_HASH.
 *
 *   client's packet    the host that a keyed hash of the flow chooses on the rule's ring, whatever the method
 *   host's packet      back by the only rule that leads to the host (hcd_host.rule), if the filter of kmod/unstored.bpf.h has
 *                      the client
 *   client's next one  makes a state, with the host that the same hash chooses. It is half-open until the host says something:
 *                      who has not heard the host's answer is given no more by an ACK than by a SYN
 *
 * A host that several rules lead to, or several ports of one, could not be told whose answer to make of its packets: such
 * flows go on as if there were no guard. As long as any flow may be without a state all hosts are chosen by hash, so a SYN
 * that is sent twice goes to one host, and a state that is evicted meanwhile is made again with its own. */
#ifndef HCD_GUARD_BPF_H
#define HCD_GUARD_BPF_H

#include "kmod/choose.bpf.h"

/* pf's "flags S/SA", and no nonsense beside; of UDP any packet. */
HCD_INLINE int hcd_opens(__u32 proto, __u32 flags) {
  return proto == HCD_PROTO_UDP || (flags & (HCD_SYN | HCD_ACK | HCD_RST | HCD_FIN)) == HCD_SYN;
}

/* More new TCP flows in this tick than are stored. CPUs may each let one more in. */
HCD_INLINE int hcd_is_flooded(const struct hcd_flow* flow) {
  const struct hcd_settings* settings = hcd_settings_now();
  const struct hcd_pulse* pulse = hcd_pulse_now();
  const __u32 most = settings ? HCD_READ_ONCE(settings->flood_inserts) : 0;
  if (!most || !pulse || flow->proto != HCD_PROTO_TCP) return 0;
  return HCD_READ_ONCE(pulse->inserts_tick) == flow->now && HCD_READ_ONCE(pulse->inserts) >= most;
}
HCD_INLINE void hcd_note_insert(const struct hcd_flow* flow) {
  const struct hcd_settings* settings = hcd_settings_now();
  struct hcd_pulse* pulse = hcd_pulse_now();
  if (!settings || !pulse || !HCD_READ_ONCE(settings->flood_inserts) || flow->proto != HCD_PROTO_TCP) return;
  if (HCD_READ_ONCE(pulse->inserts_tick) != flow->now) {
    HCD_WRITE_ONCE(pulse->inserts, 0);
    HCD_WRITE_ONCE(pulse->inserts_tick, flow->now);
  }
  __sync_fetch_and_add(&pulse->inserts, 1);
}

/* Whether the chosen host's answers could be no other flow's than this one, by themselves. A client who has states is not
 * looked at more closely. */
HCD_INLINE int hcd_is_sole(const struct hcd_scratch* scratch, const struct hcd_rule* rule, __u32 index) {
  const struct hcd_host* host = hcd_host(scratch->choice.host);
  const __be16 vport = scratch->flow.near[HCD_VIRTUAL].port;
  if (!host || HCD_READ_ONCE(host->rule) != index) return 0;
  return scratch->flow.alone && hcd_virtual_port(&host->at, rule, hcd_host_port(&host->at, rule, vport)) == vport;
}

/* The host that the hash chooses, into scratch->choice. 0, or the reason why there is none, HCD_AMBIGUOUS among them. */
HCD_INLINE int hcd_choose_unstored(struct hcd_scratch* scratch, __u32 index) {
  const struct hcd_rule* rule = hcd_rule(index);
  if (!rule) return HCD_NO_HOST;
  struct hcd_choice* choice = &scratch->choice;
  choice->by_hash = 1;
  choice->ring = HCD_READ_ONCE(rule->ring);
  if (!choice->ring) return HCD_STATE_RACE;
  int picked = 0;
  for (__u32 attempt = 0; attempt < HCD_PICK_ATTEMPTS && !picked; attempt++) picked = hcd_pick(scratch, index, attempt);
  if (HCD_READ_ONCE(rule->ring) != choice->ring) return HCD_STATE_RACE; /* the host may have left */
  return !picked ? HCD_NO_HOST : hcd_is_sole(scratch, rule, index) ? 0 : HCD_AMBIGUOUS;
}

/* HCD_STATELESS: the packet goes to the host in scratch->choice, and scratch->found is what a state of it would say. 0: it
 * cannot, for who could tell the answers? */
__noinline int hcd_go_unstored(struct hcd_scratch* scratch, __u32 index) {
  if (!scratch) return HCD_NO_HOST;
  struct hcd_choice* choice = &scratch->choice;
  const __u32 by_hash = choice->by_hash;
  const int refused = hcd_choose_unstored(scratch, index);
  const __u32 host = choice->host;
  choice->host = 0; /* for a state it is chosen anew */
  choice->by_hash = by_hash;
  if (refused == HCD_AMBIGUOUS) {
    hcd_count(HCD_AMBIGUOUS);
    return 0;
  }
  if (refused) return refused;
  const struct hcd_flow* flow = &scratch->flow;
  struct hcd_pulse* pulse = hcd_pulse_now();
  const __u32 until = hcd_unstored_until(flow->now);
  hcd_remember_unstored(flow, index);
  if (pulse && HCD_READ_ONCE(pulse->flood_until) != until) HCD_WRITE_ONCE(pulse->flood_until, until);
  scratch->found.rule = index;
  scratch->found.vport = flow->near[HCD_VIRTUAL].port;
  scratch->found.value = hcd_value(flow->now, host, hcd_sides_new(flow->proto == HCD_PROTO_UDP));
  return HCD_STATELESS;
}

/* sticky-address: a client whose source node there is has its place with a host, and a state as ever. */
HCD_INLINE int hcd_has_node(struct hcd_scratch* scratch, const struct hcd_rule* rule, __u32 index) {
  if (!(rule->flags & HCD_RULE_STICKY)) return 0;
  const struct hcd_flow* flow = &scratch->flow;
  scratch->owner = (struct hcd_owner){{flow->addr[0], flow->addr[1]}, index, flow->six};
  return hcd_find_source(&scratch->owner) >= 0;
}

/* A SYN in a flood, as hcd_go_unstored. */
__noinline int hcd_go_in_flood(struct hcd_scratch* scratch, __u32 index) {
  const struct hcd_rule* rule = hcd_rule(index);
  if (!scratch || !rule || scratch->choice.resumes || !hcd_is_flooded(&scratch->flow) ||
      hcd_has_node(scratch, rule, index))
    return 0;
  const int reason = hcd_go_unstored(scratch, index);
  struct hcd_pulse* pulse = hcd_pulse_now();
  if (reason != HCD_STATELESS || !pulse) return reason;
  const __u32 now = scratch->flow.now, seen = HCD_READ_ONCE(pulse->flood_seen);
  if (seen == now || __sync_val_compare_and_swap(&pulse->flood_seen, seen, now) != seen) return reason;
  if (!seen || now - seen > HCD_PRESSURE_TICKS) hcd_count(HCD_FLOODS);
  return reason;
}

/* A new flow that found no room: HCD_STATELESS, or HCD_MEMORY. */
__noinline int hcd_go_when_full(struct hcd_scratch* scratch, __u32 index) {
  if (!scratch) return HCD_MEMORY;
  const struct hcd_settings* settings = hcd_settings_now();
  struct hcd_pulse* pulse = hcd_pulse_now();
  const __u32 now = scratch->flow.now;
  if (pulse && HCD_READ_ONCE(pulse->full_seen) != now) HCD_WRITE_ONCE(pulse->full_seen, now);
  if (!settings || HCD_READ_ONCE(settings->when_full) != HCD_BY_HASH) return HCD_MEMORY;
  const int reason = hcd_go_unstored(scratch, index);
  return reason ? reason : HCD_MEMORY;
}

/* A client's TCP packet in the midst of a connection that has no state. 0: it may be of one that went on without, and is to
 * make one; else what becomes of it. By hash such a connection may have been silent for longer than the filter remembers. */
__noinline int hcd_resume(struct hcd_scratch* scratch, __u32 index) {
  const struct hcd_settings* settings = hcd_settings_now();
  if (!scratch || !settings || !scratch->choice.by_hash || scratch->flow.tcp & HCD_SYN) return HCD_NO_STATE;
  const int by_hash = HCD_READ_ONCE(settings->when_full) == HCD_BY_HASH;
  if (!by_hash && !hcd_may_be_unstored(&scratch->flow, index)) return HCD_NO_STATE;
  const struct hcd_rule* rule = hcd_rule(index);
  if (rule && !(rule->flags & HCD_RULE_SLOPPY)) scratch->choice.sides = HCD_SIDES_RESUMED;
  if (!(scratch->flow.tcp & HCD_RST)) return 0;
  const int gone = hcd_go_unstored(scratch, index); /* nothing follows that needs a state */
  return gone ? gone : HCD_NO_STATE;
}

/* The host with that endpoint; 0: there is none. */
__noinline __u32 hcd_find_host(const struct hcd_flow* flow, __be16 port) {
  if (!flow) return 0;
  const struct hcd_near* near = &flow->near[HCD_HOST];
  const __u64 hash = hcd_hash_of(near->addr, port, flow->proto, flow->six);
  for (int probe = 0; probe < HCD_INDEX_PROBES; probe++) {
    const __u32 at = ((__u32)hash + probe) & hcd_config.endpoint_mask;
    const struct hcd_index_line* line = bpf_map_lookup_elem(&hcd_endpoints, &at);
    for (int way = 0; line && way < HCD_INDEX_WAYS; way++) {
      const __u64 entry = line->entry[way];
      const struct hcd_host* host = (entry ^ hcd_index_tag(hash)) >> 32 ? 0 : hcd_host((__u32)entry);
      if (host && host->at.port == port && hcd_is_there(&host->at, near->addr, flow->proto, flow->six))
        return (__u32)entry;
    }
  }
  return 0;
}

/* A host's packet that has no state: whether it may be the answer to a flow without one, which scratch->found is then. */
__noinline int hcd_answers_unstored(struct hcd_scratch* scratch) {
  if (!scratch || !hcd_has_unstored(scratch->flow.now)) return 0;
  struct hcd_flow* flow = &scratch->flow;
  struct hcd_near *near = &flow->near[HCD_VIRTUAL], *far = &flow->near[HCD_HOST];
  __u32 at = hcd_find_host(flow, far->port);
  if (!at && hcd_any_port(HCD_ANY_PORT_HOSTS)) at = hcd_find_host(flow, 0);
  const struct hcd_host* host = at ? hcd_host(at) : 0;
  const __u32 index = host ? HCD_READ_ONCE(host->rule) : 0;
  const struct hcd_rule* rule = index ? hcd_rule(index) : 0;
  if (!rule || !hcd_may_be_unstored(flow, index)) return 0;
  near->port = hcd_virtual_port(&host->at, rule, far->port);
  near->addr[0] = flow->six ? hcd_words(&rule->to, 0) : *(const __u32*)rule->to.addr;
  near->addr[1] = flow->six ? hcd_words(&rule->to, 1) : 0;
  /* With a state the flow is another host's, which had its SYN before or after this one. */
  if (!near->port || (!flow->alone && hcd_find(scratch, HCD_VIRTUAL))) return 0;
  scratch->found =
      (struct hcd_found){hcd_value(flow->now, at, hcd_sides_new(flow->proto == HCD_PROTO_UDP)), index, 0, near->port};
  return 1;
}

/* A state was made. While any flow may be without one it is remembered too, for it may be evicted before it is answered. */
__noinline int hcd_note_open(struct hcd_scratch* scratch, __u32 index) {
  if (!scratch) return 0;
  const struct hcd_flow* flow = &scratch->flow;
  hcd_note_insert(flow);
  if (scratch->choice.by_hash) hcd_remember_unstored(flow, index);
  if (scratch->choice.resumes) hcd_count(HCD_SYN_RESUMED);
  return 1;
}

/* The same of a client's packet, where no state is to be made: to learn where an error about its flow goes. */
HCD_INLINE int hcd_asks_unstored(struct hcd_scratch* scratch) {
  if (!hcd_has_unstored(scratch->flow.now)) return 0;
  struct hcd_flow* flow = &scratch->flow;
  const struct hcd_near* near = &flow->near[HCD_VIRTUAL];
  flow->near_hash = hcd_hash_of(near->addr, near->port, flow->proto, flow->six);
  const __u32 index = hcd_walk(flow);
  return index && hcd_may_be_unstored(flow, index) && hcd_go_unstored(scratch, index) == HCD_STATELESS;
}

/* A packet of such a flow is sent on. */
__noinline int hcd_count_unstored(__u32 proto, __u32 flags) {
  hcd_count(HCD_STATELESS);
  if (proto == HCD_PROTO_TCP && hcd_opens(proto, flags)) hcd_count(HCD_SYN_UNSTORED);
  return 1;
}

#endif
