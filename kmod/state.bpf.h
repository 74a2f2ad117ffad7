/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The state table: a bucket of HCD_WAYS entries for each hash of a client's address and port, so that both directions
 * of a flow meet in the same bucket. Nothing is locked; kmod/hcd_abi.h has the protocol.
 *
 * An insert claims its entry with a key that already names the client, and then looks around: whoever sees another
 * claim on, or entry for, the same flow gives its own up and starts again. Each claim is a full barrier, so of two CPUs
 * at least the later one sees the other, and no flow is ever in the table twice. */
#ifndef HCD_STATE_BPF_H
#define HCD_STATE_BPF_H

#include "kmod/rule.bpf.h"
#include "kmod/stats.bpf.h"
#include "kmod/tcp.h"

enum { HCD_INSERT_ATTEMPTS = 3, HCD_PICK_ATTEMPTS = 4 };

/* The client's side of a flow, and what does not change while one packet is looked at. */
struct hcd_client {
  void* bucket;
  __u64 key; /* without a rule */
  __u64 addr[2];
  __u32 at; /* the bucket's number */
  __u32 now;
  __u32 six;
};

#define HCD_READ_ONCE(place) (*(const volatile typeof(place)*)&(place))
#define HCD_WRITE_ONCE(place, word) (*(volatile typeof(place)*)&(place) = (word))

HCD_INLINE __u32 hcd_now(void) {
  return (__u32)(bpf_jiffies64() >> hcd_config.tick_shift);
}

HCD_INLINE void* hcd_bucket(__u32 at, int six) {
  return six ? bpf_map_lookup_elem(&hcd_states6, &at) : bpf_map_lookup_elem(&hcd_states4, &at);
}

/* False when there is no such bucket: the configuration and the map disagree. */
HCD_INLINE int hcd_client(struct hcd_client* client, const __u64 addr[2], __be16 port, int six) {
  const __u64 hash =
      six ? hcd_flow_hash6(hcd_seed(), addr[0], addr[1], port) : hcd_flow_hash4(hcd_seed(), addr[0], port);
  client->at = (__u32)hash & hcd_config.bucket_mask;
  client->bucket = hcd_bucket(client->at, six);
  client->key = (six ? hash >> 32 : (__u32)addr[0]) << 32 | (__u64)port << 16;
  client->addr[0] = addr[0];
  client->addr[1] = addr[1];
  client->six = six;
  client->now = hcd_now();
  return client->bucket != 0;
}

/* Key and value lie alike in both families' entries. */
HCD_INLINE struct hcd_state6* hcd_way(const struct hcd_client* client, int way) {
  return client->bucket + way * (client->six ? sizeof(struct hcd_state6) : sizeof(struct hcd_state4));
}

HCD_INLINE int hcd_is_client(const struct hcd_client* client, __u64 key, const struct hcd_state6* entry) {
  if ((key ^ client->key) >> 16) return 0;
  return !client->six || (entry->addr[0] == client->addr[0] && entry->addr[1] == client->addr[1]);
}

/* Ticks since a state was last seen; another CPU may have seen it in a tick that has not begun for us. */
HCD_INLINE __u32 hcd_age(__u32 now, __u64 value) {
  const __s32 age = (__s32)(now - hcd_value_seen(value));
  return age < 0 ? 0 : age;
}

/* Global functions here and below, so that the verifier walks through each once, not once for each way to its calls. */
__noinline int hcd_outlived(__u32 age, __u32 sides, __u32 rule) {
  const struct hcd_rule* of = hcd_rule(rule);
  const __u32 set = of ? of->timeouts : 0;
  const struct hcd_timeout_set* timeouts = bpf_map_lookup_elem(&hcd_timeout_sets, &set);
  const struct hcd_pulse* pulse = hcd_pulse_now();
  if (!of || !timeouts || !pulse) return 1;
  const __u32 name = hcd_timeout_of(sides, of->to.proto == HCD_PROTO_UDP);
  const __u64 ticks = name == HCD_TM_TCP_ESTABLISHED && of->established ? of->established : timeouts->ticks[name & 15];
  return age > ticks * pulse->factor / HCD_FACTOR_ONE;
}

