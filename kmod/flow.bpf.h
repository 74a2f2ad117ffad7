/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * A flow and its state, found and kept current. Both directions of a flow meet in the buckets of its client's address and
 * port. Nothing is locked; kmod/abi_state.h has the protocol.
 *
 * Functions that are called from several places are global, so that the verifier walks through each once, not once for
 * each way to its calls. A global function cannot return a pointer into a map: it returns an entry's place, from which
 * hcd_spot makes one. */
#ifndef HCD_FLOW_BPF_H
#define HCD_FLOW_BPF_H

#include "kmod/count.h"
#include "kmod/flow.h"
#include "kmod/rule.bpf.h"
#include "kmod/tcp.h"

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
HCD_INLINE struct hcd_more* hcd_more_in(void* bucket, int six, __u32 way) {
  if (six) return &hcd_way(bucket, 1, way)->more;
  return bucket + __builtin_offsetof(struct hcd_bucket4, more) + (way & (HCD_WAYS - 1)) * sizeof(struct hcd_more);
}

/* An entry, and what stands beside it. */
struct hcd_spot {
  struct hcd_state6* entry;
  struct hcd_more* more;
};
HCD_INLINE struct hcd_spot hcd_spot_at(__u32 at, int six, __u32 way) {
  void* bucket = hcd_bucket(at, six);
  if (!bucket) return (struct hcd_spot){};
  __asm__ volatile("" : "+r"(bucket)); /* or the sums are made before the question */
  return (struct hcd_spot){hcd_way(bucket, six, way), hcd_more_in(bucket, six, way)};
}
HCD_INLINE __u32 hcd_bucket_of(const struct hcd_flow* flow, __u32 place) {
  return hcd_flow_bucket(flow->hash, place / HCD_WAYS, hcd_config.bucket_mask);
}
HCD_INLINE struct hcd_spot hcd_spot(const struct hcd_flow* flow, int six, __u32 place) {
  return hcd_spot_at(hcd_bucket_of(flow, place), six, place);
}

/* The same where the home bucket is at hand. */
HCD_INLINE struct hcd_spot hcd_spot_from(const struct hcd_flow* flow, void* home, int six, __u32 place) {
  if (place >= HCD_WAYS) return hcd_spot(flow, six, place);
  return (struct hcd_spot){hcd_way(home, six, place), hcd_more_in(home, six, place)};
}
HCD_INLINE struct hcd_spot hcd_spot_of(const struct hcd_end* end) {
  return end->six ? hcd_spot_at(end->at, 1, end->way) : hcd_spot_at(end->at, 0, end->way);
}

/* The hash of the client's end of a packet from the client, or from a server. */
HCD_INLINE __u64 hcd_hash_of_client(const struct hcd_packet* packet, int six, int from_server) {
  const __u64* addr = from_server ? packet->dst : packet->src;
  const __be16 port = from_server ? packet->dport : packet->sport;
  return six ? hcd_flow_hash6(hcd_seed(), addr[0], addr[1], port) : hcd_flow_hash4(hcd_seed(), addr[0], port);
}

