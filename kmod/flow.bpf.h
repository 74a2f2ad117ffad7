/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * A flow and its state, found and kept current. Both directions of a flow meet in the two buckets of its client's address
 * and port. Nothing is locked; kmod/abi_state.h has the protocol.
 *
 * Functions that are called from several places are global, so that the verifier walks through each once, not once for
 * each way to its calls. A global function cannot return a pointer into a map: it returns an entry's place, from which
 * hcd_entry makes one. */
#ifndef HCD_FLOW_BPF_H
#define HCD_FLOW_BPF_H

#include "kmod/flow.h"
#include "kmod/rule.bpf.h"
#include "kmod/stats.bpf.h"
#include "kmod/tcp.h"

#define HCD_READ_ONCE(place) (*(const volatile typeof(place)*)&(place))
#define HCD_WRITE_ONCE(place, word) (*(volatile typeof(place)*)&(place) = (word))

HCD_INLINE __u32 hcd_now(void) {
  return (__u32)(bpf_jiffies64() >> hcd_config.tick_shift);
}

HCD_INLINE void* hcd_bucket(__u32 at, int six) {
  return six ? bpf_map_lookup_elem(&hcd_states6, &at) : bpf_map_lookup_elem(&hcd_states4, &at);
}

/* Key and value lie alike in both families' entries. */
HCD_INLINE struct hcd_state6* hcd_way(void* bucket, int six, __u32 way) {
  return bucket + (way & (HCD_WAYS - 1)) * (six ? sizeof(struct hcd_state6) : sizeof(struct hcd_state4));
}
HCD_INLINE struct hcd_state6* hcd_entry_at(__u32 at, int six, __u32 way) {
  void* bucket = hcd_bucket(at, six);
  return bucket ? hcd_way(bucket, six, way) : 0;
}
HCD_INLINE __u32 hcd_bucket_of(const struct hcd_flow* flow, __u32 place) {
  return place < HCD_WAYS ? flow->at[0] : flow->at[1];
}
HCD_INLINE struct hcd_state6* hcd_entry(const struct hcd_flow* flow, int six, __u32 place) {
  return hcd_entry_at(hcd_bucket_of(flow, place), six, place);
}

/* A flow by its client. What else it has is for the slow paths, which are given it in the scratch. */
HCD_INLINE struct hcd_flow hcd_flow_of(const __u64 addr[2], __be16 port, __u8 proto, int six) {
  const __u64 hash =
      six ? hcd_flow_hash6(hcd_seed(), addr[0], addr[1], port) : hcd_flow_hash4(hcd_seed(), addr[0], port);
  return (struct hcd_flow){
      .key = (six ? hash >> 32 : (__u32)addr[0]) << 32 | (__u64)port << 16,
      .addr = {addr[0], addr[1]},
      .at = {hcd_flow_home(hash, hcd_config.bucket_mask), hcd_flow_other(hash, hcd_config.bucket_mask)},
      .now = hcd_now(),
      .port = port,
      .six = six,
      .proto = proto,
  };
}

HCD_INLINE int hcd_is_client(const struct hcd_flow* flow, int six, __u64 key, const struct hcd_state6* entry) {
  if ((key ^ flow->key) >> 16) return 0;
  return !six || (entry->addr[0] == flow->addr[0] && entry->addr[1] == flow->addr[1]);
}

/* Ticks since a state was last seen; another CPU may have seen it in a tick that has not begun for us. */
HCD_INLINE __u32 hcd_age(__u32 now, __u64 value) {
  const __s32 age = (__s32)(now - hcd_value_seen(value));
  return age < 0 ? 0 : age;
}

HCD_INLINE int hcd_rule_is_udp(__u32 index) {
  const struct hcd_rule* rule = hcd_rule(index);
  return rule && rule->to.proto == HCD_PROTO_UDP;
}

__noinline int hcd_outlived(__u32 age, __u32 sides, __u32 index) {
  const struct hcd_rule* rule = hcd_rule(index);
  const __u32 set = rule ? rule->timeouts : 0;
  const struct hcd_timeout_set* timeouts = bpf_map_lookup_elem(&hcd_timeout_sets, &set);
  const struct hcd_pulse* pulse = hcd_pulse_now();
  if (!rule || !timeouts || !pulse) return 1;
  const __u32 name = hcd_timeout_of(sides, rule->to.proto == HCD_PROTO_UDP);
  const __u64 ticks =
      name == HCD_TM_TCP_ESTABLISHED && rule->established ? rule->established : timeouts->ticks[name & 15];
  return age > ticks * pulse->factor / HCD_FACTOR_ONE;
}

HCD_INLINE int hcd_expired(__u32 now, __u64 value, __u32 rule) {
  const __u32 age = hcd_age(now, value);
  return age && hcd_outlived(age, hcd_value_sides(value), rule);
}

/* 0 where x is 0, else 1, without a branch: a search that branches at each way has the verifier walk all that follows
 * once for each, and the CPU guess which it will be. The barrier keeps the compiler from seeing through it. */
HCD_INLINE __u64 hcd_is_not_0(__u64 x) {
  x |= 0 - x;
  __asm__ volatile("" : "+r"(x));
  return x >> 63;
}

