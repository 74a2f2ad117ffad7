/* SPDX-License-Identifier: ISC OR GPL-2.0-only
 *
 * Which slot of a ring a new flow takes. Source-hash is SipHash-2-4 (Aumasson and Bernstein, 2012), as in pf. */
#ifndef HCD_PICK_H
#define HCD_PICK_H

#include "kmod/pure.h"

HCD_PURE_BEGIN

struct hcd_sip {
  __u64 v[4];
};

HCD_INLINE __u64 hcd_rotate(__u64 x, int bits) {
  return x << bits | x >> (64 - bits);
}

HCD_INLINE void hcd_sip_rounds(struct hcd_sip* sip, int rounds) {
  __u64* v = sip->v;
  for (int i = 0; i < rounds; i++) {
    v[0] += v[1];
    v[2] += v[3];
    v[1] = hcd_rotate(v[1], 13) ^ v[0];
    v[3] = hcd_rotate(v[3], 16) ^ v[2];
    v[0] = hcd_rotate(v[0], 32) + v[3];
    v[2] += v[1];
    v[1] = hcd_rotate(v[1], 17) ^ v[2];
    v[3] = hcd_rotate(v[3], 21) ^ v[0];
    v[2] = hcd_rotate(v[2], 32);
  }
}

HCD_INLINE void hcd_sip_word(struct hcd_sip* sip, __u64 word) {
  sip->v[3] ^= word;
  hcd_sip_rounds(sip, 2);
  sip->v[0] ^= word;
}

HCD_INLINE struct hcd_sip hcd_sip_begin(const __u64 key[2]) {
  const struct hcd_sip sip = {{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d, key[0] ^ 0x6c7967656e657261,
                               key[1] ^ 0x7465646279746573}};
  return sip;
}
/* The last word bears the whole length in its upper byte. */
HCD_INLINE __u64 hcd_sip_end(struct hcd_sip* sip, __u64 last) {
  hcd_sip_word(sip, last);
  sip->v[2] ^= 0xff;
  hcd_sip_rounds(sip, 4);
  return sip->v[0] ^ sip->v[1] ^ sip->v[2] ^ sip->v[3];
}

/* Of an address in network order, read as little-endian words: 4 bytes of the first, or 16 of both. */
HCD_INLINE __u64 hcd_siphash(const __u64 key[2], const __u64 addr[2], int six) {
  struct hcd_sip sip = hcd_sip_begin(key);
  if (six) {
    hcd_sip_word(&sip, addr[0]);
    hcd_sip_word(&sip, addr[1]);
  }
  return hcd_sip_end(&sip, six ? 16ULL << 56 : 4ULL << 56 | (__u32)addr[0]);
}

/* Of a whole flow, in the order source, destination, ports, protocol: 13 bytes, or 37. */
HCD_INLINE __u64 hcd_siphash_flow(const __u64 key[2], const __u64 src[2], const __u64 dst[2], __be16 sport,
                                  __be16 dport, __u8 proto, int six) {
  struct hcd_sip sip = hcd_sip_begin(key);
  const __u64 ports = (__u64)dport << 16 | sport;
  if (!six) {
    hcd_sip_word(&sip, dst[0] << 32 | (__u32)src[0]);
    return hcd_sip_end(&sip, 13ULL << 56 | (__u64)proto << 32 | ports);
  }
  hcd_sip_word(&sip, src[0]);
  hcd_sip_word(&sip, src[1]);
  hcd_sip_word(&sip, dst[0]);
  hcd_sip_word(&sip, dst[1]);
  return hcd_sip_end(&sip, 37ULL << 56 | (__u64)proto << 32 | ports);
}

/* hcd_rule.ring taken apart. */
HCD_INLINE __u32 hcd_ring_slots(__u64 ring) {
  return (__u32)ring;
}
HCD_INLINE __u32 hcd_ring_line_of(__u64 ring, __u32 slot) {
  return (__u32)(ring >> 32) + slot / HCD_RING_LINE;
}

/* Number: a hash, or a cursor's count; attempt: how many slots in a row were refused before. */
HCD_INLINE __u32 hcd_ring_slot(__u64 ring, __u64 number, __u32 attempt) {
  return (__u32)((number + attempt) % hcd_ring_slots(ring));
}

HCD_PURE_END

#endif
