/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Fragments that come before the first of their packet. Nobody knows yet whose they are, so they pass, as what is not ours
 * does, but a copy is kept for a moment. When the first comes and is ours, the copies come in again behind it, by the link
 * that it came by, and are translated like any that follow their first. Later fragments of packets whose first was not ours
 * are not copied.
 *
 * Bounded in number, size and time: who fills it with fragments whose first never comes takes away no more than that others'
 * are put in order. Sets of a keyed hash; a place is claimed by a swap of its tag, and belongs to who has swapped it. */
#ifndef HCD_STASH_BPF_H
#define HCD_STASH_BPF_H

#include "kmod/piece.bpf.h"

enum {
  HCD_STASH_SETS = 16,
  HCD_STASH_WAYS = 48,     /* a UDP packet of 65,535 bytes in pieces of 1,480 */
  HCD_STASH_FRAME = 2000,  /* bytes of a frame; longer ones are not kept */
  HCD_STASH_TICKS = 32,    /* some two seconds */
  HCD_STASH_BUSY = 1,      /* a tag */
  HCD_STRANGERS = 1 << 12, /* packets not ours whose fragments are under way; a power of two */
};

struct hcd_stash_set {
  __u64 tag[HCD_STASH_WAYS]; /* of the packet; 0: free */
  __u32 seen[HCD_STASH_WAYS];
  __u64 firsts; /* that were noted */
};
struct hcd_stashed {
  struct hcd_piece_key key;
  __u32 bytes;
  __u8 frame[HCD_STASH_FRAME];
};
HCD_MAP(hcd_stash_sets, BPF_MAP_TYPE_ARRAY, 0, struct hcd_stash_set, HCD_STASH_SETS);
HCD_MAP(hcd_stashes, BPF_MAP_TYPE_ARRAY, 0, struct hcd_stashed, HCD_STASH_SETS* HCD_STASH_WAYS);
HCD_MAP(hcd_strangers, BPF_MAP_TYPE_ARRAY, 0, __u64, HCD_STRANGERS);
/* The first fragment, while its frame carries the others. */
HCD_PER_CPU(hcd_carriers, struct hcd_stashed, 1);

HCD_INLINE __u64 hcd_piece_hash(const struct hcd_piece_key* key) {
  const __u64 ends = hcd_mix6(hcd_seed(), key->src[0] ^ hcd_mix(hcd_seed(), key->dst[0]), key->src[1], key->dst[1]);
  return hcd_mix(hcd_seed(), ends ^ ((__u64)key->id << 16 | key->proto << 1 | key->six)) | 2;
}
HCD_INLINE struct hcd_stash_set* hcd_stash_set(__u64 hash) {
  const __u32 at = (__u32)(hash >> 32) & (HCD_STASH_SETS - 1);
  return bpf_map_lookup_elem(&hcd_stash_sets, &at);
}
HCD_INLINE struct hcd_stashed* hcd_stashed_at(__u64 hash, __u32 way) {
  const __u32 at = ((__u32)(hash >> 32) & (HCD_STASH_SETS - 1)) * HCD_STASH_WAYS + way;
  return bpf_map_lookup_elem(&hcd_stashes, &at);
}
HCD_INLINE int hcd_is_same_piece(const struct hcd_piece_key* a, const struct hcd_piece_key* b) {
  return a->src[0] == b->src[0] && a->src[1] == b->src[1] && a->dst[0] == b->dst[0] && a->dst[1] == b->dst[1] &&
         a->id == b->id && a->six == b->six && a->proto == b->proto;
}

/* Copies between a frame and memory; the verifier believes a mask more than a comparison. */
HCD_INLINE int hcd_take_frame(struct __sk_buff* skb, struct hcd_stashed* to) {
  __u32 last = skb->len - 1;
  if (last >= HCD_STASH_FRAME) return 0;
  to->bytes = last + 1;
  __asm__ volatile("" : "+r"(last));
  if (last >= HCD_STASH_FRAME) return 0;
  return !bpf_skb_load_bytes(skb, 0, to->frame, last + 1);
}
HCD_INLINE int hcd_put_frame(struct __sk_buff* skb, const struct hcd_stashed* from) {
  __u32 last = from->bytes - 1;
  if (last >= HCD_STASH_FRAME || bpf_skb_change_tail(skb, last + 1, 0)) return 0;
  __asm__ volatile("" : "+r"(last));
  if (last >= HCD_STASH_FRAME) return 0;
  return !bpf_skb_store_bytes(skb, 0, from->frame, last + 1, BPF_F_RECOMPUTE_CSUM);
}

/* The later fragment on the desk is copied into a free place, or one that was waited in for too long. Its way + 1; 0: there
 * is no room. */
__noinline __u32 hcd_stash(struct __sk_buff* skb, __u64 hash) {
  const struct hcd_desk* desk = hcd_desk();
  struct hcd_stash_set* set = hcd_stash_set(hash);
  const __u32 now = hcd_now();
  if (!desk || !set || skb->len > HCD_STASH_FRAME) return 0;
  for (__u32 way = 0; way < HCD_STASH_WAYS; way++) {
    const __u64 tag = HCD_READ_ONCE(set->tag[way]);
    if (tag == HCD_STASH_BUSY || (tag && now - set->seen[way] < HCD_STASH_TICKS)) continue;
    if (__sync_val_compare_and_swap(&set->tag[way], tag, (__u64)HCD_STASH_BUSY) != tag) continue;
    struct hcd_stashed* place = hcd_stashed_at(hash, way);
    const int kept = place && hcd_take_frame(skb, place);
    if (kept) place->key = hcd_piece_key(&desk->packet);
    set->seen[way] = now;
    __sync_lock_test_and_set(&set->tag[way], kept ? hash : 0);
    return kept ? way + 1 : 0;
  }
  return 0;
}