/* The flow of such a packet. What else it has is for the slow paths, which are given it in the scratch. */
HCD_INLINE struct hcd_flow hcd_flow_of(const struct hcd_packet* packet, int six, int from_server, __u64 hash) {
  const __u64* addr = from_server ? packet->dst : packet->src;
  const __u64* near = from_server ? packet->src : packet->dst;
  const __be16 port = from_server ? packet->dport : packet->sport;
  struct hcd_flow flow = {
      .key = (six ? hash >> 32 : (__u32)addr[0]) << 32 | (__u64)port << 16,
      .addr = {addr[0], addr[1]},
      .hash = hash,
      .now = hcd_now(),
      .port = port,
      .six = six,
      .proto = packet->proto,
      .tcp = packet->flags,
  };
  flow.near[from_server ? HCD_HOST : HCD_VIRTUAL] =
      (struct hcd_near){.addr = {near[0], near[1]}, .port = from_server ? packet->sport : packet->dport};
  return flow;
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

/* 1 where x, of less than 64 bits, is 0, else 0, without a branch: a search that branches at each way has the verifier walk
 * all that follows once for each, and the CPU guess which it will be. The barrier keeps the compiler from seeing through it. */
HCD_INLINE __u64 hcd_is_0(__u64 x) {
  x -= 1;
  __asm__ volatile("" : "+r"(x));
  return x >> 63;
}

/* How many of a bucket's entries bear the client's key, and, if one does, in which way. Looked at are so many ways from the
 * flow's nth on. */
struct hcd_hits {
  __u64 count;
  __u64 way;
};
HCD_INLINE struct hcd_hits hcd_hits_among(const struct hcd_flow* flow, void* bucket, int six, __u32 nth, __u32 ways) {
  struct hcd_hits hits = {};
  for (__u32 end = nth + ways; nth < end; nth++) {
    const __u32 way = hcd_flow_way(flow->hash, nth, six);
    const __u64 hit = hcd_is_0((HCD_READ_ONCE(hcd_way(bucket, six, way)->key) ^ flow->key) >> 16);
    hits.count += hit;
    hits.way += hit * way;
  }
  return hits;
}
/* In the line of the home bucket that is looked at first; and in the rest of a bucket, which of another is all of it. */
HCD_INLINE struct hcd_hits hcd_hits_first(const struct hcd_flow* flow, void* home, int six) {
  return hcd_hits_among(flow, home, six, 0, six ? HCD_LINE_WAYS6 : HCD_LINE_WAYS4);
}
HCD_INLINE struct hcd_hits hcd_hits_rest(const struct hcd_flow* flow, void* bucket, int six, __u32 rank) {
  const __u32 first = rank ? 0 : six ? HCD_LINE_WAYS6 : HCD_LINE_WAYS4;
  return hcd_hits_among(flow, bucket, six, first, HCD_WAYS - first);
}

/* A state, seen from one of its ends. */
struct hcd_met {
  struct hcd_state6* entry;
  struct hcd_more* more;
  const struct hcd_rule* rule;
  const struct hcd_host* host;
  __u64 value;
  __u32 index; /* the rule's */
  __u32 place;
  __be16 vport;
};

/* Whether the state at the spot is the flow's whose packets have that near end. */
HCD_INLINE int hcd_meets(const struct hcd_flow* flow, int six, int end, struct hcd_spot spot, __u32 place,
                         struct hcd_met* met) {
  const __u64 key = HCD_READ_ONCE(spot.entry->key);
  const struct hcd_near* near = &flow->near[end];
  if (!key || (__u16)key == HCD_RULE_BUSY || !hcd_is_client(flow, six, key, spot.entry)) return 0;
  *met = (struct hcd_met){spot.entry, spot.more, .value = HCD_READ_ONCE(spot.entry->value), .index = (__u16)key,
                          .place = place};
  met->rule = hcd_rule(met->index);
  met->host = hcd_host(hcd_value_host(met->value));
  if (!met->rule || !met->host) return 0;
  met->vport = met->rule->to.port ? met->rule->to.port : HCD_READ_ONCE(spot.more->vport);
  if (!hcd_is_there(end == HCD_HOST ? &met->host->at : &met->rule->to, near->addr, flow->proto, six)) return 0;
  const __be16 port = end == HCD_HOST ? hcd_host_port(&met->host->at, met->rule, met->vport) : met->vport;
  return port == near->port && HCD_READ_ONCE(spot.entry->key) == key;
}

/* Looks at one place more closely. */
__noinline int hcd_look(struct hcd_scratch* scratch, __u32 place, int end) {
  if (!scratch) return 0;
  const struct hcd_flow* flow = &scratch->flow;
  const int six = flow->six != 0;
  const struct hcd_spot spot = six ? hcd_spot(flow, 1, place) : hcd_spot(flow, 0, place);
  struct hcd_met met;
  if (!spot.entry || !hcd_meets(flow, six, end & 1, spot, place, &met)) return 0;
  /* A server's packet belongs to a live state; from the client a dead one is found too, to be replaced. */
  if (end == HCD_HOST && hcd_expired(flow->now, met.value, met.index)) return 0;
  scratch->found = (struct hcd_found){met.value, met.index, place, met.vport};
  return 1;
}

HCD_INLINE struct hcd_spill* hcd_spill_of(__u32 home, int six) {
  const __u32 at = home / 64;
  return six ? bpf_map_lookup_elem(&hcd_spills6, &at) : bpf_map_lookup_elem(&hcd_spills4, &at);
}
/* The ranks of buckets, a bit each, in which the flow's client may have states; of home, beyond the first line. */
HCD_INLINE __u32 hcd_spilled(const struct hcd_flow* flow, int six) {
  const __u32 home = hcd_bucket_of(flow, 0);
  struct hcd_spill* spill = hcd_spill_of(home, six);
  return spill ? hcd_spill_ranks(HCD_READ_ONCE(*hcd_spill_at(spill, home)), home) : 0;
}

/* A flow's live state in its home bucket, where the client has no other: nearly always, and mostly in the line of the bucket
 * that is looked at first. False: a closer look is needed. */
HCD_INLINE int hcd_meet_at_home(const struct hcd_flow* flow, int six, int end, struct hcd_met* met) {
  void* home = hcd_bucket(hcd_bucket_of(flow, 0), six);
  if (!home) return 0;
  struct hcd_hits hits = hcd_hits_first(flow, home, six);
  if (!hits.count && hcd_spilled(flow, six) & 1) hits = hcd_hits_rest(flow, home, six, 0);
  if (hits.count != 1) return 0;
  const __u32 way = (__u32)hits.way;
  const struct hcd_spot spot = {hcd_way(home, six, way), hcd_more_in(home, six, way)};
  return hcd_meets(flow, six, end, spot, way, met) && !hcd_expired(flow->now, met->value, met->index);
}

/* The hits in the rest of the client's bucket of that rank: way << 8 | count. */
__noinline int hcd_hits_of(const struct hcd_flow* flow, __u32 rank) {
  if (!flow) return 0;
  const int six = flow->six != 0;
  const __u32 at = hcd_bucket_of(flow, rank * HCD_WAYS);
  void* bucket = hcd_bucket(at, six);
  if (!bucket) return 0;
  struct hcd_hits hits;
  if (six)
    hits = rank ? hcd_hits_rest(flow, bucket, 1, 1) : hcd_hits_rest(flow, bucket, 1, 0);
  else
    hits = rank ? hcd_hits_rest(flow, bucket, 0, 1) : hcd_hits_rest(flow, bucket, 0, 0);
  return hits.way << 8 | hits.count;
}

/* How many entries bear the client's key. */
HCD_INLINE __u32 hcd_hits(const struct hcd_flow* flow, void* home, int six) {
  __u32 count = hcd_hits_first(flow, home, six).count;
  for (__u32 rank = 0; flow->spilled && rank < HCD_RANKS; rank++)
    if (flow->spilled >> rank & 1) count += hcd_hits_of(flow, rank) & 255;
  return count;
}

/* The flow's state in a bucket where there are such hits, into scratch->found. */
HCD_INLINE int hcd_find_among(struct hcd_scratch* scratch, __u32 rank, __u32 count, __u32 only, int end) {
  if (!count) return 0;
  scratch->flow.alone = 0;
  if (count == 1) return hcd_look(scratch, rank * HCD_WAYS + only, end);
  for (__u32 way = 0; way < HCD_WAYS; way++)
    if (hcd_look(scratch, rank * HCD_WAYS + way, end)) return 1;
  return 0;
}
/* The same beyond the first line of home. */
HCD_INLINE int hcd_find_beyond(struct hcd_scratch* scratch, int end) {
  for (__u32 rank = 0; rank < HCD_RANKS; rank++) {
    if (!(scratch->flow.spilled >> rank & 1)) continue;
    const __u32 hits = hcd_hits_of(&scratch->flow, rank);
    if (hcd_find_among(scratch, rank, hits & 255, hits >> 8, end)) return 1;
  }
  return 0;
}

/* The flow's state, by its virtual end dead ones too, by the host's a live one: into scratch->found. */
__noinline int hcd_find(struct hcd_scratch* scratch, int end) {
  if (!scratch) return 0;
  struct hcd_flow* flow = &scratch->flow;
  const int six = flow->six != 0;
  const __u32 at = hcd_bucket_of(flow, 0);
  void* home = hcd_bucket(at, six);
  flow->alone = 1;
  flow->spilled = six ? hcd_spilled(flow, 1) : hcd_spilled(flow, 0);
  if (!home) return 0;
  const struct hcd_hits first = six ? hcd_hits_first(flow, home, 1) : hcd_hits_first(flow, home, 0);
  if (hcd_find_among(scratch, 0, first.count, first.way, end)) return 1;
  return flow->spilled && hcd_find_beyond(scratch, end);
}

/* Notes the tick and the sides, if either is new. A swap that fails met another CPU's note of the same flow, or its
 * death; both are as good as ours. */
HCD_INLINE int hcd_note(__u64* place, __u64 value, __u32 now, __u32 sides) {
  const __u64 noted = hcd_value(now, hcd_value_host(value), sides);
  return noted != value && __sync_val_compare_and_swap(place, value, noted) == value;
}

/* What hcd_advance is told of a packet, in one word. */
enum { HCD_STEP_UDP = 1 << 8, HCD_STEP_SERVER = 1 << 9, HCD_STEP_HALF = 1 << 10 };
/* True: it completed a handshake. */
__noinline int hcd_advance(__u64* place, __u64 value, __u32 now, __u32 step) {
  const __u32 sides = hcd_value_sides(value);
  const int from_server = (step & HCD_STEP_SERVER) != 0, half = (step & HCD_STEP_HALF) != 0;
  if (!place) return 0;
  if (step & HCD_STEP_UDP) {
    hcd_note(place, value, now, hcd_track_udp(sides, from_server));
    return 0;
  }
  const __u32 next = hcd_track(sides, step & 255, from_server, half);
  return hcd_note(place, value, now, next) && !(step & HCD_RST) && !hcd_sides_up(sides) && hcd_sides_up(next);
}

/* Empties a count of the state into its place in hcd_large, if one can be had. */
__noinline int hcd_empty(__u64* count, __u64 id, int from_server) {
  struct hcd_large* place = 0;
  for (__u32 probe = 0; probe < HCD_LARGE_PROBES; probe++) {
    const __u32 at = hcd_large_at(id, probe);
    struct hcd_large* large = bpf_map_lookup_elem(&hcd_large, &at);
    if (large && (!place || large->id == id || (place->id != id && large->id >> 32 < place->id >> 32))) place = large;
  }
  if (!place || !count) return 0;
  const __u64 holder = place->id;
  if (holder != id) {
    if (__sync_val_compare_and_swap(&place->id, holder, id) != holder) return 0;
    place->packets[0] = place->packets[1] = place->bytes[0] = place->bytes[1] = 0;
  }
  place->packets[from_server & 1] += hcd_count_packets(*count);
  place->bytes[from_server & 1] += hcd_count_bytes(*count);
  *count = 0;
  return 1;
}

HCD_INLINE void hcd_count_in(const struct hcd_flow* flow, int six, const struct hcd_met* met, int from_server,
                             __u32 bytes) {
  __u64* count = &met->entry->counts[from_server & 1];
  *count += hcd_count_of(bytes);
  if (!hcd_count_is_full(*count)) return;
  hcd_empty(count, hcd_state_id(met->more->birth, hcd_bucket_of(flow, met->place), met->place & (HCD_WAYS - 1), six),
            from_server);
}

/* A packet that changes nothing of its state but the tick: of a connection that is up, or the first, sent again perhaps. */
HCD_INLINE int hcd_changes_none(__u32 sides, const struct hcd_packet* packet, int udp, int from_server) {
  if (packet->flags & (HCD_FIN | HCD_RST)) return 0;
  if (sides == (udp ? HCD_SIDES_UP_UDP : HCD_SIDES_UP)) return 1;
  return sides == hcd_sides_new(udp) && !from_server && !(packet->flags & HCD_ACK);
}

/* A packet of the flow goes on; to the state itself most change nothing. True: it completed a handshake. */
HCD_INLINE int hcd_touch(const struct hcd_flow* flow, int six, const struct hcd_met* met,
                         const struct hcd_packet* packet, int from_server) {
  const int udp = packet->proto == HCD_PROTO_UDP;
  hcd_count_in(flow, six, met, from_server, packet->bytes);
  if (hcd_value_seen(met->value) == flow->now &&
      hcd_changes_none(hcd_value_sides(met->value), packet, udp, from_server))
    return 0;
  __u32 step = packet->flags | (udp ? HCD_STEP_UDP : 0) | (from_server ? HCD_STEP_SERVER : 0);
  if (met->rule->flags & HCD_RULE_SLOPPY && !met->entry->counts[!from_server]) step |= HCD_STEP_HALF;
  return hcd_advance(&met->entry->value, met->value, flow->now, step);
}

/* The same where the server's packets are not seen, because it is this machine: it is taken to answer each. */
__noinline int hcd_touch_both(__u64* place, __u64 value, __u32 now, __u32 flags) {
  if (!place) return 0;
  const __u32 sides = hcd_value_sides(value);
  const __u32 answered = hcd_track(sides, HCD_SYN | HCD_ACK | (flags & (HCD_FIN | HCD_RST)), 1, 0);
  const __u32 next = hcd_track(answered, flags, 0, 0);
  return hcd_note(place, value, now, next) && !(flags & HCD_RST) && !hcd_sides_up(sides) && hcd_sides_up(next);
}

#endif