/* How many of a bucket's entries bear the client's key, and, if one does, in which way. */
struct hcd_hits {
  __u64 count;
  __u64 way;
};
HCD_INLINE struct hcd_hits hcd_hits_in(const struct hcd_flow* flow, void* bucket, int six) {
  struct hcd_hits hits = {};
  for (__u32 way = 0; way < HCD_WAYS; way++) {
    const __u64 hit = 1 - hcd_is_not_0((HCD_READ_ONCE(hcd_way(bucket, six, way)->key) ^ flow->key) >> 16);
    hits.count += hit;
    hits.way += hit * way;
  }
  return hits;
}

/* Whether the entry with this key is a state of the flow's client by that rule, or else by that host. */
HCD_INLINE int hcd_is_wanted(const struct hcd_flow* flow, int six, const struct hcd_state6* entry, __u64 key,
                             __u32 rule, __u32 host, struct hcd_found* found) {
  if (!key || (__u16)key == HCD_RULE_BUSY || !hcd_is_client(flow, six, key, entry)) return 0;
  found->value = HCD_READ_ONCE(entry->value);
  found->rule = (__u16)key;
  if (rule ? found->rule != rule : hcd_value_host(found->value) != host) return 0;
  return HCD_READ_ONCE(entry->key) == key;
}

/* Looks at one place more closely. */
__noinline int hcd_look(struct hcd_scratch* scratch, __u32 place, __u32 rule, __u32 host) {
  if (!scratch) return 0;
  const struct hcd_flow* flow = &scratch->flow;
  struct hcd_found* found = &scratch->found;
  const int six = flow->six != 0;
  const struct hcd_state6* entry = six ? hcd_entry(flow, 1, place) : hcd_entry(flow, 0, place);
  if (!entry || !hcd_is_wanted(flow, six, entry, HCD_READ_ONCE(entry->key), rule, host, found)) return 0;
  /* A server's packet belongs to a live state; from the client a dead one is found too, to be replaced. */
  if (!rule && hcd_expired(flow->now, found->value, found->rule)) return 0;
  found->place = place;
  return 1;
}

/* A flow's live state in its home bucket by the rule, or with rule 0 by the host, where the client has no other: nearly
 * always. Null: a closer look is needed. */
HCD_INLINE struct hcd_state6* hcd_find_at_home(const struct hcd_flow* flow, int six, __u32 rule, __u32 host,
                                               struct hcd_found* found) {
  void* home = hcd_bucket(flow->at[0], six);
  if (!home) return 0;
  const struct hcd_hits hits = hcd_hits_in(flow, home, six);
  if (hits.count != 1) return 0;
  struct hcd_state6* entry = hcd_way(home, six, (__u32)hits.way);
  if (!hcd_is_wanted(flow, six, entry, HCD_READ_ONCE(entry->key), rule, host, found)) return 0;
  return hcd_expired(flow->now, found->value, found->rule) ? 0 : entry;
}

/* Whether any entry of either bucket bears the client's key. */
HCD_INLINE int hcd_is_known(const struct hcd_flow* flow, int six) {
  void *home = hcd_bucket(flow->at[0], six), *other = hcd_bucket(flow->at[1], six);
  return home && other && hcd_hits_in(flow, home, six).count + hcd_hits_in(flow, other, six).count;
}

/* The flow's state by the rule, dead ones too; or with rule 0 its live state by the host. */
__noinline int hcd_find(struct hcd_scratch* scratch, __u32 rule, __u32 host) {
  if (!scratch) return 0;
  scratch->flow.alone = scratch->flow.six ? !hcd_is_known(&scratch->flow, 1) : !hcd_is_known(&scratch->flow, 0);
  if (scratch->flow.alone) return 0;
  for (__u32 place = 0; place < HCD_PLACES; place++)
    if (hcd_look(scratch, place, rule, host)) return 1;
  return 0;
}

/* Notes the tick and the sides, if either is new. A swap that fails met another CPU's note of the same flow, or its
 * death; both are as good as ours. */
HCD_INLINE int hcd_note(__u64* place, __u64 value, __u32 now, __u32 sides) {
  const __u64 noted = hcd_value(now, hcd_value_host(value), sides);
  return noted != value && __sync_val_compare_and_swap(place, value, noted) == value;
}

__noinline int hcd_advance(__u64* place, __u64 value, __u32 now, __u32 proto_and_flags, int from_server) {
  const __u32 sides = hcd_value_sides(value), flags = proto_and_flags & 255;
  if (!place) return 0;
  const int udp = proto_and_flags >> 8 == HCD_PROTO_UDP;
  return hcd_note(place, value, now, udp ? hcd_track_udp(sides, from_server) : hcd_track(sides, flags, from_server));
}

/* A packet of the flow goes on; most change nothing. */
HCD_INLINE void hcd_touch(struct hcd_state6* entry, __u64 value, __u32 now, const struct hcd_packet* packet,
                          int from_server) {
  const __u32 up = packet->proto == HCD_PROTO_UDP ? HCD_SIDES_UP_UDP : HCD_SIDES_UP;
  if (hcd_value_seen(value) == now && hcd_value_sides(value) == up && !(packet->flags & (HCD_FIN | HCD_RST))) return;
  hcd_advance(&entry->value, value, now, (__u32)packet->proto << 8 | packet->flags, from_server);
}

/* The same where the server's packets are not seen, because it is this machine: it is taken to answer each. */
__noinline int hcd_touch_both(__u64* place, __u64 value, __u32 now, __u32 flags) {
  if (!place) return 0;
  const __u32 answered = hcd_track(hcd_value_sides(value), HCD_SYN | HCD_ACK | (flags & (HCD_FIN | HCD_RST)), 1);
  return hcd_note(place, value, now, hcd_track(answered, flags, 0));
}

#endif