HCD_INLINE int hcd_expired(__u32 now, __u64 value, __u32 rule) {
  const __u32 age = hcd_age(now, value);
  return age && hcd_outlived(age, hcd_value_sides(value), rule);
}

/* The flow's entry by the rule, from the client; its value in *value. */
HCD_INLINE struct hcd_state6* hcd_find_by_rule(const struct hcd_client* client, __u32 rule, __u64* value) {
  for (int way = 0; way < HCD_WAYS; way++) {
    struct hcd_state6* entry = hcd_way(client, way);
    const __u64 key = HCD_READ_ONCE(entry->key);
    if (key != (client->key | rule) || !hcd_is_client(client, key, entry)) continue;
    *value = HCD_READ_ONCE(entry->value);
    if (HCD_READ_ONCE(entry->key) == key) return entry;
  }
  return 0;
}

/* The flow's live entry by the host, from the server or to look for a conflict; its rule in *rule. */
HCD_INLINE struct hcd_state6* hcd_find_by_host(const struct hcd_client* client, __u32 host, __u64* value, __u32* rule) {
  for (int way = 0; way < HCD_WAYS; way++) {
    struct hcd_state6* entry = hcd_way(client, way);
    const __u64 key = HCD_READ_ONCE(entry->key);
    if ((__u16)key == HCD_RULE_BUSY || !hcd_is_client(client, key, entry)) continue;
    *value = HCD_READ_ONCE(entry->value);
    *rule = (__u16)key;
    if (hcd_value_host(*value) != host || hcd_expired(client->now, *value, *rule)) continue;
    if (HCD_READ_ONCE(entry->key) == key) return entry;
  }
  return 0;
}

/* Notes the tick and the sides, if either is new. A swap that fails met another CPU's note of the same flow, or its
 * eviction; both are as good as ours. */
HCD_INLINE void hcd_note(struct hcd_state6* entry, __u64 value, __u32 now, __u32 sides) {
  const __u64 noted = hcd_value(now, hcd_value_host(value), sides);
  if (noted != value) __sync_val_compare_and_swap(&entry->value, value, noted);
}

HCD_INLINE void hcd_touch(struct hcd_state6* entry, __u64 value, __u32 now, __u32 flags, int from_server) {
  const __u32 sides = hcd_value_sides(value);
  if (hcd_value_seen(value) == now && sides == HCD_SIDES_UP && !(flags & (HCD_FIN | HCD_RST))) return;
  hcd_note(entry, value, now, hcd_track(sides, flags, from_server));
}

/* The same where the server's packets are not seen, because it is this machine: it is taken to answer each. */
HCD_INLINE void hcd_touch_both(struct hcd_state6* entry, __u64 value, __u32 now, __u32 flags) {
  const __u32 answered = hcd_track(hcd_value_sides(value), HCD_SYN | HCD_ACK | (flags & (HCD_FIN | HCD_RST)), 1);
  hcd_note(entry, value, now, hcd_track(answered, flags, 0));
}

/* How dear an entry is: the dearer it is the later it is given away; 0 is free, -1 is not for anyone. */
__noinline long hcd_worth(__u64 key, __u64 value, __u32 now) {
  if (!key) return 0;
  if ((__u16)key == HCD_RULE_BUSY) return -1;
  if (hcd_expired(now, value, (__u16)key)) return 1;
  const __u32 sides = hcd_value_sides(value);
  if (hcd_sides_done(sides)) return 2;
  return hcd_sides_half_open(sides) ? 3L << 32 | (__u32)~hcd_age(now, value) : -1;
}

