/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * The hashes of the packet path, and how userland keeps hcd_vips and hcd_endpoints. The hashes are keyed with the seed
 * of hcd_globals so that a sender who does not know it cannot fill one line or bucket; they need be no more than
 * that. */
#ifndef HCD_INDEX_H
#define HCD_INDEX_H

#include "kmod/pure.h"

HCD_PURE_BEGIN

struct hcd_seed {
  __u64 word[2];
};

HCD_INLINE __u64 hcd_mix(struct hcd_seed seed, __u64 x) {
  x = (x ^ seed.word[0]) * 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 32) ^ seed.word[1]) * 0xd6e8feb86659fd93;
  return x ^ (x >> 32);
}

/* The multiplier of what stands beside an IPv6 address must be secret too: with a known one, who owns a /64 could
 * choose a host part that undoes each port. */
HCD_INLINE __u64 hcd_mix6(struct hcd_seed seed, __u64 high, __u64 low, __u64 beside) {
  return hcd_mix(seed, high ^ hcd_mix(seed, low ^ (beside * (seed.word[0] | 1))));
}

/* Addresses as words read from the packet; of the hash of an endpoint the low bits choose the line, the upper half is
 * the tag. */
HCD_INLINE __u64 hcd_endpoint_hash4(struct hcd_seed seed, __u32 addr, __be16 port, __u8 proto) {
  return hcd_mix(seed, (__u64)proto << 48 | (__u64)port << 32 | addr);
}
HCD_INLINE __u64 hcd_endpoint_hash6(struct hcd_seed seed, __u64 high, __u64 low, __be16 port, __u8 proto) {
  return hcd_mix6(seed, high, low, (__u64)proto << 16 | port);
}
HCD_INLINE __u64 hcd_endpoint_hash(struct hcd_seed seed, const struct hcd_endpoint* at) {
  __u64 words[2];
  __builtin_memcpy(words, at->addr, sizeof(words));
  return at->family == 4 ? hcd_endpoint_hash4(seed, (__u32)words[0], at->port, at->proto)
                         : hcd_endpoint_hash6(seed, words[0], words[1], at->port, at->proto);
}

/* Of the client's address and port: it chooses the buckets where its states may stand, and in them the way to begin with. */
HCD_INLINE __u64 hcd_flow_hash4(struct hcd_seed seed, __u32 addr, __be16 port) {
  return hcd_mix(seed, (__u64)port << 32 | addr);
}
HCD_INLINE __u64 hcd_flow_hash6(struct hcd_seed seed, __u64 high, __u64 low, __be16 port) {
  return hcd_mix6(seed, high, low, port);
}

/* A client's buckets by rank, home is 0; all different. */
HCD_INLINE __u32 hcd_flow_bucket(__u64 hash, __u32 rank, __u32 mask) {
  return ((__u32)hash + rank * ((__u32)(hash >> 32) | 1)) & mask;
}
/* The nth way to look at, from the first of some cache line on, in a circle. */
HCD_INLINE __u32 hcd_flow_way(__u64 hash, __u32 nth, int six) {
  const __u32 line = six ? HCD_LINE_WAYS6 : HCD_LINE_WAYS4;
  return ((__u32)(hash >> 61) / line * line + nth) & (HCD_WAYS - 1);
}

/* Whether the way is in the line that is looked at first. */
HCD_INLINE int hcd_way_is_first(__u64 hash, __u32 way, int six) {
  const __u32 line = six ? HCD_LINE_WAYS6 : HCD_LINE_WAYS4;
  return (__u32)(hash >> 61) / line == way / line;
}

/* hcd_spill: the bits of a rank in both halves of a home bucket's byte, or of all bytes of a word in one of the halves; and
 * the ranks of a home bucket. */
HCD_INLINE __u64 hcd_spill_bits(__u32 home, __u32 rank) {
  return 0x11ULL << rank << home % 8 * 8;
}
HCD_INLINE __u64 hcd_spill_half(__u32 half) {
  return 0x0f0f0f0f0f0f0f0fULL << (half & 1) * 4;
}
HCD_INLINE __u32 hcd_spill_ranks(__u64 word, __u32 home) {
  const __u32 both = (__u32)(word >> home % 8 * 8);
  return (both | both >> 4) & 15;
}
HCD_INLINE __u64* hcd_spill_at(struct hcd_spill* spill, __u32 home) {
  return &spill->homes[home / 8 % 8];
}

/* Never 0, so that an entry and a grave differ from a free place. */
HCD_INLINE __u64 hcd_index_tag(__u64 hash) {
  return (hash >> 32 | 1) << 32;
}

enum { HCD_INDEX_PROBES = 2 }; /* lines looked at: home and the next */

/* The rest is userland's. One writer at a time; the packet path reads while it writes. */

/* True when the entry is in; false when home and the next line are full: the map is too small. */
HCD_INLINE int hcd_index_put(struct hcd_index_line* lines, __u32 mask, __u64 hash, __u32 index) {
  for (__u32 probe = 0; probe < HCD_INDEX_PROBES; probe++) {
    __u64* entry = lines[((__u32)hash + probe) & mask].entry;
    for (int way = 0; way < HCD_INDEX_WAYS; way++) {
      if ((__u32)entry[way]) continue;
      __atomic_store_n(&entry[way], hcd_index_tag(hash) | index, __ATOMIC_RELEASE);
      return 1;
    }
  }
  return 0;
}

/* True when the entry was there. In a full line it leaves a grave: the search must go on to the next line. */
HCD_INLINE int hcd_index_remove(struct hcd_index_line* lines, __u32 mask, __u64 hash, __u32 index) {
  for (__u32 probe = 0; probe < HCD_INDEX_PROBES; probe++) {
    __u64* entry = lines[((__u32)hash + probe) & mask].entry;
    __u64* found = 0;
    int full = 1;
    for (int way = 0; way < HCD_INDEX_WAYS; way++) {
      if (entry[way] == (hcd_index_tag(hash) | index)) found = &entry[way];
      if (!entry[way]) full = 0;
    }
    if (!found) continue;
    __atomic_store_n(found, full ? hcd_index_tag(hash) : 0, __ATOMIC_RELEASE);
    return 1;
  }
  return 0;
}

HCD_PURE_END

#endif