/* Whether the copy is taken out again; else another CPU does that at this moment. */
HCD_INLINE int hcd_unstash(__u64 hash, __u32 way) {
  struct hcd_stash_set* set = hcd_stash_set(hash);
  return set && way < HCD_STASH_WAYS && __sync_val_compare_and_swap(&set->tag[way], hash, 0ULL) == hash;
}

/* Whether others wait for the first fragment that stands in the scratch as it came: then it is put onto the desk. */
__noinline int hcd_is_first_awaited(void) {
  const struct hcd_scratch* scratch = hcd_scratch_now();
  struct hcd_desk* desk = hcd_desk();
  if (!scratch || !desk) return 0;
  const struct hcd_piece_key key = hcd_piece_key(&scratch->packet);
  const __u64 hash = hcd_piece_hash(&key);
  struct hcd_stash_set* set = hcd_stash_set(hash);
  int awaited = 0;
  /* Noting it comes before looking, as keeping a copy comes before looking for the note: one of both CPUs sees the other. */
  if (set) __sync_fetch_and_add(&set->firsts, 1);
  for (__u32 way = 0; set && way < HCD_STASH_WAYS; way++) awaited |= HCD_READ_ONCE(set->tag[way]) == hash;
  if (awaited) desk->packet = scratch->packet;
  return awaited;
}

/* One that waits in that way comes in again, carried by the frame. */
__noinline int hcd_release(struct __sk_buff* skb, __u64 hash, __u32 way) {
  const struct hcd_desk* desk = hcd_desk();
  struct hcd_stash_set* set = hcd_stash_set(hash);
  if (!desk || !set || way >= HCD_STASH_WAYS) return 0;
  if (__sync_val_compare_and_swap(&set->tag[way], hash, (__u64)HCD_STASH_BUSY) != hash) return 0;
  const struct hcd_stashed* place = hcd_stashed_at(hash, way);
  const struct hcd_piece_key key = hcd_piece_key(&desk->packet);
  const int same = place && hcd_is_same_piece(&place->key, &key);
  if (same && hcd_put_frame(skb, place)) bpf_clone_redirect(skb, skb->ifindex, BPF_F_INGRESS);
  __sync_lock_test_and_set(&set->tag[way], same ? 0 : hash);
  return same;
}

/* A first fragment that is translated and ready to leave by the hop on the desk, and is awaited; desk->packet is what it was.
 * Others come in again when this program is done with it. */
__noinline int hcd_tc_awaited(struct __sk_buff* skb) {
  const struct hcd_desk* desk = hcd_desk();
  const __u32 zero = 0;
  struct hcd_stashed* first = bpf_map_lookup_elem(&hcd_carriers, &zero);
  if (!desk || !first) return TC_ACT_SHOT;
  if (hcd_take_frame(skb, first)) {
    const struct hcd_piece_key key = hcd_piece_key(&desk->packet);
    const __u64 hash = hcd_piece_hash(&key);
    for (__u32 way = 0; way < HCD_STASH_WAYS; way++) hcd_release(skb, hash, way);
    if (!hcd_put_frame(skb, first)) return hcd_done(HCD_SHORT, TC_ACT_SHOT);
  }
  return hcd_send(&desk->hop);
}

/* A first fragment that is not ours, or goes no further: it is read anew onto the desk. */
__noinline int hcd_tc_stranger(struct __sk_buff* skb) {
  const struct hcd_desk* desk = hcd_desk();
  if (hcd_read_beside(skb) != HCD_PIECE || !desk) return TC_ACT_UNSPEC;
  const struct hcd_piece_key key = hcd_piece_key(&desk->packet);
  const __u64 hash = hcd_piece_hash(&key);
  const __u32 at = (__u32)hash & (HCD_STRANGERS - 1);
  __u64* stranger = bpf_map_lookup_elem(&hcd_strangers, &at);
  if (stranger) *stranger = hash;
  return TC_ACT_UNSPEC;
}
HCD_INLINE int hcd_is_stranger(__u64 hash) {
  const __u32 at = (__u32)hash & (HCD_STRANGERS - 1);
  const __u64* stranger = bpf_map_lookup_elem(&hcd_strangers, &at);
  return stranger && *stranger == hash;
}

/* The later fragment on the desk, whose first has not been seen. True: it has come meanwhile. */
__noinline int hcd_await_first(struct __sk_buff* skb) {
  const struct hcd_desk* desk = hcd_desk();
  if (!desk || desk->packet.flaw || !hcd_has_ports(desk->packet.proto)) return 0;
  const struct hcd_piece_key key = hcd_piece_key(&desk->packet);
  const __u64 hash = hcd_piece_hash(&key);
  if (hcd_is_stranger(hash)) return 0;
  const __u32 way = hcd_stash(skb, hash);
  hcd_count(way ? HCD_STASHED : HCD_FRAGMENT_LIMIT);
  return way && hcd_find_piece() && hcd_unstash(hash, way - 1);
}

/* The later fragment on the desk. */
HCD_INLINE int hcd_tc_piece(struct __sk_buff* skb) {
  if (!hcd_find_piece() && !hcd_await_first(skb)) return hcd_done_beside(skb, HCD_PASSED, TC_ACT_UNSPEC);
  return hcd_tc_follower(skb);
}

#endif