/* Claims the cheapest entry of the bucket; null when all are dear, and *raced set when another CPU took it. */
HCD_INLINE struct hcd_state6* hcd_claim(const struct hcd_client* client, int* raced) {
  struct hcd_state6* victim = 0;
  __u64 old = 0;
  long least = 0;
  for (int way = 0; way < HCD_WAYS; way++) {
    struct hcd_state6* entry = hcd_way(client, way);
    const __u64 key = HCD_READ_ONCE(entry->key);
    if (!((key ^ client->key) >> 16)) continue; /* this very flow may have been made by another CPU just now */
    const long worth = hcd_worth(key, HCD_READ_ONCE(entry->value), client->now);
    if (worth < 0 || (victim && worth >= least)) continue;
    victim = entry;
    old = key;
    least = worth;
  }
  *raced = victim && __sync_val_compare_and_swap(&victim->key, old, client->key | HCD_RULE_BUSY) != old;
  return *raced ? 0 : victim;
}

/* Whether the client has another entry, or another CPU's claim, for this rule beside ours. */
HCD_INLINE int hcd_rivals(const struct hcd_client* client, const struct hcd_state6* ours, __u32 rule) {
  for (int way = 0; way < HCD_WAYS; way++) {
    const struct hcd_state6* entry = hcd_way(client, way);
    const __u64 key = HCD_READ_ONCE(entry->key);
    if (entry == ours || (key ^ client->key) >> 16) continue;
    if ((__u16)key == HCD_RULE_BUSY || ((__u16)key == rule && hcd_is_client(client, key, entry))) return 1;
  }
  return 0;
}

/* Stores a new state. 0, or the reason why not; HCD_STATE_RACE: look again. */
HCD_INLINE int hcd_insert(const struct hcd_client* client, __u32 rule, __u64 value) {
  int raced;
  struct hcd_state6* entry = hcd_claim(client, &raced);
  if (!entry) return raced ? HCD_STATE_RACE : HCD_MEMORY;
  if (hcd_rivals(client, entry, rule)) {
    __sync_lock_test_and_set(&entry->key, 0);
    return HCD_STATE_RACE;
  }
  if (client->six) {
    HCD_WRITE_ONCE(entry->addr[0], client->addr[0]);
    HCD_WRITE_ONCE(entry->addr[1], client->addr[1]);
  }
  HCD_WRITE_ONCE(entry->value, value);
  HCD_WRITE_ONCE(entry->key, client->key | rule);
  return 0;
}

/* Whether the host's answers to this client would be taken for another rule's. A connection that is over does not
 * count: its entry goes. */
HCD_INLINE int hcd_conflicts(const struct hcd_client* client, __u32 rule, __u32 host) {
  __u64 value = 0;
  __u32 other;
  struct hcd_state6* entry = hcd_find_by_host(client, host, &value, &other);
  if (!entry || other == rule) return 0;
  if (!hcd_sides_done(hcd_value_sides(value))) return 1;
  const __u64 key = client->key | other;
  return __sync_val_compare_and_swap(&entry->key, key, 0) != key;
}

/* The host for a new flow: of the ring, up, and no answer of whose could be mistaken. 0, or the reason why not. */
HCD_INLINE int hcd_pick(const struct hcd_client* client, const struct hcd_rule* rule, __u64 ring, __u32 index,
                        __u32* picked) {
  int reason = HCD_NO_HOST;
  if (!hcd_ring_slots(ring)) return reason;
  const __u64 number = hcd_ring_number(rule, index, client->addr, client->six);
  for (__u32 attempt = 0; attempt < HCD_PICK_ATTEMPTS; attempt++) {
    *picked = hcd_ring_host(ring, hcd_ring_slot(ring, number, attempt));
    const struct hcd_host* host = *picked ? hcd_host(*picked) : 0;
    if (!host || host->flags & HCD_HOST_DOWN) continue;
    if (!hcd_conflicts(client, index, *picked)) return 0;
    reason = HCD_STATE_INSERT;
  }
  return reason;
}

#endif
